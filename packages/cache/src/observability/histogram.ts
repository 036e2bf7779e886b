import type { DurationRecorder } from '../ports.js'
import { DURATION_BOUNDS_MS, type DurationFigures } from '../stats.js'

/** Each power of two is divided into this many buckets of equal width. */
const BUCKETS_PER_OCTAVE = 16
const LOWEST_EXPONENT = -14
const HIGHEST_EXPONENT = 18
const BUCKETS = (HIGHEST_EXPONENT - LOWEST_EXPONENT) * BUCKETS_PER_OCTAVE

/** Durations at or below are one bucket: 61 nanoseconds. */
export const SHORTEST_MS = 2 ** LOWEST_EXPONENT
/** Durations above are counted in the last bucket: 4.4 minutes. */
export const LONGEST_MS = 2 ** HIGHEST_EXPONENT
/** Percentiles between `SHORTEST_MS` and `LONGEST_MS` are off by at most this share: half the width of a bucket. */
export const RELATIVE_ERROR = 1 / (2 * BUCKETS_PER_OCTAVE)

/** The bits of one float64, to take its exponent and the top of its mantissa apart. */
const bits = new DataView(new ArrayBuffer(8))
const FIRST_BUCKET_BITS = (1023 + LOWEST_EXPONENT) * BUCKETS_PER_OCTAVE

/**
 * A distribution of durations in fixed memory (4 KiB): log-linear buckets as in HdrHistogram (Tene, 2012), 16 for each
 * power of two of milliseconds. A float64 is laid out just so: its exponent and the first four bits of its mantissa,
 * read as one number, are the bucket. Buckets include their upper bound, so that powers of two are counted exactly.
 */
export class DurationHistogram implements DurationRecorder {
  private readonly counts = new Float64Array(BUCKETS)
  private count = 0
  private sum = 0
  private max = 0

  /** What is not above 0 counts as 0. */
  record(durationMs: number): void {
    const duration = durationMs > 0 ? durationMs : 0
    this.counts[bucketOf(duration)]! += 1
    this.count += 1
    this.sum += duration
    if (duration > this.max) this.max = duration
  }

  /** Adds what `other` has recorded; the same as if it had been recorded here. */
  add(other: DurationHistogram): void {
    for (let i = 0; i < BUCKETS; i++) this.counts[i]! += other.counts[i]!
    this.count += other.count
    this.sum += other.sum
    if (other.max > this.max) this.max = other.max
  }

  /** The smallest recorded duration that at least `share` (0 to 1) of all are not above; 0 when there is none. */
  percentile(share: number): number {
    if (this.count === 0) return 0
    const rank = Math.max(1, Math.ceil(share * this.count))
    if (rank >= this.count) return this.max
    let passed = 0
    for (let i = 0; i < BUCKETS; i++) {
      passed += this.counts[i]!
      if (passed >= rank) return Math.min(middleOf(i), this.max)
    }
    return this.max
  }

  figures(): DurationFigures {
    return {
      count: this.count,
      mean: this.count === 0 ? 0 : this.sum / this.count,
      p50: this.percentile(0.5),
      p90: this.percentile(0.9),
      p99: this.percentile(0.99),
      max: this.max,
      buckets: this.buckets(),
    }
  }

  private buckets(): number[] {
    let next = 0
    const totals = DURATION_BOUNDS_MS.map((bound) => {
      const end = bucketOf(bound) + 1
      let total = 0
      for (; next < end; next++) total += this.counts[next]!
      return total
    })
    let beyond = 0
    for (; next < BUCKETS; next++) beyond += this.counts[next]!
    return [...totals, beyond]
  }
}

function bucketOf(durationMs: number): number {
  if (durationMs <= SHORTEST_MS) return 0
  if (durationMs > LONGEST_MS) return BUCKETS - 1
  bits.setFloat64(0, durationMs)
  // One step below the duration, so that a duration on the border belongs to the bucket below it.
  const high = bits.getUint32(4) === 0 ? bits.getUint32(0) - 1 : bits.getUint32(0)
  return (high >>> 16) - FIRST_BUCKET_BITS
}

function middleOf(bucket: number): number {
  if (bucket === 0) return SHORTEST_MS
  const octave = 2 ** (LOWEST_EXPONENT + Math.floor(bucket / BUCKETS_PER_OCTAVE))
  return octave * (1 + ((bucket % BUCKETS_PER_OCTAVE) + 0.5) / BUCKETS_PER_OCTAVE)
}
