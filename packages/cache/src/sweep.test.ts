import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { CacheOptions } from './options.js'
import type { RemoteFactory, RemoteTier } from './ports.js'
import { type TestCaches, testCaches } from './testing/caches.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

/** Twice the default `maxStaleness`. */
const UNTIL_SWEPT_MS = 10_000
const DAY_MS = 86_400_000

/** A cache, the keys that its remote tier really holds, and what happens once when the sweep is about to remove one. */
async function sweptCache(options: CacheOptions = {}) {
  const hooks: { whenRemoving?: (() => Promise<unknown>) | undefined } = {}
  const backing = inProcessRemote()
  let tier: RemoteTier | undefined
  const remote: RemoteFactory = {
    kind: backing.kind,
    open(context) {
      const opened = backing.open(context)
      const acquire = opened.acquire.bind(opened)
      opened.acquire = async (...args) => {
        const { whenRemoving } = hooks
        hooks.whenRemoving = undefined
        await whenRemoving?.()
        return acquire(...args)
      }
      tier = opened
      return opened
    },
  }
  const cache = await caches.open({ remote, ...options })
  const held = async () => {
    const keys: string[] = []
    for await (const batch of (tier as RemoteTier).scan(100)) keys.push(...batch)
    return keys.sort()
  }
  return { cache, held: () => caches.settle(held()), hooks }
}

describe('the sweep', () => {
  it('removes from the remote tier what a pattern covers, after twice the bound of staleness', async () => {
    const { cache, held } = await sweptCache()
    await caches.settle(cache.setMany(['a:1', 'b:1'].map((key) => [key, 1])))
    await caches.settle(cache.invalidate({ pattern: 'a:*' }))
    await caches.clock.advance(UNTIL_SWEPT_MS - 1)
    expect(await held()).toEqual(['a:1', 'b:1'])
    await caches.clock.advance(1)
    expect(await held()).toEqual(['b:1'])
  })

  it('waits for months, if that is twice the bound', async () => {
    const { cache, held } = await sweptCache({ maxStaleness: '40d' })
    await caches.settle(cache.set('a:1', 1, { ttl: '1000d' }))
    await caches.settle(cache.invalidate({ pattern: 'a:*' }))
    await caches.clock.advance(79 * DAY_MS)
    expect(await held()).toEqual(['a:1'])
    await caches.clock.advance(DAY_MS)
    expect(await held()).toEqual([])
  })

  it('waits as long for a pattern that was issued while it waited for another', async () => {
    const { cache, held } = await sweptCache()
    await caches.settle(cache.setMany(['a:1', 'b:1'].map((key) => [key, 1])))
    await caches.settle(cache.invalidate({ pattern: 'a:*' }))
    await caches.clock.advance(UNTIL_SWEPT_MS - 1)
    await caches.settle(cache.invalidate({ pattern: 'b:*' }))
    await caches.clock.advance(1)
    expect(await held()).toEqual(['b:1'])
    await caches.clock.advance(UNTIL_SWEPT_MS)
    expect(await held()).toEqual([])
  })

  it('comes again for a clear that was issued while it was under way', async () => {
    const { cache, held, hooks } = await sweptCache()
    await caches.settle(cache.set('before', 1))
    await caches.settle(cache.clear())
    await caches.settle(cache.set('between', 1))
    hooks.whenRemoving = () => cache.clear()
    await caches.clock.advance(UNTIL_SWEPT_MS)
    expect(await held()).toEqual(['between'])
    await caches.clock.advance(UNTIL_SWEPT_MS)
    expect(await held()).toEqual([])
  })
})
