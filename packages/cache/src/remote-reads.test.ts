import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { RemoteTier } from './ports.js'
import { type TestCaches, testCaches } from './testing/caches.js'
import { faultyRemote } from './testing/faulty-remote.js'

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

describe('leases', () => {
  async function twoNodes() {
    const remote = faultyRemote(inProcessRemote())
    const a = await caches.open({ remote, node: 'a' })
    const b = await caches.open({ remote, node: 'b' })
    return { a, b, remote }
  }
  const leasesOf = ({ total: { leases, leaseWaits } }: { total: { leases: number; leaseWaits: number } }) => ({
    leases,
    leaseWaits,
  })

  it('that another node holds are counted as waited for', async () => {
    const { a, b } = await twoNodes()
    const loading = b.getOrLoad('key', () => caches.after(100, 'of b'))
    await caches.clock.advance(10)
    expect(await caches.settle(a.getOrLoad('key', () => 'of a'))).toBe('of b')
    expect(leasesOf(a.stats())).toEqual({ leases: 1, leaseWaits: 1 })
    await loading
  })

  it('that nobody holds, because the value was filled since it was read, are not', async () => {
    const { a, b, remote } = await twoNodes()
    remote.faults.nextCall('a', { operation: 'get', replyLatencyMs: 20 })
    const late = a.getOrLoad('key', () => 'of a')
    await caches.clock.advance(1)
    await caches.settle(b.getOrLoad('key', () => 'of b'))
    expect(await caches.settle(late)).toBe('of b')
    expect(leasesOf(a.stats())).toEqual({ leases: 1, leaseWaits: 0 })
  })
})
