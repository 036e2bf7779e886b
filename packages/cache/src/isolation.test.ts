import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import { type TestCaches, testCaches } from './testing/caches.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

describe("readers who are kept apart by `isolate: 'clone'`", () => {
  const isolate = { memory: { isolate: 'clone' } } as const

  it('each get a copy of their own from one load, from one read of the remote tier, and in bulk', async () => {
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote, ...isolate }), await caches.open({ remote, ...isolate })]
    const load = () => ({ v: 1 })
    const ofLoad = await caches.settle(Promise.all([one.getOrLoad('a', load), one.getOrLoad('a', load)]))
    const ofRemote = await caches.settle(Promise.all([two.get<{ v: number }>('a'), two.get<{ v: number }>('a')]))
    const rows = one.define('row', { key: (id: number) => id, loadMany: async (ids) => ids.map(() => ({ v: 1 })) })
    const ofBatch = await caches.settle(Promise.all([rows.get(1), rows.get(1), rows.getMany([1, 1])]))
    for (const [first, second] of [ofLoad, ofRemote, ofBatch.slice(0, 2), ofBatch[2]] as const) {
      expect(first).toEqual({ v: 1 })
      expect(second).toEqual({ v: 1 })
      expect(first).not.toBe(second)
    }
    for (const value of ofLoad) value.v = 99
    expect(await caches.settle(one.getOrLoad('a', load))).toEqual({ v: 1 })
  })

  it('share what cannot be copied: it is given as the loader returned it, and not cached', async () => {
    const cache = await caches.open(isolate)
    const heard: unknown[] = []
    cache.on('fill-refused', ({ reason }) => heard.push(reason))
    const value = { roll: () => 4 }
    expect(await caches.settle(cache.getOrLoad('dice', () => value))).toBe(value)
    expect(heard).toEqual(['unstorable'])
    expect(cache.peek('dice')).toBeUndefined()
    await expect(caches.settle(cache.set('dice', value))).rejects.toMatchObject({
      code: 'invalid-argument',
      key: 'dice',
    })
  })
})

describe('a memory tier that fails', () => {
  const sizeless = { memory: { sizeOf: (value: unknown) => (value as { size: { length: number } }).size.length } }

  it('neither fails reads nor sets: the value is kept in the other tiers', async () => {
    const remote = inProcessRemote()
    const cache = await caches.open({ remote, ...sizeless })
    expect(await caches.settle(cache.getOrLoad('a', () => 'loaded'))).toBe('loaded')
    expect(await caches.settle(cache.getOrLoad('a', () => 'again', { details: true }))).toMatchObject({
      value: 'loaded',
      tier: 'remote',
    })
    expect(await caches.settle(cache.set('b', 'set'))).toMatchObject({ propagated: true })
    expect(await caches.settle(cache.get('b'))).toBe('set')
    expect(cache.peek('b')).toBeUndefined()
  })

  it('lets go of the value that it had before', async () => {
    const cache = await caches.open(sizeless)
    await caches.settle(cache.set('a', { size: [1] }))
    await caches.settle(cache.set('a', 'sizeless'))
    expect(cache.peek('a')).toBeUndefined()
    expect(await caches.settle(cache.get('a'))).toBe('sizeless')
  })

  it('whatever is thrown while a value is looked at, readers are given it', async () => {
    for (const isolate of ['share', 'freeze', 'clone'] as const) {
      const cache = await caches.open({ memory: { isolate } })
      const odd = {
        get sight(): never {
          throw new Error('do not look')
        },
      }
      expect(await caches.settle(cache.getOrLoad('odd', () => odd))).toBe(odd)
    }
  })
})

describe('a loader', () => {
  it.each([undefined, null, 0, ''])('that throws %j is a failed load', async (thrown) => {
    const cache = await caches.open()
    const failing = () => {
      throw thrown
    }
    await expect(caches.settle(cache.getOrLoad('a', failing))).rejects.toMatchObject({ code: 'load-failed', key: 'a' })
  })
})
