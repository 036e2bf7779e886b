import type { Board, Clock } from '../../ports.js'
import type { Resolution } from '../../watching.js'
import { chunkMs, chunkStart, chunkTopic, unpackChunk } from './chunk.js'
import { FrameSum } from './frame.js'
import { addFrame, encodeFrame } from './frame-codec.js'
import { type Chunk, LoadedHistory, type Slot, shapeOf } from './loaded-history.js'
import type { Sampler } from './sampler.js'
import type { Frame, Series, SeriesShape } from './series.js'

export interface FleetHistoryOptions {
  /** `undefined`: this process knows of no other. */
  readonly board: Board | undefined
  readonly node: string
  readonly clock: Clock
  readonly sampler: Sampler
  /** How long after its end a chunk may still be published. */
  readonly lateMs: number
  /** Told of figures that could not be read: damaged, or of another version. */
  readonly skipped: (topic: string, node: string, error: unknown) => void
}

/** The frames of one chunk by process. */
type Parts = Map<string, readonly Frame[]>

/**
 * Reads the history of the namespace: what every process has published, merged, with this process's own figures fresh
 * from its sampler. Chunks that are over are merged once and kept, so that asking again reads only what is still
 * growing.
 */
export class FleetHistory {
  readonly #options: FleetHistoryOptions
  readonly #merged = new Map<string, Chunk>()

  constructor(options: FleetHistoryOptions) {
    this.#options = options
  }

  /** Rejects when the board cannot be read. */
  async fleet(resolutions: readonly Resolution[], sinceMs?: number): Promise<LoadedHistory> {
    return this.#load(resolutions, sinceMs, (shape, from) => this.#mergedChunks(shape, from))
  }

  /** One process, by its name; this one needs no board. */
  async node(node: string, resolutions: readonly Resolution[], sinceMs?: number): Promise<LoadedHistory> {
    return this.#load(resolutions, sinceMs, async (shape, from) => {
      if (node === this.#options.node) return ownChunks(node, this.#seriesOf(shape), from)
      const starts = startsFrom(shape, from, this.#options.clock.now())
      const read = await this.#read(shape, starts)
      return read.flatMap((parts, at) => {
        const own = new Map([...parts].filter(([name]) => name === node))
        return own.size === 0 ? [] : [mergeChunk(shape, starts[at] as number, own, false)]
      })
    })
  }

  async #load(
    resolutions: readonly Resolution[],
    since: number | undefined,
    read: (shape: SeriesShape, from: number) => Promise<readonly Chunk[]>,
  ): Promise<LoadedHistory> {
    this.#options.sampler.sample()
    const now = this.#options.clock.now()
    const chunks = new Map<Resolution, readonly Chunk[]>()
    for (const shape of resolutions.map(shapeOf)) {
      const oldest = now - shape.kept * shape.widthMs
      chunks.set(shape.resolution, await read(shape, Math.max(oldest, since ?? oldest)))
    }
    return new LoadedHistory(now, chunks)
  }

  async #mergedChunks(shape: SeriesShape, from: number): Promise<readonly Chunk[]> {
    const { clock, lateMs } = this.#options
    const now = clock.now()
    const starts = startsFrom(shape, from, now)
    // Taken now: while the board is read, time goes on, and a later call may drop what is old by then.
    const chunks = new Map<number, Chunk | undefined>(
      starts.map((start) => [start, this.#merged.get(chunkTopic(shape, start))]),
    )
    const unknown = starts.filter((start) => chunks.get(start) === undefined)
    const read = await this.#read(shape, unknown)
    for (const [at, start] of unknown.entries()) {
      const over = start + chunkMs(shape) + lateMs < now
      const chunk = mergeChunk(shape, start, read[at] ?? new Map(), over)
      chunks.set(start, chunk)
      if (over) this.#merged.set(chunkTopic(shape, start), chunk)
    }
    this.#forgetBefore(shape, now - shape.kept * shape.widthMs - chunkMs(shape))
    return [...chunks.values()] as Chunk[]
  }

  /** What processes have published of some chunks, this one's part taken from its sampler. */
  async #read(shape: SeriesShape, starts: readonly number[]): Promise<Parts[]> {
    const { board, node } = this.#options
    const topics = starts.map((start) => chunkTopic(shape, start))
    const published = (await board?.read(topics)) ?? topics.map(() => new Map<string, Uint8Array>())
    const own = this.#seriesOf(shape).frames(starts[0])
    return published.map((parts, at) => {
      const found: Parts = new Map()
      for (const [name, bytes] of parts) {
        try {
          found.set(name, unpackChunk(bytes))
        } catch (error) {
          this.#options.skipped(topics[at] as string, name, error)
        }
      }
      const ownFrames = own.filter((frame) => chunkStart(shape, frame.at) === starts[at])
      if (ownFrames.length > 0) found.set(node, ownFrames)
      return found
    })
  }

  #seriesOf(shape: SeriesShape): Series {
    return this.#options.sampler.series.find((series) => series.shape === shape) as Series
  }

  #forgetBefore(shape: SeriesShape, oldest: number): void {
    const prefix = chunkTopic(shape, 0).slice(0, -1)
    for (const [topic, { start }] of this.#merged)
      if (topic.startsWith(prefix) && start < oldest) this.#merged.delete(topic)
  }
}

function startsFrom(shape: SeriesShape, from: number, now: number): number[] {
  const starts: number[] = []
  for (let start = chunkStart(shape, from); start <= now; start += chunkMs(shape)) starts.push(start)
  return starts
}

function ownChunks(node: string, series: Series, from: number): Chunk[] {
  const frames = series.frames(chunkStart(series.shape, from))
  const starts = [...new Set(frames.map(({ at }) => chunkStart(series.shape, at)))]
  return starts.map((start) => ({
    start,
    nodes: [node],
    slots: frames.filter(({ at }) => chunkStart(series.shape, at) === start).map((frame) => ({ ...frame, nodes: 1 })),
    sum: undefined,
  }))
}

function mergeChunk(shape: SeriesShape, start: number, parts: Parts, over: boolean): Chunk {
  const bySlot = new Map<number, Frame[]>()
  for (const frames of parts.values()) {
    for (const frame of frames) {
      const slot = bySlot.get(frame.at)
      if (slot === undefined) bySlot.set(frame.at, [frame])
      else slot.push(frame)
    }
  }
  const slots = [...bySlot.entries()].sort(([a], [b]) => a - b).map(([at, frames]) => mergeSlot(shape, at, frames))
  const sum = over && slots.length > 0 ? mergeOverTime(shape, start, slots) : undefined
  return { start, nodes: [...parts.keys()], slots, sum }
}

function mergeSlot(shape: SeriesShape, at: number, frames: readonly Frame[]): Slot {
  const durationMs = Math.max(...frames.map((frame) => frame.durationMs))
  const [only] = frames
  if (frames.length === 1 && only !== undefined) return { at, durationMs, nodes: 1, bytes: only.bytes }
  const sum = new FrameSum()
  for (const { bytes } of frames) addFrame(bytes, sum)
  return { at, durationMs, nodes: frames.length, bytes: encodeFrame({ at, durationMs }, sum, shape.coarse) }
}

function mergeOverTime(shape: SeriesShape, start: number, slots: readonly Slot[]): Uint8Array {
  const sum = new FrameSum()
  let durationMs = 0
  for (const slot of slots) {
    sum.forgetSizes()
    addFrame(slot.bytes, sum)
    durationMs += slot.durationMs
  }
  return encodeFrame({ at: start, durationMs }, sum, shape.coarse)
}
