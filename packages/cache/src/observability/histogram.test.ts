import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DURATION_BOUNDS_MS } from '../stats.js'
import { DurationHistogram, LONGEST_MS, RELATIVE_ERROR, SHORTEST_MS } from './histogram.js'

const within = fc.double({ min: SHORTEST_MS, max: LONGEST_MS, noNaN: true })
const durations = fc.array(
  fc.oneof(
    within,
    fc.double({ min: 0, max: 5, noNaN: true }),
    fc.integer({ min: 0, max: 5_000 }),
    fc.constantFrom(...DURATION_BOUNDS_MS),
  ),
  { minLength: 1, maxLength: 200 },
)

function recorded(values: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** The percentile by its definition: the smallest value that at least this share is not above. */
function exactPercentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!
}

describe('a histogram of durations', () => {
  it('gives percentiles within its stated error of the exact ones', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const exact = exactPercentile(values, share)
        const estimate = recorded(values).percentile(share)
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(
          Math.max(SHORTEST_MS, exact * RELATIVE_ERROR * (1 + 1e-9)),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('counts exactly how many are not above each bound, also those that are equal to one', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const { buckets } = recorded(values).figures()
        expect(buckets).toHaveLength(DURATION_BOUNDS_MS.length + 1)
        let total = 0
        for (const [i, bound] of DURATION_BOUNDS_MS.entries()) {
          total += buckets[i]!
          expect(total).toBe(values.filter((value) => value <= bound).length)
        }
        expect(total + buckets.at(-1)!).toBe(values.length)
      }),
    )
  })

  it('holds the exact count, mean and maximum', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const figures = recorded(values).figures()
        expect(figures.count).toBe(values.length)
        expect(figures.max).toBe(Math.max(...values))
        expect(figures.mean).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 6)
      }),
    )
  })

  it('merged with another is as if all had been recorded in one', () => {
    fc.assert(
      fc.property(durations, durations, (first, second) => {
        const merged = recorded(first)
        merged.add(recorded(second))
        const { mean, ...rest } = merged.figures()
        const { mean: expectedMean, ...expected } = recorded([...first, ...second]).figures()
        expect(rest).toEqual(expected)
        expect(mean).toBeCloseTo(expectedMean, 6)
      }),
    )
  })

  it('is all zero before anything was recorded', () => {
    const { buckets, ...figures } = new DurationHistogram().figures()
    expect(figures).toEqual({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 })
    expect(new Set(buckets)).toEqual(new Set([0]))
  })

  it('takes what no duration can be as 0, and what is longer than it resolves by its maximum', () => {
    expect(recorded([Number.NaN, -5]).figures()).toMatchObject({ count: 2, max: 0, p99: 0, mean: 0 })
    expect(recorded([LONGEST_MS * 10]).figures()).toMatchObject({
      count: 1,
      max: LONGEST_MS * 10,
      p50: LONGEST_MS * 10,
    })
  })
})
