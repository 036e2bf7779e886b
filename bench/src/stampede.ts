import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Case, comparison } from './harness/comparison.js'
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
      const settings = { host, port, namespace: `stampede-${processes}`, loadMs: LOAD_MS }
      const started = await Promise.all(Array.from({ length: processes }, () => start(settings)))
      const [{ ready }] = started as [Started]
      let round = 0
      return ready.map((cache, index) => ({
        ...cache,
        role: caches[index]?.[0] ?? 'rival',
        async measure() {
          const order = { cache: index, key: `cold:${round++}`, callers: CALLERS }
          const loads = await Promise.all(started.map(({ child }) => ask(child, order)))
          return loads.reduce((sum, count) => sum + count, 0)
        },
        close: () => Promise.all(started.map(({ child }) => end(child))),
      }))
    },
  }
}

interface Started {
  readonly child: ChildProcess
  readonly ready: StampedeReady
}

async function start(settings: StampedeSettings): Promise<Started> {
  const child = fork(PROCESS, [JSON.stringify(settings)])
  return { child, ready: (await answerOf(child)) as StampedeReady }
}

async function ask(child: ChildProcess, order: StampedeOrder): Promise<number> {
  const answer = answerOf(child)
  child.send(order)
  return (await answer) as number
}

/** The next message, unless the process ends before. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  try {
    const exit = once(child, 'exit', ended).then(() => {
      throw new Error('a process of the stampede has ended')
    })
    const [message] = await Promise.race([once(child, 'message', ended), exit])
    return message
  } finally {
    ended.abort()
  }
}

/** Every cache closes the processes that it shares with the others; the first one does it. */
async function end(child: ChildProcess): Promise<void> {
  if (!child.connected) return
  const exited = once(child, 'exit')
  child.disconnect()
  await exited
}
