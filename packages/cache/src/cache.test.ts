import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CacheError, CacheTimeoutError } from './errors.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import { type TestCaches, testCaches } from './testing/caches.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

describe('a read', () => {
  it('loads what is missing once, and then answers from memory', async () => {
    const cache = await caches.open()
    let loads = 0
    expect(await caches.settle(cache.getOrLoad('a', () => ++loads))).toBe(1)
    expect(await cache.getOrLoad('a', () => ++loads)).toBe(1)
    expect(cache.peek('a')).toEqual({ value: 1, state: 'fresh', tier: 'memory' })
    expect(cache.stats().total).toMatchObject({ memoryHits: 1, misses: 1, loads: 1, reads: 2, hitRate: 0.5 })
  })

  it('shares one load among a thousand callers', async () => {
    const cache = await caches.open()
    let loads = 0
    const all = Promise.all(Array.from({ length: 1_000 }, () => cache.getOrLoad('a', () => caches.after(10, ++loads))))
    expect(new Set(await caches.settle(all))).toEqual(new Set([1]))
  })

  it('finds in the remote tier what another node has loaded, with its types', async () => {
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    const value = { at: new Date(5), tags: new Set(['x']), big: 2n ** 70n, bytes: new Uint8Array([1, 2]) }
    await caches.settle(one.getOrLoad('a', () => value))
    expect(await caches.settle(two.get('a', { details: true }))).toEqual({ value, state: 'fresh', tier: 'remote' })
    expect(two.stats().total).toMatchObject({ remoteHits: 1, misses: 0, remoteHitRate: 1 })
  })

  it('tells a stored undefined or null from a miss', async () => {
    const cache = await caches.open()
    let loads = 0
    const load = () => {
      loads++
      return undefined
    }
    expect(await caches.settle(cache.getOrLoad('none', load))).toBeUndefined()
    expect(await caches.settle(cache.getOrLoad('none', load))).toBeUndefined()
    expect(loads).toBe(1)
    expect(cache.peek('none')).toEqual({ value: undefined, state: 'fresh', tier: 'memory' })
    expect(await caches.settle(cache.has('none'))).toBe(true)
    expect(await caches.settle(cache.has('other'))).toBe(false)
    expect(await caches.settle(cache.get('other', { details: true }))).toBeUndefined()
  })

  it('keeps negative results for their own ttl', async () => {
    const cache = await caches.open()
    let loads = 0
    const load = () => {
      loads++
      return null
    }
    const read = () => caches.settle(cache.getOrLoad('a', load, { ttl: '1h', negativeTtl: '10s' }))
    await read()
    await caches.clock.advance(9_000)
    await read()
    expect(loads).toBe(1)
    await caches.clock.advance(2_000)
    await read()
    expect(loads).toBe(2)
  })

  it('lets the loader choose ttl and tags, or not to be cached at all', async () => {
    const cache = await caches.open()
    let loads = 0
    const read = (
      key: string,
      decide: (ctx: { ttl(d: number): void; tags(...t: string[]): void; skip(): void }) => void,
    ) =>
      caches.settle(
        cache.getOrLoad(key, (ctx) => {
          decide(ctx)
          return ++loads
        }),
      )
    await read('short', (ctx) => ctx.ttl(1_000))
    await caches.clock.advance(1_500)
    expect(await read('short', (ctx) => ctx.ttl(1_000))).toBe(2)
    await read('tagged', (ctx) => ctx.tags('t'))
    await caches.settle(cache.invalidate({ tag: 't' }))
    expect(await read('tagged', () => undefined)).toBe(4)
    await read('skipped', (ctx) => ctx.skip())
    expect(await read('skipped', (ctx) => ctx.skip())).toBe(6)
    expect(cache.peek('skipped')).toBeUndefined()
  })

  it('keeps memory no longer than its cap, and never beyond the entry itself', async () => {
    const cache = await caches.open({ memory: { ttl: '1m' } })
    await caches.settle(cache.set('long', 1, { ttl: '1h' }))
    await caches.settle(cache.set('short', 1, { ttl: '10s' }))
    await caches.clock.advance(11_000)
    expect(cache.peek('short')).toBeUndefined()
    expect(cache.peek('long')?.value).toBe(1)
    await caches.clock.advance(50_000)
    expect(cache.peek('long')).toBeUndefined()
    expect(await caches.settle(cache.get('long', { details: true }))).toMatchObject({ value: 1, tier: 'remote' })
  })

  it('shortens ttls at random by at most the jitter', async () => {
    const cache = await caches.open()
    await caches.settle(
      cache.setMany(
        Array.from({ length: 50 }, (_, at) => [`k${at}`, at]),
        { ttl: 100_000, jitter: 0.5 },
      ),
    )
    const alive = () => Array.from({ length: 50 }, (_, at) => cache.peek(`k${at}`)).filter(Boolean).length
    await caches.clock.advance(49_000)
    expect(alive()).toBe(50)
    await caches.clock.advance(26_000)
    expect(alive()).toBeGreaterThan(5)
    expect(alive()).toBeLessThan(45)
    await caches.clock.advance(26_000)
    expect(alive()).toBe(0)
  })
})

describe('a failing or slow load', () => {
  it('is wrapped in an error with code, key and cause, and tried again by the next reader', async () => {
    const cache = await caches.open()
    const cause = new Error('database away')
    const failed = cache.getOrLoad('a', () => Promise.reject(cause))
    await expect(caches.settle(failed)).rejects.toMatchObject({ code: 'load-failed', key: 'a', cause })
    expect(await caches.settle(cache.getOrLoad('a', () => 1))).toBe(1)
  })

  it('serves the stale value within grace, and does not try again before the throttle is over', async () => {
    const cache = await caches.open()
    const options = { ttl: '10s', grace: '1h', graceThrottle: '30s', details: true } as const
    let attempts = 0
    const failing = () => {
      attempts++
      throw new Error('away')
    }
    await caches.settle(cache.getOrLoad('a', () => 'old', options))
    await caches.clock.advance(11_000)
    const read = () => caches.settle(cache.getOrLoad('a', failing, options))
    expect(await read()).toMatchObject({ value: 'old', state: 'stale' })
    expect(await read()).toMatchObject({ value: 'old', state: 'stale', tier: 'memory' })
    expect(attempts).toBe(1)
    await caches.clock.advance(31_000)
    await read()
    expect(attempts).toBe(2)
    expect(cache.stats().total.staleHits).toBe(3)
  })

  it('leaves a stale value that `get` serves and `has` denies', async () => {
    const cache = await caches.open()
    const options = { ttl: '10s', grace: '1h', graceThrottle: '30s' } as const
    let origin: () => string = () => 'old'
    const rooms = cache.define('room', { ...options, key: (id: string) => id, load: () => origin() })
    await caches.settle(cache.getOrLoad('a', origin, options))
    await caches.settle(rooms.get('r'))
    expect(await caches.settle(Promise.all([cache.has('a'), rooms.has('r')]))).toEqual([true, true])
    await caches.clock.advance(11_000)
    origin = () => {
      throw new Error('away')
    }
    await caches.settle(cache.getOrLoad('a', origin, options))
    await caches.settle(rooms.get('r'))
    expect(await caches.settle(cache.get('a'))).toBe('old')
    expect(await caches.settle(Promise.all([cache.has('a'), rooms.has('r')]))).toEqual([false, false])
  })

  it('makes one attempt for twenty callers', async () => {
    const cache = await caches.open()
    let attempts = 0
    const all = Array.from({ length: 20 }, () =>
      cache.getOrLoad('a', async () => {
        attempts++
        await caches.after(5, undefined)
        throw new Error('away')
      }),
    )
    const settled = await caches.settle(Promise.allSettled(all))
    expect(settled.every((one) => one.status === 'rejected')).toBe(true)
    expect(attempts).toBe(1)
  })

  it('answers with the stale value after the soft timeout and stores the late one', async () => {
    const cache = await caches.open()
    const options = { ttl: '10s', grace: '1h', softTimeout: 100, details: true } as const
    await caches.settle(cache.getOrLoad('a', () => 'old', options))
    await caches.clock.advance(11_000)
    const before = caches.clock.now()
    expect(await caches.settle(cache.getOrLoad('a', () => caches.after(500, 'new'), options))).toMatchObject({
      value: 'old',
      state: 'stale',
    })
    expect(caches.clock.now() - before).toBeLessThan(200)
    await caches.clock.advance(600)
    expect(cache.peek('a')).toMatchObject({ value: 'new', state: 'fresh' })
  })

  it('fails after the hard timeout with the signal aborted', async () => {
    const cache = await caches.open()
    let signal: AbortSignal | undefined
    const hanging = cache.getOrLoad(
      'a',
      (ctx) => {
        signal = ctx.signal
        return new Promise(() => undefined)
      },
      { hardTimeout: 500 },
    )
    await expect(caches.settle(hanging)).rejects.toBeInstanceOf(CacheTimeoutError)
    expect(signal?.aborted).toBe(true)
  })

  it('refreshes ahead of expiry behind the answer', async () => {
    const cache = await caches.open()
    let loads = 0
    const read = () => cache.getOrLoad('a', () => ++loads, { ttl: '100s', refreshAhead: 0.8 })
    await caches.settle(read())
    await caches.clock.advance(79_000)
    await read()
    await caches.clock.flush()
    expect(loads).toBe(1)
    await caches.clock.advance(2_000)
    expect(await read()).toBe(1)
    await caches.clock.advance(1)
    expect(loads).toBe(2)
    expect(await read()).toBe(2)
  })
})

describe('isolation', () => {
  it('shares by reference, clones, or freezes', async () => {
    const value = { list: [1] }
    const shared = await caches.open()
    expect(await caches.settle(shared.getOrLoad('a', () => value))).toBe(value)
    const cloned = await caches.open({ memory: { isolate: 'clone' } })
    const copy = await caches.settle(cloned.getOrLoad('a', () => value))
    copy.list.push(2)
    expect(cloned.peek('a')?.value).toEqual({ list: [1] })
    const frozen = await caches.open({ memory: { isolate: 'freeze' } })
    const kept = await caches.settle(frozen.getOrLoad('a', () => ({ list: [1] })))
    expect(() => kept.list.push(2)).toThrow(TypeError)
  })
})

describe('keys, options and arguments', () => {
  it.each([
    ['', 'at least one character'],
    ['x'.repeat(2_049), 'at most 2048'],
    ['\ud800', 'lone surrogate'],
  ])('refuses %j as a key with a reason', async (key, reason) => {
    const cache = await caches.open()
    await expect(cache.get(key)).rejects.toThrow(reason)
    await expect(cache.set(key, 1)).rejects.toThrow(reason)
    await expect(cache.invalidate({ key })).rejects.toThrow(reason)
    await expect(cache.invalidate({ tag: key })).rejects.toThrow(reason)
  })

  it('keeps odd keys apart in every tier', async () => {
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    const keys = [
      'a',
      'a ',
      'A',
      '{a}',
      '}a{',
      '*',
      '?',
      '[a]',
      '\0',
      'a\0',
      'ä',
      'a\u0308',
      '../a',
      'a:b',
      '\n',
      '$1',
      '__proto__',
    ]
    await caches.settle(one.setMany(keys.map((key) => [key, key])))
    expect(await caches.settle(two.getMany(keys))).toEqual(keys)
    await caches.settle(one.invalidate({ key: '*' }))
    await caches.clock.advance(1)
    expect(await caches.settle(two.getMany(keys))).toEqual(keys.map((key) => (key === '*' ? undefined : key)))
  })

  it('names the option that is wrong, what it got and what it wants', async () => {
    const cache = await caches.open()
    await expect(cache.set('a', 1, { ttl: 'soon' as never })).rejects.toThrow('options.ttl: expected a duration')
    await expect(cache.get('a', { tll: 1 } as never)).rejects.toThrow('options.tll')
    await expect(cache.getOrLoad('a', 5 as never)).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(cache.invalidate({})).rejects.toThrow('at least one of key, keys, tag')
    await expect(cache.invalidate({ regex: /(?=a)/ })).rejects.toThrow('look-around')
  })
})

describe('a closed cache', () => {
  it('refuses work with a clear error, and closing again changes nothing', async () => {
    const cache = await caches.open()
    await caches.settle(cache.close())
    await caches.settle(cache.close())
    for (const refused of [cache.get('a'), cache.set('a', 1), cache.invalidate({ key: 'a' }), cache.clear()]) {
      await expect(refused).rejects.toMatchObject({ code: 'closed' } satisfies Partial<CacheError>)
    }
  })

  it('finishes the load under way', async () => {
    const cache = await caches.open()
    const reading = cache.getOrLoad('a', () => caches.after(100, 'done'))
    await caches.clock.advance(1)
    const closing = cache.close()
    expect(await caches.settle(reading)).toBe('done')
    await caches.settle(closing)
    expect(caches.clock.pending).toBe(0)
  })
})
