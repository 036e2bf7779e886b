import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { heaviest, merged, SpaceSaving } from './space-saving.js'

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
        const { total: told, errorBound, keys } = summary.summary()
        expect(told).toBe(total)
        expect(errorBound).toBeLessThanOrEqual(total / capacity)
        const held = new Map(keys.map((one) => [one.key, one]))
        expect(held.size).toBe(Math.min(capacity, truth.size))
        for (const [key, { estimate, error }] of held) {
          const exact = truth.get(key) as number
          expect(estimate).toBeGreaterThanOrEqual(exact)
          expect(estimate - error).toBeLessThanOrEqual(exact)
          expect(error).toBeLessThanOrEqual(total / capacity)
        }
        for (const [key, exact] of truth) if (!held.has(key)) expect(exact).toBeLessThanOrEqual(errorBound)
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
    expect(summary.summary().keys.map(({ key, estimate, error }) => [key, estimate, error])).toEqual([
      ['b', 5, 0],
      ['c', 4.5, 0],
      ['a', 4, 0],
    ])
  })
})

describe('summaries of several streams, merged', () => {
  it('promise of all what each promises of its own, also when only the heaviest of each are told', () => {
    const streams = fc.array(stream, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (all, capacity, told) => {
        const truth = new Map<string, number>()
        const summaries = all.map((weights) => {
          const summary = new SpaceSaving(capacity)
          for (const [key, weight] of weights) {
            summary.add(`k${key}`, weight, '')
            truth.set(`k${key}`, (truth.get(`k${key}`) ?? 0) + weight)
          }
          return heaviest(summary.summary(), told)
        })
        const { total, errorBound, keys } = merged(summaries)
        expect(total).toBe([...truth.values()].reduce((sum, weight) => sum + weight, 0))
        expect(keys.map(({ estimate }) => estimate)).toEqual(keys.map(({ estimate }) => estimate).sort((a, b) => b - a))
        for (const { key, estimate, error } of keys) {
          const exact = truth.get(key) as number
          expect(estimate).toBeGreaterThanOrEqual(exact)
          expect(estimate - error).toBeLessThanOrEqual(exact)
        }
        const listed = new Set(keys.map(({ key }) => key))
        for (const [key, exact] of truth) if (!listed.has(key)) expect(exact).toBeLessThanOrEqual(errorBound)
      }),
      { numRuns: 500 },
    )
  })

  it('are exact when each of them is', () => {
    const [one, other] = [new SpaceSaving(4), new SpaceSaving(4)]
    one.add('a', 3, 'rooms')
    one.add('b', 5, 'rooms')
    other.add('a', 4, 'rooms')
    expect(merged([one.summary(), other.summary()])).toEqual({
      total: 12,
      errorBound: 0,
      keys: [
        { key: 'a', label: 'rooms', estimate: 7, error: 0 },
        { key: 'b', label: 'rooms', estimate: 5, error: 0 },
      ],
    })
  })
})
