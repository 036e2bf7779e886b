import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COUNTERS, DefinitionCounters, DISTRIBUTIONS } from '../counters.js'
import { COARSE_RELATIVE_ERROR, RELATIVE_ERROR } from '../histogram.js'
import { EVENTS, FrameSum, SIZES } from './frame.js'
import { addFrame, encodeFrame } from './frame-codec.js'

const amounts = (names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, fc.oneof(fc.constant(0), fc.nat(2 ** 40))])))
const durations = fc.array(fc.double({ min: 0, max: 300_000, noNaN: true }), { maxLength: 20 })
const definition = fc.record({
  counters: amounts(COUNTERS),
  times: fc.record(Object.fromEntries(DISTRIBUTIONS.map((name) => [name, durations]))),
})
const recorded = fc.record({
  process: amounts([...SIZES, ...EVENTS]),
  definitions: fc.dictionary(fc.string({ maxLength: 20 }), definition, { maxKeys: 4 }),
})

type Recorded = typeof recorded extends fc.Arbitrary<infer T> ? T : never

function sumOf(given: Recorded): FrameSum {
  const sum = new FrameSum()
  Object.assign(sum.process, given.process)
  for (const [name, { counters, times }] of Object.entries(given.definitions)) {
    Object.assign(sum.of(name), counters)
    for (const distribution of DISTRIBUTIONS)
      for (const duration of times[distribution] ?? []) sum.of(name)[distribution].record(duration)
    sum.total.add(sum.of(name))
  }
  return sum
}

function expectSame(actual: DefinitionCounters, expected: DefinitionCounters): void {
  for (const name of COUNTERS) expect(actual[name], name).toBe(expected[name])
  for (const name of DISTRIBUTIONS) expect(actual[name].figures(), name).toEqual(expected[name].figures())
}

describe('a frame', () => {
  it('holds every counter and every bucket that was given, whatever the names', () => {
    fc.assert(
      fc.property(recorded, (given) => {
        const before = sumOf(given)
        const after = new FrameSum()
        const head = addFrame(encodeFrame({ at: 1_790_000_000_000, durationMs: 1_000 }, before, false), after)
        expect(head).toEqual({ at: 1_790_000_000_000, durationMs: 1_000 })
        expect(after.process).toEqual(before.process)
        expectSame(after.total, before.total)
        for (const [name, counters] of before.definitions)
          expectSame(after.definitions.get(name) ?? new DefinitionCounters(), counters)
      }),
    )
  })

  it('added to another is the same as if both had been counted by one process', () => {
    fc.assert(
      fc.property(recorded, recorded, (one, other) => {
        const expected = sumOf(one)
        expected.add(sumOf(other))
        const merged = new FrameSum()
        for (const given of [one, other]) addFrame(encodeFrame({ at: 0, durationMs: 0 }, sumOf(given), false), merged)
        for (const name of COUNTERS) expect(merged.total[name]).toBe(expected.total[name])
        for (const name of DISTRIBUTIONS) {
          expect(merged.total[name].total).toBe(expected.total[name].total)
          expect(merged.total[name].percentile(0.99)).toBe(expected.total[name].percentile(0.99))
          expect(merged.total[name].sumMs).toBeCloseTo(expected.total[name].sumMs, 3)
        }
      }),
    )
  })

  it('written coarsely keeps counters, counts, sums and maxima exactly, and percentiles within the coarse error', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 100_000, noNaN: true }), { minLength: 1 }), (times) => {
        const sum = new FrameSum()
        for (const time of times) sum.of('d').loadTime.record(time)
        const coarse = new FrameSum()
        addFrame(encodeFrame({ at: 0, durationMs: 0 }, sum, true), coarse)
        const { loadTime } = coarse.total
        expect(loadTime.total).toBe(times.length)
        expect(loadTime.maxMs).toBe(Math.max(...times))
        const sorted = [...times].sort((a, b) => a - b)
        for (const share of [0.5, 0.9, 0.99]) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] as number
          expect(Math.abs(loadTime.percentile(share) - exact) / exact).toBeLessThanOrEqual(COARSE_RELATIVE_ERROR)
        }
      }),
    )
    expect(COARSE_RELATIVE_ERROR).toBeGreaterThan(RELATIVE_ERROR)
  })

  it('that is cut short, or of another version, is refused', () => {
    const sum = new FrameSum()
    sum.of('rooms').loads = 3
    const bytes = encodeFrame({ at: 1, durationMs: 1 }, sum, false)
    for (let length = 0; length < bytes.length; length++)
      expect(() => addFrame(bytes.subarray(0, length), new FrameSum())).toThrow(RangeError)
    expect(() => addFrame(Uint8Array.of(99, ...bytes.subarray(1)), new FrameSum())).toThrow(/version 99/)
  })
})
