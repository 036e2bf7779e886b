import { afterEach, describe, expect, it } from 'vitest'
import { CacheTimeoutError } from './index.js'
import { type TestCaches, testCaches } from './testing/index.js'

let caches: TestCaches
afterEach(async () => {
  await caches.close()
  expect(caches.clock.pending).toBe(0)
})

function failing(times: number) {
  const at: number[] = []
  const load = () => {
    at.push(caches.clock.now())
    if (at.length <= times) throw new Error(`failure ${at.length}`)
    return 'loaded'
  }
  return { at, load }
}

describe('a failed load', () => {
  it('is not tried again unless that was asked for', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const origin = failing(1)
    await expect(caches.settle(cache.getOrLoad('a', origin.load))).rejects.toThrow('failure 1')
    expect(origin.at).toHaveLength(1)
  })

  it('is tried again as often as was asked for, after pauses drawn within a bound that doubles', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { retries: 3, retryDelay: 100 } })
    const retried: unknown[] = []
    cache.on('load-retry', ({ attempt, error }) => retried.push([attempt, (error as Error).message]))
    for (let round = 0; round < 50; round++) {
      const origin = failing(3)
      expect(await caches.settle(cache.getOrLoad(`a${round}`, origin.load))).toBe('loaded')
      const pauses = origin.at.slice(1).map((at, index) => at - (origin.at[index] as number))
      for (const [index, pause] of pauses.entries()) expect(pause).toBeLessThanOrEqual(100 * 2 ** index)
    }
    expect(retried.slice(0, 3)).toEqual([
      [1, 'failure 1'],
      [2, 'failure 2'],
      [3, 'failure 3'],
    ])
    expect(cache.stats().total).toMatchObject({ loads: 50, loadRetries: 150, loadErrors: 0 })
  })

  it('is given up with its last error, and with the hard timeout in any case', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { retries: 2, retryDelay: '10s', hardTimeout: '1m' } })
    const origin = failing(9)
    await expect(caches.settle(cache.getOrLoad('a', origin.load))).rejects.toThrow('failure 3')
    const patient = failing(1_000)
    const read = cache.getOrLoad('b', patient.load, { retries: 1_000, hardTimeout: '30s' })
    await expect(caches.settle(read)).rejects.toBeInstanceOf(CacheTimeoutError)
    const attempts = patient.at.length
    await caches.clock.advance(120_000)
    expect([patient.at.length, cache.stats().loads.overdue]).toEqual([attempts, 0])
  })

  it('is one attempt at a time, whoever asks meanwhile', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { retries: 5, retryDelay: 100 } })
    const origin = failing(3)
    const reads: Promise<unknown>[] = []
    for (let caller = 0; caller < 20; caller++) {
      reads.push(cache.getOrLoad('a', origin.load))
      await caches.clock.advance(5)
    }
    expect(new Set(await caches.settle(Promise.all(reads)))).toEqual(new Set(['loaded']))
    expect(origin.at).toHaveLength(4)
  })

  it('of a batch is tried again as one batch, with only what has failed', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const batches: string[][] = []
    const rooms = cache.define('room', {
      key: (id: string) => id,
      loadMany: (ids) => {
        batches.push([...ids])
        if (batches.length === 1) throw new Error('all of it')
        return ids.map((id) => (batches.length === 2 && id < 'c' ? new Error(`not ${id}`) : id))
      },
      retries: 3,
    })
    expect(await caches.settle(rooms.getMany(['a', 'b', 'c', 'd']))).toEqual(['a', 'b', 'c', 'd'])
    expect(batches).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
      ['a', 'b'],
    ])
  })
})
