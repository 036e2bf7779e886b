import { afterEach, describe, expect, it } from 'vitest'
import { inProcessRemote, type LoadContext } from './index.js'
import { type TestCaches, testCaches } from './testing/index.js'

let caches: TestCaches
afterEach(() => caches.close())

/** An origin that answers as HTTP does: 304 to who has the current version. */
function versionedOrigin() {
  const origin = { version: 1, asked: [] as (string | undefined)[], sent: 0 }
  const load = (ctx: LoadContext) => {
    origin.asked.push(ctx.etag)
    const etag = `"v${origin.version}"`
    if (ctx.etag === etag) return ctx.notModified()
    origin.sent++
    ctx.etag = etag
    return { version: origin.version }
  }
  return Object.assign(origin, { load })
}

const LIFE = { ttl: '10s', grace: '1h' } as const

describe('a load that is told what there was', () => {
  it('renews the life of a value that the origin confirms, with its tags and etag, in the remote tier too', async () => {
    caches = testCaches()
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    const origin = versionedOrigin()
    const read = (cache = one) => caches.settle(cache.getOrLoad('a', origin.load, { ...LIFE, tags: ['lobby'] }))
    const first = await read()
    await caches.clock.advance(11_000)
    expect(await read()).toBe(first)
    expect(one.peek('a')).toMatchObject({ value: { version: 1 }, state: 'fresh' })
    expect((await caches.settle(one.inspect('a'))).remote).toMatchObject({ state: 'fresh', tags: ['lobby'] })
    // Another process finds it fresh; later it asks with the etag that came through the remote tier.
    expect(await read(two)).toEqual({ version: 1 })
    await caches.clock.advance(11_000)
    await read(two)
    expect(origin).toMatchObject({ sent: 1, asked: [undefined, '"v1"', '"v1"'] })
    expect([one.stats().total.notModified, two.stats().total.notModified]).toEqual([1, 1])
    origin.version = 2
    await caches.clock.advance(11_000)
    expect(await read(two)).toEqual({ version: 2 })
    expect(origin).toMatchObject({ sent: 2 })
  })

  it('keeps tags that an earlier loader had added, so that they still invalidate', async () => {
    caches = testCaches()
    const cache = await caches.open()
    let loads = 0
    const read = () =>
      caches.settle(
        cache.getOrLoad(
          'a',
          (ctx) => {
            loads++
            if (ctx.hasStale) return ctx.notModified()
            ctx.tags('owner:7')
            return 'v1'
          },
          LIFE,
        ),
      )
    await read()
    await caches.clock.advance(11_000)
    await read()
    await caches.settle(cache.invalidate({ tag: 'owner:7' }))
    await read()
    expect(loads).toBe(3)
    // What was deleted is not offered: the third load saw no stale value, or it would be a memory of the second.
    expect((await caches.settle(cache.inspect('a'))).memory?.tags).toEqual(['owner:7'])
  })

  it('is offered what a refresh ahead replaces, without any grace', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const origin = versionedOrigin()
    const read = () => cache.getOrLoad('a', origin.load, { ttl: '10s', refreshAhead: 0.5 })
    await caches.settle(read())
    await caches.clock.advance(6_000)
    await read()
    await caches.clock.advance(1)
    await caches.clock.advance(8_000)
    expect(cache.peek('a')).toMatchObject({ state: 'fresh' })
    expect(origin).toMatchObject({ sent: 1, asked: [undefined, '"v1"'] })
  })

  it('is not offered what was deleted, and may not confirm what it was not offered', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const origin = versionedOrigin()
    await caches.settle(cache.getOrLoad('a', origin.load, LIFE))
    await caches.settle(cache.invalidate({ key: 'a' }))
    await caches.settle(cache.getOrLoad('a', origin.load, LIFE))
    expect(origin.asked).toEqual([undefined, undefined])
    const wrong = cache.getOrLoad('b', (ctx) => ctx.notModified(), LIFE)
    await expect(caches.settle(wrong)).rejects.toThrow('ctx.notModified: expected a stale value of "b", got none')
  })

  it('confirms as of the time at which it began: an invalidation meanwhile wins', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const origin = versionedOrigin()
    const read = () => cache.getOrLoad('a', async (ctx) => caches.after(100, origin.load(ctx)), LIFE)
    await caches.settle(read())
    await caches.clock.advance(11_000)
    const confirming = read()
    await caches.clock.advance(50)
    await caches.settle(cache.invalidate({ key: 'a' }))
    await caches.settle(confirming)
    await caches.clock.advance(10)
    expect(cache.peek('a')).toBeUndefined()
    expect(await caches.settle(cache.get('a', { freshness: 'remote' }))).toBeUndefined()
  })

  it('in bulk confirms by input', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const asked: unknown[] = []
    const rooms = cache.define('room', {
      key: (id: string) => id,
      loadMany: (ids, ctx) => {
        asked.push(ctx.items.map((item) => item.etag))
        return ids.map((id, index) => {
          const item = ctx.items[index] as LoadContext
          if (item.etag !== undefined && id !== 'b') return item.notModified()
          item.etag = `e-${id}`
          return { id }
        })
      },
      tags: (room) => [`room ${room.id}`],
      ...LIFE,
    })
    const first = await caches.settle(rooms.getMany(['a', 'b']))
    await caches.clock.advance(11_000)
    const second = await caches.settle(rooms.getMany(['a', 'b']))
    expect(second).toEqual([{ id: 'a' }, { id: 'b' }])
    expect([second[0] === first[0], second[1] === first[1]]).toEqual([true, false])
    expect(asked).toEqual([
      [undefined, undefined],
      ['e-a', 'e-b'],
    ])
    expect(cache.stats().total.notModified).toBe(1)
  })

  it('have an etag by input, and are refused one for the batch', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const rooms = cache.define('room', {
      key: (id: string) => id,
      loadMany: (ids, ctx) => {
        Object.assign(ctx, { etag: 'of the batch' })
        return ids
      },
    })
    await expect(caches.settle(rooms.get('a'))).rejects.toThrow(/etag, object is not extensible/)
  })

  it.each([
    ['x'.repeat(1_025), 'ctx.etag: expected at most 1024 characters, got 1025'],
    [7, 'ctx.etag: expected a string, null or undefined, got 7'],
  ])('refuses an etag that is none', async (etag, reason) => {
    caches = testCaches()
    const cache = await caches.open()
    const wrong = cache.getOrLoad('a', (ctx) => {
      ctx.etag = etag as string
      return 1
    })
    await expect(caches.settle(wrong)).rejects.toThrow(reason)
  })

  it('takes the null that Headers.get returns for none', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const seen: unknown[] = []
    const load = (ctx: LoadContext) => {
      seen.push([ctx.stale, ctx.etag])
      ctx.etag = new Headers().get('etag')
      return 'value'
    }
    await caches.settle(cache.getOrLoad('a', load, LIFE))
    await caches.clock.advance(11_000)
    await caches.settle(cache.getOrLoad('a', load, LIFE))
    expect(seen).toEqual([
      [undefined, undefined],
      ['value', undefined],
    ])
  })
})
