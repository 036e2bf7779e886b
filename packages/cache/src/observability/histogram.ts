import type { DurationRecorder } from '../ports.js'
import { DURATION_BOUNDS_MS, type DurationFigures } from '../stats.js'

/** Each power of two is divided into this many buckets of equal width. */
const BUCKETS_PER_OCTAVE = 16
/** Neighbouring buckets that become one in a coarse distribution. */
const COARSE_WIDTH = 4
const LOWEST_EXPONENT = -14
const HIGHEST_EXPONENT = 18
/** How many buckets there are. */
export const BUCKETS = (HIGHEST_EXPONENT - LOWEST_EXPONENT) * BUCKETS_PER_OCTAVE

/** Durations at or below are one bucket: 61 nanoseconds. */
export const SHORTEST_MS = 2 ** LOWEST_EXPONENT
/** Durations above are counted in the last bucket: 4.4 minutes. */
export const LONGEST_MS = 2 ** HIGHEST_EXPONENT
/** Percentiles between `SHORTEST_MS` and `LONGEST_MS` are off by at most this share: half the width of a bucket. */
export const RELATIVE_ERROR = 1 / (2 * BUCKETS_PER_OCTAVE)

/** The same for a coarse distribution, as the long series of the history keeps. */
export const COARSE_RELATIVE_ERROR = RELATIVE_ERROR * (COARSE_WIDTH + 1)

/** The bits of one float64, to take its exponent and the top of its mantissa apart. */
const bits = new DataView(new ArrayBuffer(8))
const FIRST_BUCKET_BITS = (1023 + LOWEST_EXPONENT) * BUCKETS_PER_OCTAVE

/**
 * A distribution of durations in fixed memory (4 KiB): log-linear buckets as in HdrHistogram (Tene, 2012), 16 for each
 * power of two of milliseconds. A float64 is laid out just so: its exponent and the first four bits of its mantissa,
 * read as one number, are the bucket. Buckets include their upper bound, so that powers of two are counted exactly.
 */
export class DurationHistogram implements DurationRecorder {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  /** What is not above 0 counts as 0. */
  record(durationMs: number): void {
    const duration = durationMs > 0 ? durationMs : 0
    this.#counts[bucketOf(duration)]! += 1
    this.#count += 1
    this.#sum += duration
    if (duration > this.#max) this.#max = duration
  }

  /** Adds what `other` has recorded; the same as if it had been recorded here. */
  add(other: DurationHistogram): void {
    if (other.#count === 0) return
    for (let i = 0; i < BUCKETS; i++) this.#counts[i]! += other.#counts[i]!
    this.#count += other.#count
    this.#sum += other.#sum
    if (other.#max > this.#max) this.#max = other.#max
  }

  /** Adds `count` durations that were counted in a bucket, for readers of a written distribution. */
  addBucket(bucket: number, count: number): void {
    this.#counts[bucket]! += count
    this.#count += count
  }

  /** Adds the exact sum and maximum that belong to buckets added by {@link addBucket}. */
  addExtremes(sum: number, max: number): void {
    this.#sum += sum
    if (max > this.#max) this.#max = max
  }

  /** Adds what `other` has recorded, each duration `factor` times: what is known by sample stands for more. */
  addScaled(other: DurationHistogram, factor: number): void {
    if (other.#count === 0) return
    for (let i = 0; i < BUCKETS; i++) this.#counts[i]! += other.#counts[i]! * factor
    this.#count += other.#count * factor
    this.#sum += other.#sum * factor
    if (other.#max > this.#max) this.#max = other.#max
  }

  /**
   * Becomes what `now` has recorded beyond `before`. The maximum of that alone is known only when it is the largest
   * ever; otherwise it is given as the upper bound of the highest bucket in use.
   */
  setDifference(now: DurationHistogram, before: DurationHistogram): void {
    this.reset()
    if (now.#count === before.#count) return
    let highest = 0
    for (let i = 0; i < BUCKETS; i++) {
      const count = now.#counts[i]! - before.#counts[i]!
      this.#counts[i] = count
      if (count > 0) highest = i
    }
    this.#count = now.#count - before.#count
    this.#sum = Math.max(0, now.#sum - before.#sum)
    this.#max = now.#max > before.#max ? now.#max : Math.min(now.#max, upperBoundOf(highest))
  }

  copyFrom(other: DurationHistogram): void {
    if (this.#count === other.#count) return
    this.#counts.set(other.#counts)
    this.#count = other.#count
    this.#sum = other.#sum
    this.#max = other.#max
  }

  reset(): void {
    if (this.#count === 0) return
    this.#counts.fill(0)
    this.#count = 0
    this.#sum = 0
    this.#max = 0
  }

  get total(): number {
    return this.#count
  }

  get sumMs(): number {
    return this.#sum
  }

  get maxMs(): number {
    return this.#max
  }

  /** Calls with each bucket in use, lowest first. */
  eachBucket(visit: (bucket: number, count: number) => void): void {
    if (this.#count === 0) return
    for (let i = 0; i < BUCKETS; i++) if (this.#counts[i]! !== 0) visit(i, this.#counts[i]!)
  }

  /** How many took at most so long; between two bounds of buckets, by the share of the bucket that lies below. */
  countAtMost(durationMs: number): number {
    if (durationMs >= this.#max) return this.#count
    const last = bucketOf(durationMs)
    let passed = 0
    for (let i = 0; i < last; i++) passed += this.#counts[i]!
    const lower = last === 0 ? 0 : upperBoundOf(last - 1)
    const share = Math.min(1, (durationMs - lower) / (upperBoundOf(last) - lower))
    return passed + this.#counts[last]! * share
  }

  /** The smallest recorded duration that at least `share` (0 to 1) of all are not above; 0 when there is none. */
  percentile(share: number): number {
    if (this.#count === 0) return 0
    const rank = Math.max(1, Math.ceil(share * this.#count))
    if (rank >= this.#count) return this.#max
    let passed = 0
    for (let i = 0; i < BUCKETS; i++) {
      passed += this.#counts[i]!
      if (passed >= rank) return Math.min(middleOf(i), this.#max)
    }
    return this.#max
  }

  figures(): DurationFigures {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.percentile(0.5),
      p90: this.percentile(0.9),
      p99: this.percentile(0.99),
      max: this.#max,
      buckets: this.#buckets(),
    }
  }

  #buckets(): number[] {
    let next = 0
    const totals = DURATION_BOUNDS_MS.map((bound) => {
      const end = bucketOf(bound) + 1
      let total = 0
      for (; next < end; next++) total += this.#counts[next]!
      return total
    })
    let beyond = 0
    for (; next < BUCKETS; next++) beyond += this.#counts[next]!
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

function upperBoundOf(bucket: number): number {
  const octave = 2 ** (LOWEST_EXPONENT + Math.floor(bucket / BUCKETS_PER_OCTAVE))
  return octave * (1 + ((bucket % BUCKETS_PER_OCTAVE) + 1) / BUCKETS_PER_OCTAVE)
}

/** The bucket that stands for its neighbours when only a quarter of the buckets of each octave is kept. */
export function coarseBucketOf(bucket: number): number {
  return bucket - (bucket % COARSE_WIDTH) + COARSE_WIDTH / 2
}

function middleOf(bucket: number): number {
  if (bucket === 0) return SHORTEST_MS
  const octave = 2 ** (LOWEST_EXPONENT + Math.floor(bucket / BUCKETS_PER_OCTAVE))
  return octave * (1 + ((bucket % BUCKETS_PER_OCTAVE) + 0.5) / BUCKETS_PER_OCTAVE)
}
