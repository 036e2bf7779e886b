import { afterEach, describe, expect, it } from 'vitest'
import { type Cache, CacheTimeoutError, inProcessRemote } from './index.js'
import { faultyRemote, type TestCaches, testCaches } from './testing/index.js'

/** Loads that go on after their hard timeout, signal or no signal. */

let caches: TestCaches
afterEach(async () => {
  await caches.close()
  expect(caches.clock.pending).toBe(0)
})

/** A loader that ignores its signal and ends when told; it counts how often it was called and how many run at once. */
function stubbornOrigin() {
  const calls: { key: string; signal: AbortSignal; end(value: unknown): void; fail(error: unknown): void }[] = []
  let running = 0
  let most = 0
  const load = (ctx: { readonly key: string; readonly signal: AbortSignal }) => {
    running++
    most = Math.max(most, running)
    return new Promise<unknown>((resolve, reject) => {
      const over = () => {
        running--
      }
      calls.push({
        key: ctx.key,
        signal: ctx.signal,
        end: (value) => {
          over()
          resolve(value)
        },
        fail: (error) => {
          over()
          reject(error)
        },
      })
    })
  }
  return {
    load,
    calls,
    get most() {
      return most
    },
  }
}

async function overdue(options: { readonly hardTimeout?: number } = {}) {
  caches = testCaches()
  const cache = await caches.open({ defaults: { hardTimeout: options.hardTimeout ?? 100 } })
  const origin = stubbornOrigin()
  const read = () => cache.getOrLoad('a', origin.load)
  const first = read()
  await expect(caches.settle(first)).rejects.toBeInstanceOf(CacheTimeoutError)
  return { cache, origin, read }
}

describe('a load that ignores its signal', () => {
  it('is the only one of its key, for a thousand callers over twenty hard timeouts', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: '1s' } })
    const origin = stubbornOrigin()
    let timeouts = 0
    let longest = 0
    const waits: Promise<unknown>[] = []
    for (let caller = 0; caller < 1_000; caller++) {
      const began = caches.clock.now()
      const wait = cache.getOrLoad('a', origin.load).catch((error: unknown) => {
        if (error instanceof CacheTimeoutError) timeouts++
        longest = Math.max(longest, caches.clock.now() - began)
      })
      waits.push(wait)
      await caches.clock.advance(20)
    }
    expect(cache.stats()).toMatchObject({ loads: { running: 1, waiting: 0, overdue: 1 } })
    await caches.settle(Promise.all(waits))
    expect(origin.calls).toHaveLength(1)
    expect(origin.calls[0]?.signal.aborted).toBe(true)
    expect(timeouts).toBe(1_000)
    expect(longest).toBeLessThanOrEqual(1_000)
    // Nothing is kept for those who have gone: the load, and at most one flight that waits for it.
    expect(cache.stats().flights).toBe(1)
    expect(cache.stats().total).toMatchObject({ loads: 1, loadErrors: 1, loadTimeouts: 1 })
  })

  it('answers those who wait for it meanwhile, and is stored', async () => {
    const { cache, origin, read } = await overdue()
    const late: unknown[] = []
    cache.on('load', (event) => late.push(event.late))
    const waiting = [read(), read()]
    await caches.clock.advance(50)
    origin.calls[0]?.end('late')
    expect(await caches.settle(Promise.all(waiting))).toEqual(['late', 'late'])
    expect(cache.peek('a')).toMatchObject({ value: 'late', state: 'fresh' })
    expect(await caches.settle(cache.get('a', { freshness: 'remote' }))).toBe('late')
    expect([origin.calls.length, late, cache.stats().loads.overdue]).toEqual([1, [true], 0])
  })

  it('is followed by another as soon as it fails', async () => {
    const { cache, origin, read } = await overdue()
    const abandoned: unknown[] = []
    cache.on('load-abandoned', ({ reason }) => abandoned.push(reason))
    const waiting = read()
    await caches.clock.advance(50)
    origin.calls[0]?.fail(new Error('gone'))
    await caches.clock.flush()
    expect([origin.calls.length, origin.most, abandoned]).toEqual([2, 1, ['failed']])
    origin.calls[1]?.end('second')
    expect(await caches.settle(waiting)).toBe('second')
  })

  it('leaves nothing behind when it heeds its signal: the next caller loads at once', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: 100 } })
    let loads = 0
    const read = () =>
      cache.getOrLoad('a', (ctx) => {
        if (++loads === 2) return 'second'
        return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
      })
    const again = read().catch(read)
    expect(await caches.settle(again)).toBe('second')
    expect(cache.stats().loads).toEqual({ running: 0, waiting: 0, overdue: 0 })
  })

  it('lets a stale value be served at once, and no flight takes off before the throttle is over', async () => {
    caches = testCaches()
    const cache = await caches.open({
      defaults: { ttl: '10s', grace: '1h', graceThrottle: '5s', hardTimeout: 100 },
    })
    await caches.settle(cache.set('a', 'old'))
    await caches.clock.advance(11_000)
    const origin = stubbornOrigin()
    const read = () => cache.getOrLoad('a', origin.load, { details: true })
    expect(await caches.settle(read())).toMatchObject({ value: 'old', state: 'stale' })
    const before = caches.clock.now()
    expect(await read()).toMatchObject({ value: 'old', state: 'stale', tier: 'memory' })
    await caches.clock.advance(6_000)
    expect(await caches.settle(read())).toMatchObject({ value: 'old', state: 'stale' })
    expect(caches.clock.now() - before).toBe(6_000)
    expect(origin.calls).toHaveLength(1)
    origin.calls[0]?.end('new')
    await caches.clock.flush()
    expect(cache.peek('a')).toMatchObject({ value: 'new', state: 'fresh' })
  })

  it('stores nothing when an invalidation overtook it, which also lets the next caller load', async () => {
    const { cache, origin, read } = await overdue()
    await caches.settle(cache.invalidate({ key: 'a' }))
    const next = read()
    await caches.clock.flush()
    expect(origin.calls).toHaveLength(2)
    origin.calls[0]?.end('from before')
    origin.calls[1]?.end('from after')
    expect(await caches.settle(next)).toBe('from after')
    await caches.clock.advance(10)
    expect(cache.peek('a')?.value).toBe('from after')
    expect(await caches.settle(cache.get('a', { freshness: 'remote' }))).toBe('from after')
  })

  it('is joined by one more at most, however often its key is invalidated', async () => {
    const { cache, origin, read } = await overdue()
    for (let round = 0; round < 10; round++) {
      await caches.settle(cache.invalidate({ key: 'a' }))
      await expect(caches.settle(read())).rejects.toBeInstanceOf(CacheTimeoutError)
    }
    expect([origin.calls.length, cache.stats().loads.overdue]).toEqual([2, 2])
    origin.calls[0]?.end('from before')
    const next = read()
    await caches.clock.flush()
    expect(origin.calls).toHaveLength(3)
    origin.calls[2]?.end('now')
    expect(await caches.settle(next)).toBe('now')
  })

  it('of a definition is let go by invalidating the definition', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: 100 } })
    const origin = stubbornOrigin()
    const rooms = cache.define('room', { key: (id: string) => id, load: (_id, ctx) => origin.load(ctx) })
    await expect(caches.settle(rooms.get('r'))).rejects.toThrow('longer than 100 ms')
    await caches.settle(rooms.invalidateAll())
    const next = rooms.get('r')
    await caches.clock.flush()
    origin.calls[1]?.end('new')
    expect(await caches.settle(next)).toBe('new')
  })

  it('is taken for lost in the end: its key is free, and what it returns after that goes nowhere', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: 100, lostAfter: '1m' } })
    const origin = stubbornOrigin()
    const abandoned: unknown[] = []
    cache.on('load-abandoned', ({ reason, durationMs }) => abandoned.push([reason, durationMs]))
    await expect(caches.settle(cache.getOrLoad('a', origin.load))).rejects.toThrow('longer than 100 ms')
    await caches.clock.advance(60_000)
    expect(abandoned).toEqual([['given-up', 60_100]])
    expect(cache.stats()).toMatchObject({ flights: 0, loads: { running: 0, overdue: 0 } })
    const next = cache.getOrLoad('a', origin.load)
    await caches.clock.flush()
    origin.calls[1]?.end('new')
    expect(await caches.settle(next)).toBe('new')
    origin.calls[0]?.end('lost and found')
    await caches.clock.advance(10)
    expect(cache.peek('a')?.value).toBe('new')
  })

  it('is given up when the cache closes, its signal aborted', async () => {
    const { cache, origin } = await overdue({ hardTimeout: 10 })
    const other = cache.getOrLoad('b', origin.load, { hardTimeout: '1m' })
    await caches.clock.flush()
    const closed = Promise.all([cache.close(), expect(other).rejects.toMatchObject({ code: 'closed' })])
    await caches.settle(closed)
    expect(origin.calls.map(({ signal }) => signal.aborted)).toEqual([true, true])
    expect(cache.stats().flights).toBe(0)
  })

  it("is the only one for reads with freshness 'remote' too, although the remote tier grants no leases", async () => {
    caches = testCaches()
    const remote = faultyRemote(inProcessRemote())
    const cache = await caches.open({ node: 'n', remote, defaults: { hardTimeout: '10s', freshness: 'remote' } })
    remote.faults.cut('n')
    const origin = stubbornOrigin()
    const reads: Promise<unknown>[] = []
    for (let caller = 0; caller < 20; caller++) {
      reads.push(cache.getOrLoad('a', origin.load))
      await caches.clock.advance(100)
    }
    expect(origin.calls).toHaveLength(1)
    origin.calls[0]?.end('first')
    expect(await caches.settle(reads[0] as Promise<unknown>)).toBe('first')
    await caches.clock.advance(1_500)
    // The others asked after the first load had begun: they share one that began after all of them.
    expect(origin.calls).toHaveLength(2)
    origin.calls[1]?.end('second')
    expect(new Set(await caches.settle(Promise.all(reads.slice(1))))).toEqual(new Set(['second']))
    remote.faults.heal('n')
  })
})

describe('overdue loads of a batch', () => {
  it('hold their keys, and no others', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: 100 } })
    const batches: string[][] = []
    const ends: (() => void)[] = []
    const rooms = cache.define('room', {
      key: (id: string) => id,
      loadMany: (ids) => {
        batches.push([...ids])
        return new Promise<string[]>((resolve) => ends.push(() => resolve(ids.map((id) => `room ${id}`))))
      },
    })
    const timedOut = Promise.allSettled([rooms.get('a'), rooms.get('b')])
    await caches.settle(timedOut)
    for (let round = 0; round < 10; round++) await caches.settle(Promise.allSettled([rooms.get('a'), rooms.get('b')]))
    expect(batches).toEqual([['a', 'b']])
    expect(cache.stats().loads).toEqual({ running: 1, waiting: 0, overdue: 2 })
    const other = rooms.getMany(['c', 'a'])
    await caches.clock.flush()
    expect(batches).toEqual([['a', 'b'], ['c']])
    for (const end of ends) end()
    expect(await caches.settle(other)).toEqual(['room c', 'room a'])
    expect(rooms.peek('b')?.value).toBe('room b')
    expect(cache.stats().loads).toEqual({ running: 0, waiting: 0, overdue: 0 })
  })
})

describe('over several processes', () => {
  async function cluster() {
    caches = testCaches()
    const remote = inProcessRemote()
    const origins = [stubbornOrigin(), stubbornOrigin(), stubbornOrigin()]
    const nodes: { readonly cache: Cache; readonly read: () => Promise<unknown> }[] = []
    for (const { load } of origins) {
      const options = { remote, remoteOptions: { lease: '2s' }, defaults: { hardTimeout: '1s', grace: '1h' } } as const
      const cache = await caches.open(options)
      nodes.push({ cache, read: () => cache.getOrLoad('a', load) })
    }
    return { nodes, origins, loads: () => origins.flatMap(({ calls }) => calls) }
  }

  it('an overdue load keeps its lease: no other process begins one', async () => {
    const { nodes, loads } = await cluster()
    for (let round = 0; round < 10; round++) {
      const all = await caches.settle(Promise.allSettled(nodes.map(({ read }) => read())))
      for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'load-timeout' } })
    }
    expect(loads()).toHaveLength(1)
    const waiting = nodes.map(({ read }) => read())
    await caches.clock.advance(500)
    loads()[0]?.end('late')
    expect(await caches.settle(Promise.all(waiting))).toEqual(['late', 'late', 'late'])
    expect(loads()).toHaveLength(1)
  })

  it('an invalidation by any of them frees the key for all', async () => {
    const { nodes, loads } = await cluster()
    await caches.settle(Promise.allSettled(nodes.map(({ read }) => read())))
    await caches.settle((nodes[2] as (typeof nodes)[0]).cache.invalidate({ key: 'a' }))
    await caches.clock.advance(10)
    const again = nodes.map(({ read }) => read())
    await caches.clock.advance(10)
    expect(loads()).toHaveLength(2)
    loads()[0]?.end('from before')
    const fresh = loads().find(({ signal }) => !signal.aborted)
    fresh?.end('from after')
    expect(await caches.settle(Promise.all(again))).toEqual(['from after', 'from after', 'from after'])
  })

  it('an invalidation of the definition frees the key for all, although the lease stands beside the value', async () => {
    caches = testCaches()
    const remote = inProcessRemote()
    const origin = stubbornOrigin()
    const open = async () => {
      const cache = await caches.open({ remote, remoteOptions: { lease: '600ms' }, defaults: { hardTimeout: '1s' } })
      return cache.define('room', { key: (id: string) => id, load: (_id, ctx) => origin.load(ctx) })
    }
    const [one, two] = [await open(), await open()]
    await expect(caches.settle(one.get('r'))).rejects.toThrow('longer than 1000 ms')
    await caches.settle(two.invalidateAll())
    const next = two.get('r')
    await caches.clock.advance(500)
    expect(origin.calls).toHaveLength(2)
    origin.calls[1]?.end('new')
    expect(await caches.settle(next)).toBe('new')
  })

  it('a process that loses its load frees the key for all', async () => {
    caches = testCaches()
    const remote = inProcessRemote()
    const options = { remote, defaults: { hardTimeout: '1s', lostAfter: '10s' } } as const
    const [one, two] = [await caches.open(options), await caches.open(options)]
    const origin = stubbornOrigin()
    await expect(caches.settle(one.getOrLoad('a', origin.load))).rejects.toThrow('longer')
    await expect(caches.settle(two.getOrLoad('a', () => 'two'))).rejects.toThrow('by another node')
    await caches.clock.advance(10_000)
    expect(await caches.settle(two.getOrLoad('a', () => 'two'))).toBe('two')
  })
})
