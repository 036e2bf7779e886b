import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SpaceSaving } from './space-saving.js'

const stream = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 50 })), { maxLength: 300 })

describe('the summary of heavy hitters', () => {
  it('is never too low, too high by no more than each error, and misses no key above total / capacity', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 20 }), (weights, capacity) => {
        const summary = new SpaceSaving(capacity)
        const truth = new Map<string, number>()
        let total = 0
        for (const [key, weight] of weights) {
          summary.add(`k${key}`, weight, '')
          truth.set(`k${key}`, (truth.get(`k${key}`) ?? 0) + weight)
          total += weight
        }
        expect(summary.total).toBe(total)
        expect(summary.errorBound).toBeLessThanOrEqual(total / capacity)
        const held = new Map(summary.all().map((one) => [one.key, one]))
        expect(held.size).toBe(Math.min(capacity, truth.size))
        for (const [key, { estimate, error }] of held) {
          const exact = truth.get(key) as number
          expect(estimate).toBeGreaterThanOrEqual(exact)
          expect(estimate - error).toBeLessThanOrEqual(exact)
          expect(error).toBeLessThanOrEqual(total / capacity)
        }
        for (const [key, exact] of truth) if (!held.has(key)) expect(exact).toBeLessThanOrEqual(summary.errorBound)
      }),
      { numRuns: 500 },
    )
  })

  it('lists the heaviest first, exactly, as long as there is room for all', () => {
    const summary = new SpaceSaving(3)
    for (const [key, weight] of [
      ['a', 1],
      ['b', 5],
      ['a', 3],
      ['c', 4.5],
    ] as const)
      summary.add(key, weight, 'rooms')
    expect(summary.all().map(({ key, estimate, error }) => [key, estimate, error])).toEqual([
      ['b', 5, 0],
      ['c', 4.5, 0],
      ['a', 4, 0],
    ])
  })
})
