import { fileURLToPath } from 'node:url'
import { type Case, comparison } from './harness/comparison.js'
import { ServiceProcess } from './harness/processes.js'
import { caches, type StampedeOrder, type StampedeReady, type StampedeSettings } from './stampede-messages.js'

const CALLERS = 250
const LOAD_MS = 200
const PROCESS = fileURLToPath(new URL('./stampede-process.js', import.meta.url))

/** Loads made for a cold key that many ask for at once. */
export const stampede = comparison({
  name: 'stampede',
  about: 'loads made when many ask for a cold key at once, in one process and in several, against others',
  rounds: 9,
  warmUpRounds: 1,
  cases: [coldKey(1), coldKey(4)],
})

function coldKey(processes: number): Case {
  const several = processes === 1 ? 'one process' : `each of ${processes} processes`
  return {
    name: processes === 1 ? 'one process' : `${processes} processes`,
    about: `${CALLERS} callers in ${several} read one cold key at the same time; a load takes ${LOAD_MS} ms`,
    unit: 'loads',
    better: 'lower',
    async open({ redis }) {
      const { host, port } = await redis()
      const settings: StampedeSettings = { host, port, namespace: `stampede-${processes}`, loadMs: LOAD_MS }
      const started = await ServiceProcess.startAll<StampedeSettings, StampedeReady, StampedeOrder, number>(
        PROCESS,
        Array.from({ length: processes }, () => settings),
      )
      let round = 0
      return caches.map(([role], index) => ({
        ...started[0]!.ready[index]!,
        role,
        async measure() {
          const order = { cache: index, key: `cold:${round++}`, callers: CALLERS }
          const loads = await Promise.all(started.map((one) => one.ask(order)))
          return loads.reduce((sum, count) => sum + count, 0)
        },
        // Caches share their processes: the first one that is closed ends them.
        close: () => Promise.all(started.map((one) => one.end())),
      }))
    },
  }
}
