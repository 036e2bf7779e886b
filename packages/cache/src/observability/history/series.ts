import type { Resolution } from '../../watching.js'
import { FrameSum } from './frame.js'
import { encodeFrame, type FrameHead } from './frame-codec.js'

/** One series of the history: intervals of one width, the last `kept` of them. */
export interface SeriesShape {
  readonly resolution: Resolution
  readonly widthMs: number
  readonly kept: number
  /** Intervals that are published together. */
  readonly perChunk: number
  /** Whether durations are kept in a quarter of the buckets. */
  readonly coarse: boolean
}

export const SERIES: readonly SeriesShape[] = [
  { resolution: '1s', widthMs: 1_000, kept: 600, perChunk: 10, coarse: false },
  { resolution: '10s', widthMs: 10_000, kept: 720, perChunk: 12, coarse: false },
  { resolution: '5m', widthMs: 300_000, kept: 2_016, perChunk: 12, coarse: true },
]

/** A recorded interval. */
export interface Frame extends FrameHead {
  readonly bytes: Uint8Array
}

/**
 * The intervals of one process, as bytes: the last `kept` and the one that is still open. Intervals begin at whole
 * multiples of their width, on every process at the same times.
 */
export class Series {
  readonly shape: SeriesShape
  readonly #closed: Frame[] = []
  readonly #open = new FrameSum()
  #openAt: number | undefined
  #openMs = 0
  #current: Frame | undefined

  constructor(shape: SeriesShape) {
    this.shape = shape
  }

  /**
   * Adds what was counted in the `durationMs` up to `now`, to the interval that its middle lies in: timers fire late.
   */
  add(sum: FrameSum, now: number, durationMs: number): void {
    const { widthMs } = this.shape
    const at = Math.floor((now - Math.max(1, durationMs) / 2) / widthMs) * widthMs
    if (this.#openAt !== at) this.#close()
    this.#openAt = at
    this.#openMs += durationMs
    this.#current = undefined
    this.#open.forgetSizes()
    this.#open.add(sum)
  }

  /** Oldest first, the open one last. */
  frames(from = Number.NEGATIVE_INFINITY): Frame[] {
    const open = this.#openFrame()
    const all = open === undefined ? this.#closed : [...this.#closed, open]
    const first = all.findIndex(({ at }) => at >= from)
    return first < 0 ? [] : all.slice(first)
  }

  #close(): void {
    const open = this.#openFrame()
    this.#openAt = undefined
    this.#openMs = 0
    this.#current = undefined
    this.#open.reset()
    if (open === undefined) return
    this.#closed.push(open)
    const { widthMs, kept } = this.shape
    const oldest = open.at - (kept - 1) * widthMs
    const outdated = this.#closed.findIndex(({ at }) => at >= oldest)
    if (outdated > 0) this.#closed.splice(0, outdated)
  }

  #openFrame(): Frame | undefined {
    if (this.#openAt === undefined) return undefined
    const head = { at: this.#openAt, durationMs: Math.min(this.#openMs, this.shape.widthMs) }
    this.#current ??= { ...head, bytes: encodeFrame(head, this.#open, this.shape.coarse) }
    return this.#current
  }
}
