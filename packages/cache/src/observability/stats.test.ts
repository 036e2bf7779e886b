import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../testing/index.js'
import { createCounterSource } from './counters.js'
import { definitionStats, statsOf, sumCounters } from './stats.js'

describe('counters', () => {
  it('are the same object for a definition each time, and apart for different ones', () => {
    const source = createCounterSource(createVirtualClock())
    source.of('rooms').memoryHits++
    source.of('rooms').memoryHits++
    source.of('').misses++
    expect(source.of('rooms').memoryHits).toBe(2)
    expect([...source.definitions.keys()]).toEqual(['rooms', ''])
  })

  it('know how long they have been counting', async () => {
    const clock = createVirtualClock()
    const source = createCounterSource(clock)
    await clock.advance(1_500)
    expect(source.uptimeMs()).toBe(1_500)
  })
})

describe('figures', () => {
  function counted() {
    const source = createCounterSource(createVirtualClock())
    Object.assign(source.of('rooms'), {
      memoryHits: 6,
      remoteHits: 1,
      misses: 1,
      memoryMisses: 2,
      staleHits: 1,
      loads: 1,
    })
    Object.assign(source.of('users'), { memoryHits: 2, misses: 2, memoryMisses: 2, loads: 2, loadErrors: 1 })
    source.of('rooms').loadTime.record(10)
    source.of('users').loadTime.record(30)
    return source
  }

  it('hold reads and rates', () => {
    expect(definitionStats(counted().of('rooms'))).toMatchObject({
      reads: 8,
      hitRate: 7 / 8,
      memoryHitRate: 6 / 8,
      remoteHitRate: 1 / 2,
      staleHits: 1,
      loadTime: { count: 1, max: 10 },
    })
  })

  it('have rates of 1 before any traffic', () => {
    const stats = definitionStats(createCounterSource(createVirtualClock()).of('rooms'))
    expect(stats).toMatchObject({ reads: 0, hitRate: 1, memoryHitRate: 1, remoteHitRate: 1 })
  })

  it('add up to a total, rates and durations computed from the sums', () => {
    const { total, definitions } = statsOf(counted().definitions)
    expect(total).toMatchObject({
      reads: 12,
      memoryHits: 8,
      hitRate: 9 / 12,
      remoteHitRate: 1 / 4,
      loads: 3,
      loadErrors: 1,
    })
    expect(total.loadTime).toMatchObject({ count: 2, mean: 20, max: 30 })
    expect(Object.keys(definitions)).toEqual(['rooms', 'users'])
  })

  it('of a sum hold every counter', () => {
    const source = createCounterSource(createVirtualClock())
    const names = Object.entries(source.of('a'))
      .filter(([, value]) => typeof value === 'number')
      .map(([name]) => name)
    expect(names.length).toBeGreaterThan(10)
    for (const definition of ['a', 'b']) {
      Object.assign(source.of(definition), Object.fromEntries(names.map((name, i) => [name, i + 1])))
    }
    expect(sumCounters(source.definitions.values())).toMatchObject(
      Object.fromEntries(names.map((name, i) => [name, 2 * (i + 1)])),
    )
  })

  it('are taken by name even for a definition named like a part of the prototype', () => {
    const source = createCounterSource(createVirtualClock())
    source.of('__proto__').loads++
    expect(Object.keys(statsOf(source.definitions).definitions)).toEqual(['__proto__'])
  })
})
