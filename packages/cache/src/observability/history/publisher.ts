import type { Board, Clock, Timer } from '../../ports.js'
import { chunkMs, chunkStart, chunkTopic, packChunk } from './chunk.js'
import type { Sampler } from './sampler.js'
import type { Series } from './series.js'

/** A process that is silent for this many intervals is no longer listed. */
const INTERVALS_UNTIL_GONE = 3

export interface PublisherOptions {
  readonly board: Board
  readonly node: string
  readonly clock: Clock
  readonly intervalMs: number
  readonly sampler: Sampler
  /** By topic: what this process says of itself at present. */
  readonly parts: Readonly<Record<string, () => Promise<Uint8Array>>>
  readonly failed: (error: unknown) => void
}

/**
 * Puts this process's figures on the board, regularly: the chunks of each series in which something was added, and what
 * it says of itself. A chunk is put up again as it grows, so that a process that dies takes at most one interval with
 * it.
 */
export class Publisher {
  readonly #options: PublisherOptions
  /** For each series, the beginning of the first chunk that has not been published in full. */
  readonly #from = new Map<Series, number>()
  #timer: Timer
  #underWay: Promise<void> | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Publishes now. Never rejects: figures that could not be sent are sent the next time, as long as they are kept. */
  publish(): Promise<void> {
    this.#underWay ??= this.#publish()
      .catch(this.#options.failed)
      .finally(() => {
        this.#underWay = undefined
      })
    return this.#underWay
  }

  async stop(): Promise<void> {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    await this.publish()
    const { board, node, parts, failed } = this.#options
    for (const topic of Object.keys(parts)) await board.remove(topic, node).catch(failed)
  }

  #schedule(): void {
    const { clock, intervalMs } = this.#options
    // Spread by chance, so that the processes of a fleet do not all publish at once.
    const delayMs = intervalMs * (0.9 + 0.2 * clock.random())
    this.#timer = clock.setTimeout(() => {
      void this.publish()
      this.#schedule()
    }, delayMs)
  }

  async #publish(): Promise<void> {
    const { board, node, sampler, intervalMs, parts } = this.#options
    sampler.sample()
    for (const [topic, part] of Object.entries(parts))
      await board.put(topic, node, await part(), intervalMs * INTERVALS_UNTIL_GONE)
    for (const series of sampler.series) await this.#publishSeries(series)
  }

  async #publishSeries(series: Series): Promise<void> {
    const { board, node, clock } = this.#options
    const { shape } = series
    const frames = series.frames(this.#from.get(series))
    const starts = [...new Set(frames.map(({ at }) => chunkStart(shape, at)))]
    const keptMs = shape.kept * shape.widthMs + chunkMs(shape)
    for (const start of starts) {
      const expiresInMs = start + keptMs - clock.now()
      if (expiresInMs <= 0) continue
      const chunk = frames.filter(({ at }) => chunkStart(shape, at) === start)
      await board.put(chunkTopic(shape, start), node, packChunk(chunk), expiresInMs)
      this.#from.set(series, start)
    }
  }
}
