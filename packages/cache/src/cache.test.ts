import { afterEach, describe, expect, it } from 'vitest'
import type { Cache } from './cache.js'
import { createCache } from './create-cache.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { CacheOptions } from './options.js'
import { createVirtualClock, type VirtualClock } from './testing/virtual-clock.js'

const open: Cache[] = []

/** A cache on a virtual clock; several of one test share a remote tier when they are given one. */
async function cacheOn(clock: VirtualClock, options: CacheOptions = {}): Promise<Cache> {
  const cache = createCache({ clock, ...options })
  open.push(cache)
  await settle(clock, cache.ready())
  return cache
}

function settle<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  return clock.runUntil(promise)
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((cache) => cache.close()))
})

describe('a cache', () => {
  it('loads what is missing once, and then answers from memory', async () => {
    const clock = createVirtualClock()
    const cache = await cacheOn(clock)
    let loads = 0
    const load = () => ++loads
    expect(await settle(clock, cache.getOrLoad('a', load))).toBe(1)
    expect(await cache.getOrLoad('a', load)).toBe(1)
    expect(cache.peek('a')).toEqual({ value: 1, state: 'fresh', tier: 'memory' })
    expect(cache.stats().total).toMatchObject({ memoryHits: 1, misses: 1, loads: 1, reads: 2 })
  })

  it('shares one load among a thousand callers', async () => {
    const clock = createVirtualClock()
    const cache = await cacheOn(clock)
    let loads = 0
    const load = async () => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 10))
      return ++loads
    }
    const all = Promise.all(Array.from({ length: 1_000 }, () => cache.getOrLoad('a', load)))
    expect(new Set(await settle(clock, all))).toEqual(new Set([1]))
  })

  it('finds in the remote tier what another node has loaded', async () => {
    const clock = createVirtualClock()
    const remote = inProcessRemote()
    const one = await cacheOn(clock, { remote })
    const two = await cacheOn(clock, { remote })
    await settle(
      clock,
      one.getOrLoad('a', () => ({ at: new Date(5), tags: new Set(['x']) })),
    )
    const found = await settle(clock, two.get('a', { details: true }))
    expect(found).toEqual({ value: { at: new Date(5), tags: new Set(['x']) }, state: 'fresh', tier: 'remote' })
  })
})
