import { createCache } from '@tableforge/cache'
import { expect, onTestFinished, test } from 'vitest'
import { SampleHistory } from './history.js'
import { intervalBetween } from './interval.js'

async function cacheWith(name: string) {
  const cache = createCache({ namespace: 'interval' })
  onTestFinished(() => cache.close())
  await cache.ready()
  const definition = cache.define(name, {
    key: (id: string) => id,
    load: async (id) => {
      if (id === 'broken') throw new Error('no such thing')
      return { id }
    },
  })
  return { cache, definition }
}

test('an interval holds what happened between two snapshots, in all and by definition', async () => {
  const { cache, definition } = await cacheWith('room')
  await definition.get('r1')
  const before = cache.stats()
  await definition.get('r1')
  await definition.get('r2')
  await definition.get('broken').catch(() => undefined)
  const sample = intervalBetween(7, before, cache.stats())

  expect(sample).toMatchObject({ id: 7, total: { reads: 3, memoryHits: 1, misses: 2, loads: 2, loadErrors: 1 } })
  expect(sample.definitions).toEqual({ room: { reads: 3, memoryHits: 1, remoteHits: 0, loads: 2, errors: 1 } })
  expect(sample.total.loadMs).toBeGreaterThanOrEqual(0)
  expect(sample.gauges.entries).toBe(cache.stats().memory.entries)
})

test('every read of an interval is counted by how long it took, memory hits by their sample', async () => {
  const { cache, definition } = await cacheWith('room')
  const before = cache.stats()
  await definition.get('r1')
  for (let read = 0; read < 500; read += 1) await definition.get('r1')
  const { heat, total } = intervalBetween(1, before, cache.stats())
  expect(heat).toHaveLength(20)
  const counted = heat.reduce((sum, count) => sum + count, 0)
  // Each bucket of the sample is rounded.
  expect(Math.abs(counted - total.reads)).toBeLessThan(20)
})

test('a definition in which nothing happened is left out, and one named like a property of every object is not lost', async () => {
  const { cache, definition } = await cacheWith('constructor')
  const before = cache.stats()
  await definition.get('x')
  const between = cache.stats()
  expect(intervalBetween(1, before, between).definitions).toEqual({
    constructor: { reads: 1, memoryHits: 0, remoteHits: 0, loads: 1, errors: 0 },
  })
  expect(intervalBetween(2, between, cache.stats()).definitions).toEqual({})
})

test('the mean of an interval is of that interval alone', async () => {
  const { cache } = await cacheWith('room')
  const stats = cache.stats()
  const timed = (count: number, mean: number) => ({
    ...stats,
    total: { ...stats.total, loadTime: { ...stats.total.loadTime, count, mean } },
  })
  // 10 loads of 2 ms, then 10 more that bring the mean of all to 5 ms: they took 8 ms each.
  expect(intervalBetween(1, timed(10, 2), timed(20, 5)).total.loadMs).toBeCloseTo(8)
  expect(intervalBetween(2, timed(20, 5), timed(20, 5)).total.loadMs).toBeNull()
})

test('a history forgets the oldest samples, fills every column, and goes on from a sample that it still keeps', async () => {
  const { cache, definition } = await cacheWith('room')
  const history = new SampleHistory(cache.stats(), 1_000, 3)
  expect(history.columns().at).toEqual([])
  history.record(cache.stats())
  history.record(cache.stats())
  await definition.get('r1')
  history.record(cache.stats())
  history.record(cache.stats())

  const columns = history.columns()
  expect(columns.total.reads).toEqual([0, 1, 0])
  expect(columns.definitions.room?.reads).toEqual([0, 1, 0])
  expect(columns.gauges.entries).toHaveLength(3)
  expect(history.columns(1).at).toHaveLength(1)
  expect(history.since(4)).toEqual([])
  expect(history.since(2)?.map((sample) => sample.id)).toEqual([3, 4])
  expect(history.since(0), 'sample 1 is gone').toBeUndefined()
  expect(history.since(9), 'never was').toBeUndefined()
})
