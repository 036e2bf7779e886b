import { COUNTERS, type DefinitionCounters, DISTRIBUTIONS } from '../counters.js'
import { coarseBucketOf, type DurationHistogram } from '../histogram.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { EVENTS, type FrameSum, SIZES } from './frame.js'

/**
 * A frame: what was counted in one interval, as bytes. Sparse, because most counters of most intervals are 0: per
 * definition a mask of the counters that are not, then those; per distribution its buckets in use as distances and
 * counts.
 */
const VERSION = 1

export interface FrameHead {
  /** Beginning of the interval. */
  readonly at: number
  /** How much of it was recorded. */
  readonly durationMs: number
}

/** `coarse` keeps a quarter of the buckets of durations, for series that are kept long. */
export function encodeFrame(head: FrameHead, sum: FrameSum, coarse: boolean): Uint8Array {
  const writer = new ByteWriter()
  writer.whole(VERSION)
  writer.whole(head.at)
  writer.whole(head.durationMs)
  for (const name of SIZES) writer.whole(finite(sum.process[name]))
  for (const name of EVENTS) writer.whole(sum.process[name])
  const busy = [...sum.definitions].filter(([, counters]) => !isIdle(counters))
  writer.whole(busy.length)
  for (const [name, counters] of busy) {
    writer.text(name)
    writeCounters(writer, counters)
    for (const distribution of DISTRIBUTIONS) writeDistribution(writer, counters[distribution], coarse)
  }
  return writer.finish()
}

/**
 * Adds a frame to a sum. Throws when it was not written by {@link encodeFrame} of this version; the sum is then of no
 * use.
 */
export function addFrame(bytes: Uint8Array, sum: FrameSum): FrameHead {
  const reader = open(bytes)
  const head = { at: reader.whole(), durationMs: reader.whole() }
  for (const name of SIZES) sum.process[name] += reader.whole()
  for (const name of EVENTS) sum.process[name] += reader.whole()
  const definitions = reader.whole()
  for (let i = 0; i < definitions; i++) {
    const counters = sum.of(reader.text())
    readCounters(reader, counters, sum.total)
    for (const name of DISTRIBUTIONS) readDistribution(reader, counters[name], sum.total[name])
  }
  return head
}

function open(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes)
  const version = reader.whole()
  if (version !== VERSION) throw new RangeError(`a frame of version ${version}, not ${VERSION}`)
  return reader
}

function isIdle(counters: DefinitionCounters): boolean {
  return COUNTERS.every((name) => counters[name] === 0) && DISTRIBUTIONS.every((name) => counters[name].total === 0)
}

function writeCounters(writer: ByteWriter, counters: DefinitionCounters): void {
  let mask = 0
  for (const [bit, name] of COUNTERS.entries()) if (counters[name] !== 0) mask |= 1 << bit
  writer.whole(mask)
  for (const name of COUNTERS) if (counters[name] !== 0) writer.whole(counters[name])
}

function readCounters(reader: ByteReader, ...into: readonly DefinitionCounters[]): void {
  const mask = reader.whole()
  for (const [bit, name] of COUNTERS.entries()) {
    if ((mask & (1 << bit)) === 0) continue
    const count = reader.whole()
    for (const counters of into) counters[name] += count
  }
}

function writeDistribution(writer: ByteWriter, distribution: DurationHistogram, coarse: boolean): void {
  const buckets: [bucket: number, count: number][] = []
  distribution.eachBucket((exact, count) => {
    const bucket = coarse ? coarseBucketOf(exact) : exact
    const last = buckets.at(-1)
    if (last?.[0] === bucket) last[1] += count
    else buckets.push([bucket, count])
  })
  writer.whole(buckets.length)
  if (buckets.length === 0) return
  writer.real(distribution.sumMs)
  writer.real(distribution.maxMs)
  let before = 0
  for (const [bucket, count] of buckets) {
    writer.whole(bucket - before)
    writer.whole(count)
    before = bucket
  }
}

function readDistribution(reader: ByteReader, ...into: readonly DurationHistogram[]): void {
  const buckets = reader.whole()
  if (buckets === 0) return
  const sum = reader.real()
  const max = reader.real()
  for (const distribution of into) distribution.addExtremes(sum, max)
  let bucket = 0
  for (let i = 0; i < buckets; i++) {
    bucket += reader.whole()
    const count = reader.whole()
    for (const distribution of into) distribution.addBucket(bucket, count)
  }
}

/** A tier without a bound on its bytes is written as one with the bound 0. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
