import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { RemoteTier } from './ports.js'
import { type TestCaches, testCaches } from './testing/caches.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

/**
 * A cache that holds all of 300 keys remotely and nothing in memory, and how many keys each request to the remote tier
 * had. An answer takes a millisecond.
 */
async function withRequests() {
  const requests: number[] = []
  const inner = inProcessRemote()
  const recorded = (tier: RemoteTier) =>
    new Proxy(tier, {
      get(target, name) {
        if (name === 'get')
          return async (keys: readonly string[]) => {
            requests.push(keys.length)
            return caches.after(1, await target.get(keys))
          }
        const member: unknown = Reflect.get(target, name)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  const cache = await caches.open({ remote: { ...inner, open: (context) => recorded(inner.open(context)) } })
  const keys = Array.from({ length: 300 }, (_, at) => `key:${at}`)
  await caches.settle(cache.setMany(keys.map((key) => [key, `value of ${key}`])))
  cache.bypass('memory', true)
  requests.length = 0
  return { cache, keys, requests }
}

describe('reads that memory cannot answer', () => {
  it('are one request when they come in one turn', async () => {
    const { cache, keys, requests } = await withRequests()
    const reads = keys.slice(0, 15).map((key) => cache.get(key))
    expect(await caches.settle(Promise.all(reads))).toEqual(keys.slice(0, 15).map((key) => `value of ${key}`))
    expect(requests).toEqual([15])
  })

  it('are answered in two halves when they are many, so that the first half of the readers ask while the second is read', async () => {
    const { cache, keys, requests } = await withRequests()
    let next = 0
    const found: unknown[] = []
    const reader = async () => {
      while (next < 160) {
        const at = next++
        found[at] = await cache.get(keys[at]!)
      }
    }
    await caches.settle(Promise.all(Array.from({ length: 32 }, reader)))
    expect(found).toEqual(keys.slice(0, 160).map((key) => `value of ${key}`))
    expect(requests).toEqual([32, ...Array<number>(8).fill(16)])
  })

  it('of one bulk read are one request, however many', async () => {
    const { cache, keys, requests } = await withRequests()
    expect(await caches.settle(cache.getMany(keys))).toEqual(keys.map((key) => `value of ${key}`))
    expect(requests).toEqual([300])
  })
})
