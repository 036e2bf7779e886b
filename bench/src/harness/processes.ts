import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** What a process of a benchmark does: says once what it has opened, answers orders one at a time, and closes. */
export interface Service<Ready, Order, Answer> {
  readonly ready: Ready
  answer(order: Order): Promise<Answer>
  close(): Promise<unknown> | unknown
}

/**
 * Runs this process as a {@link Service}, made from the settings that it was started with, until its parent lets go.
 */
export async function serve<Settings, Ready, Order, Answer>(
  open: (settings: Settings) => Promise<Service<Ready, Order, Answer>>,
): Promise<void> {
  const service = await open(JSON.parse(process.argv[2] ?? '') as Settings)
  process.on('message', async (order: Order) => {
    process.send?.(await service.answer(order))
  })
  process.on('disconnect', async () => {
    await service.close()
    process.exit()
  })
  process.send?.(service.ready)
}

/** A process that runs {@link serve}, seen from its parent. */
export class ServiceProcess<Ready, Order, Answer> {
  readonly #child: ChildProcess
  readonly ready: Ready

  private constructor(child: ChildProcess, ready: Ready) {
    this.#child = child
    this.ready = ready
  }

  /**
   * Starts `file` once for each of these settings, one after the other: side by side they would take the processors
   * from each other while they warm up. When one of them cannot start, the others end as well.
   */
  static async startAll<Settings, Ready, Order, Answer>(
    file: string,
    settings: readonly Settings[],
  ): Promise<readonly ServiceProcess<Ready, Order, Answer>[]> {
    const children: ChildProcess[] = []
    const started: ServiceProcess<Ready, Order, Answer>[] = []
    try {
      for (const one of settings) {
        const child = fork(file, [JSON.stringify(one)])
        children.push(child)
        started.push(new ServiceProcess<Ready, Order, Answer>(child, (await answerOf(child)) as Ready))
      }
      return started
    } catch (error) {
      for (const child of children) child.kill()
      throw error
    }
  }

  async ask(order: Order): Promise<Answer> {
    const answer = answerOf(this.#child)
    this.#child.send(order as object)
    return (await answer) as Answer
  }

  /** Lets the process close what it has opened, and waits for its end; nothing more when it has ended. */
  async end(): Promise<void> {
    if (!this.#child.connected) return
    const exited = once(this.#child, 'exit')
    this.#child.disconnect()
    await exited
  }
}

/** The next message, unless the process ends before. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  try {
    const exit = once(child, 'exit', ended).then(([code, signal]) => {
      throw new Error(`a process of the benchmark has ended (${signal ?? `code ${code}`})`)
    })
    const [message] = await Promise.race([once(child, 'message', ended), exit])
    return message
  } finally {
    ended.abort()
  }
}
