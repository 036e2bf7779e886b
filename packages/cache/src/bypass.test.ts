import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import { type TestCaches, testCaches } from './testing/caches.js'
import type { Receipt } from './writes.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

async function twoNodes() {
  const remote = inProcessRemote()
  const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
  let version = 1
  const read = (cache: typeof one) => caches.settle(cache.getOrLoad('a', () => version, { details: true }))
  /** Waits until both nodes have applied what the receipt names. */
  const heard = async (acknowledged: Promise<Receipt>) => {
    const { seq } = await caches.settle(acknowledged)
    while ([one, two].some((cache) => cache.stats().log.applied < (seq ?? 0))) await caches.clock.advance(1)
  }
  return {
    one,
    two,
    read,
    heard,
    /** A change at the origin, invalidated by one node and heard by both. */
    change: async (by: typeof one) => {
      version++
      await heard(by.invalidate({ key: 'a' }))
    },
  }
}

describe('memory that is bypassed', () => {
  it('is emptied and takes nothing in, while reads are answered from the remote tier', async () => {
    const { one, read } = await twoNodes()
    await read(one)
    one.bypass('memory', true)
    expect(one.peek('a')).toBeUndefined()
    expect(await read(one)).toEqual({ value: 1, state: 'fresh', tier: 'remote' })
    await caches.settle(one.set('b', 2))
    expect(one.stats()).toMatchObject({ bypassed: ['memory'], memory: { entries: 0 } })
  })

  it('takes nothing in from a load that was under way when the bypass began', async () => {
    const cache = await caches.open()
    const load = cache.getOrLoad('a', () => caches.after(10, 1))
    await caches.clock.advance(5)
    cache.bypass('memory', true)
    expect(await caches.settle(load)).toBe(1)
    expect(cache.stats().memory.entries).toBe(0)
  })

  it('comes back without anything that was invalidated meanwhile', async () => {
    const { one, two, read, change } = await twoNodes()
    await read(one)
    one.bypass('memory', true)
    await change(two)
    one.bypass('memory', false)
    expect(one.peek('a')).toBeUndefined()
    expect(await read(one)).toMatchObject({ value: 2 })
    expect(await read(one)).toEqual({ value: 2, state: 'fresh', tier: 'memory' })
    expect(one.stats().bypassed).toEqual([])
  })
})

describe('a remote tier that is bypassed', () => {
  it('is not asked and not filled: what memory lacks is loaded, and kept in memory', async () => {
    const { one, two, read } = await twoNodes()
    await read(two)
    one.bypass('remote', true)
    expect(await read(one)).toMatchObject({ tier: 'origin' })
    expect(await read(one)).toMatchObject({ tier: 'memory' })
    expect(one.stats().total.remoteHits).toBe(0)
    await caches.settle(one.getOrLoad('only-here', () => 1))
    expect(await caches.settle(two.get('only-here'))).toBeUndefined()
  })

  it('still hears what others invalidate, and tells them what this node does', async () => {
    const { one, two, read, change, heard } = await twoNodes()
    one.bypass('remote', true)
    await read(one)
    await read(two)
    await change(two)
    expect(await read(one), 'heard').toMatchObject({ value: 2, tier: 'origin' })
    await read(two)
    await change(one)
    expect(await read(two), 'told').toMatchObject({ value: 3, tier: 'origin' })
    await heard(one.set('a', 9))
    expect(await read(two), 'a write reaches it').toMatchObject({ value: 9, tier: 'remote' })
  })

  it('answers with nothing that was invalidated meanwhile when it is back', async () => {
    const { one, two, read, change } = await twoNodes()
    await read(one)
    one.bypass('remote', true)
    await change(one)
    one.bypass('remote', false)
    expect(await read(two)).toMatchObject({ value: 2 })
    expect(await read(one)).toMatchObject({ value: 2 })
  })
})

it('a bypass is told once, and refused for what is no tier', async () => {
  const cache = await caches.open()
  const told: unknown[] = []
  cache.on('bypass', ({ tier, on }) => told.push([tier, on]))
  cache.bypass('remote', true)
  cache.bypass('remote', true)
  cache.bypass('remote', false)
  expect(told).toEqual([
    ['remote', true],
    ['remote', false],
  ])
  expect(() => cache.bypass('origin' as 'remote', true)).toThrow(/bypass\.tier: expected 'memory' or 'remote'/)
})

it('health says which tier is bypassed, for as long as it is', async () => {
  const cache = await caches.open()
  cache.bypass('memory', true)
  const health = await caches.settle(cache.health())
  expect(health.status).toBe('degraded')
  expect(health.components.find(({ name }) => name === 'memory')).toEqual({
    name: 'memory',
    status: 'degraded',
    reason: 'bypassed by an operator: reads go around it',
  })
  cache.bypass('memory', false)
  expect((await caches.settle(cache.health())).status).toBe('healthy')
})

describe('a preview', () => {
  it('counts what an invalidation would cover in both tiers, and changes nothing', async () => {
    const cache = await caches.open()
    const rooms = cache.define('room', {
      key: (id: string) => id,
      load: async (id) => ({ id }),
      tags: () => ['tagged'],
    })
    await caches.settle(rooms.getMany(['r1', 'r2', 's1']))
    await caches.settle(cache.set('other', 1))
    for (const [target, keys] of [
      [{ key: 'room:r1' }, ['room:r1']],
      [{ tag: 'tagged' }, ['room:r1', 'room:r2', 'room:s1']],
      [{ tag: 'room' }, ['room:r1', 'room:r2', 'room:s1']],
      [{ pattern: 'room:r*' }, ['room:r1', 'room:r2']],
      [{ regex: /1$/ }, ['room:r1', 'room:s1']],
      [{ keys: ['nothing', 'other'] }, ['other']],
      ['everything', ['other', 'room:r1', 'room:r2', 'room:s1']],
    ] as const) {
      const preview = await caches.settle(cache.preview(target))
      expect([...preview.keys].sort(), JSON.stringify(target)).toEqual(keys)
      expect(preview.memory.entries).toBe(keys.length)
      expect(preview.remote).toMatchObject({ entries: keys.length, complete: true })
    }
    expect(cache.stats().memory.entries).toBe(4)
  })

  it('says when it did not look at all keys', async () => {
    const cache = await caches.open()
    await caches.settle(cache.setMany(Array.from({ length: 9 }, (_, index) => [`k${index}`, index])))
    const preview = await caches.settle(cache.preview('everything', { maxExamined: 4 }))
    expect(preview.remote).toEqual({ entries: 4, examined: 4, complete: false })
  })

  it('is complete when it has looked at all keys, though SCAN names some twice and they are as many as it may look at', async () => {
    const inner = inProcessRemote()
    const cache = await caches.open({
      remote: {
        kind: inner.kind,
        open(context) {
          const tier = inner.open(context)
          tier.scan = async function* () {
            yield ['a', 'b', 'a']
            yield ['b']
          }
          return tier
        },
      },
    })
    await caches.settle(
      cache.setMany([
        ['a', 1],
        ['b', 2],
      ]),
    )
    const remoteOf = async (maxExamined: number) =>
      (await caches.settle(cache.preview('everything', { maxExamined }))).remote
    expect(await remoteOf(2)).toEqual({ entries: 2, examined: 2, complete: true })
    expect(await remoteOf(1)).toEqual({ entries: 1, examined: 1, complete: false })
  })

  it('is refused options that it does not have', async () => {
    const cache = await caches.open()
    const asked = caches.settle(cache.preview('everything', { maxExamine: 4 } as never))
    await expect(asked).rejects.toThrow('preview.maxExamine: expected one of maxExamined, got an unknown option')
  })

  it.each([0, -1, 1.5, Number.NaN])('is refused a bound of %s keys', async (maxExamined) => {
    const cache = await caches.open()
    await expect(cache.preview('everything', { maxExamined })).rejects.toThrow(
      `preview.maxExamined: expected a whole number of at least 1, got ${maxExamined}`,
    )
  })

  it('leaves out what is invalidated already', async () => {
    const cache = await caches.open()
    await caches.settle(cache.set('a', 1, { tags: ['t'] }))
    await caches.settle(cache.invalidate({ tag: 't' }))
    expect((await caches.settle(cache.preview({ key: 'a' }))).memory.entries).toBe(0)
  })
})
