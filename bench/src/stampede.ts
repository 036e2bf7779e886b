import { type Case, comparison } from './harness/comparison.js'
import { everybody, type RemoteCache } from './remote-caches.js'
import { roomOf } from './sample-values.js'

const CALLERS = 50
/** Of a load, in milliseconds: long enough that all callers come while it is under way. */
const LOAD_MS = 50

/** A plain GET loads nothing. */
const caches = everybody.filter(([role]) => role !== 'floor')

/** Loads made for a cold key that many ask for at once. */
export const stampede = comparison({
  name: 'stampede',
  about: 'loads made when many ask for a cold key at once, in one node and in several, against others',
  rounds: 9,
  warmUpRounds: 1,
  cases: [coldKey(1), coldKey(4)],
})

function coldKey(nodes: number): Case {
  const several = nodes === 1 ? 'one node' : `${nodes} nodes, each with a memory and connections of its own,`
  return {
    name: nodes === 1 ? 'one node' : `${nodes} nodes`,
    about: `${CALLERS} callers on ${several} read one cold key at the same time; a load takes ${LOAD_MS} ms`,
    unit: 'loads',
    better: 'lower',
    async open({ redis }) {
      const { host, port } = await redis()
      return Promise.all(
        caches.map(async ([role, open], index) => {
          let loads = 0
          const load = async (key: string) => {
            loads++
            await new Promise((resolve) => setTimeout(resolve, LOAD_MS))
            return roomOf(key, 1_024)
          }
          const settings = { host, port, namespace: `stampede-${nodes}-${index}`, inMemory: 1_000, load }
          const opened = await Promise.all(Array.from({ length: nodes }, () => open(settings)))
          let round = 0
          return {
            ...(opened[0] as RemoteCache),
            role,
            async measure() {
              loads = 0
              const key = `cold:${round++}`
              const callers = Array.from({ length: CALLERS }, (_, at) => opened[at % nodes]?.read(key))
              await Promise.all(callers)
              return loads
            },
            close: () => Promise.all(opened.map((cache) => cache.close())),
          }
        }),
      )
    },
  }
}
