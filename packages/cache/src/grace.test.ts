import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import { type TestCaches, testCaches } from './testing/caches.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

const failing = () => {
  throw new Error('the database is away')
}

describe('the grace of an entry', () => {
  for (const [where, option] of [
    ['memory', {}],
    ['the remote tier', { memory: { ttl: 1 } }],
  ] as const) {
    it(`is its own, whatever the reader's family says: from ${where}`, async () => {
      const cache = await caches.open(option)
      const rooms = cache.define('room', { key: (id: string) => id, load: failing as () => string })
      await caches.settle(cache.set('a', 'old', { ttl: '1m', grace: '1h' }))
      await caches.settle(rooms.set('a', 'old', { ttl: '1m', grace: '1h' }))
      await caches.clock.advance(61_000)
      expect(await caches.settle(cache.getOrLoad('a', failing))).toBe('old')
      expect(await caches.settle(rooms.get('a', { details: true }))).toMatchObject({ value: 'old', state: 'stale' })
      await caches.clock.advance(3_600_000)
      await expect(caches.settle(rooms.get('a'))).rejects.toMatchObject({ code: 'load-failed' })
    })

    it(`is not taken by a reader who asks for none: from ${where}`, async () => {
      const cache = await caches.open({ ...option, defaults: { grace: '1h', ttl: '1m' } })
      await caches.settle(cache.set('a', 'old'))
      await caches.clock.advance(61_000)
      await expect(caches.settle(cache.getOrLoad('a', failing, { grace: 0 }))).rejects.toMatchObject({
        code: 'load-failed',
      })
      expect(await caches.settle(cache.getOrLoad('a', failing))).toBe('old')
    })

    it(`cannot be asked for by a reader when the entry has none: from ${where}`, async () => {
      const cache = await caches.open({ ...option, defaults: { ttl: '1m' } })
      await caches.settle(cache.set('a', 'old', { tags: ['t'] }))
      await caches.settle(cache.set('b', 'old', { tags: ['t'] }))
      await caches.settle(cache.invalidate({ key: 'a', mode: 'expire' }))
      await caches.settle(cache.invalidate({ tag: 't', mode: 'expire' }))
      for (const key of ['a', 'b']) {
        expect(cache.peek(key)).toBeUndefined()
        await expect(caches.settle(cache.getOrLoad(key, failing, { grace: '1h' }))).rejects.toMatchObject({
          code: 'load-failed',
        })
      }
    })
  }

  it('is not lengthened by a soft invalidation, nor shortened', async () => {
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    await caches.settle(one.set('a', 'old', { ttl: '1m', grace: '1m' }))
    await caches.settle(one.invalidate({ key: 'a', mode: 'expire' }))
    await caches.clock.advance(119_000)
    for (const cache of [one, two]) expect(await caches.settle(cache.getOrLoad('a', failing))).toBe('old')
    await caches.clock.advance(1_000)
    for (const cache of [one, two])
      await expect(caches.settle(cache.getOrLoad('a', failing))).rejects.toMatchObject({ code: 'load-failed' })
  })
})
