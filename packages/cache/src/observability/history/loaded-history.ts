import type { Resolution } from '../../watching.js'
import { chunkMs } from './chunk.js'
import { FrameSum } from './frame.js'
import { addFrame } from './frame-codec.js'
import { SERIES, type SeriesShape } from './series.js'

/** An interval, merged over the processes that recorded it. */
export interface Slot {
  readonly at: number
  readonly durationMs: number
  readonly nodes: number
  readonly bytes: Uint8Array
}

/** Neighbouring intervals. `sum` is all of them in one frame, for chunks that will not change any more. */
export interface Chunk {
  readonly start: number
  readonly nodes: readonly string[]
  /** Oldest first. */
  readonly slots: readonly Slot[]
  readonly sum: Uint8Array | undefined
}

/** What was counted in a window. */
export interface WindowSum {
  readonly from: number
  readonly to: number
  readonly coveredMs: number
  readonly nodes: readonly string[]
  readonly sum: FrameSum
}

/** The finest series that reaches back so far; the longest when none does. */
export function shapeFor(windowMs: number): SeriesShape {
  const longest = SERIES.at(-1) as SeriesShape
  return SERIES.find(({ widthMs, kept }) => windowMs <= widthMs * kept) ?? longest
}

export function shapeOf(resolution: Resolution): SeriesShape {
  return SERIES.find((shape) => shape.resolution === resolution) as SeriesShape
}

/** The history of some processes as it was read at one moment; what is asked of it is added up when it is asked. */
export class LoadedHistory {
  readonly at: number
  readonly #chunks: ReadonlyMap<Resolution, readonly Chunk[]>

  constructor(at: number, chunks: ReadonlyMap<Resolution, readonly Chunk[]>) {
    this.at = at
    this.#chunks = chunks
  }

  slots(resolution: Resolution, since = Number.NEGATIVE_INFINITY): Slot[] {
    return this.#chunksOf(resolution).flatMap(({ slots }) => slots.filter(({ at }) => at >= since))
  }

  over(windowMs: number): WindowSum {
    const shape = shapeFor(windowMs)
    return this.between(shape, this.at - Math.min(windowMs, shape.widthMs * shape.kept), this.at)
  }

  /** Of the intervals of a series that begin from `from`, rounded down to an interval, until before `to`. */
  between(shape: SeriesShape, from: number, to: number): WindowSum {
    const begin = Math.floor(from / shape.widthMs) * shape.widthMs
    const sum = new FrameSum()
    const nodes = new Set<string>()
    let coveredMs = 0
    for (const chunk of this.#chunksOf(shape.resolution)) {
      const inside = chunk.slots.filter(({ at }) => at >= begin && at < to)
      if (inside.length === 0) continue
      for (const node of chunk.nodes) nodes.add(node)
      for (const { durationMs } of inside) coveredMs += durationMs
      const whole = chunk.start >= begin && chunk.start + chunkMs(shape) <= to
      const parts = whole && chunk.sum !== undefined ? [chunk.sum] : inside.map(({ bytes }) => bytes)
      for (const bytes of parts) {
        // Sizes are those of the last interval.
        sum.forgetSizes()
        addFrame(bytes, sum)
      }
    }
    return { from: begin, to, coveredMs, nodes: [...nodes].sort(), sum }
  }

  #chunksOf(resolution: Resolution): readonly Chunk[] {
    return this.#chunks.get(resolution) ?? []
  }
}
