import { expect, it } from 'vitest'
import { type Cache, inProcessRemote, type RemoteFactory } from '../../src/index.js'
import { faultyRemote, testCaches } from '../../src/testing/index.js'

async function world() {
  const caches = testCaches()
  const backing = inProcessRemote()
  const remote = faultyRemote(backing)
  const origin = { value: 'v1' }
  const node = async (name: string) => {
    const cache: Cache = await caches.open({ node: name, remote })
    const gates: Promise<void>[] = []
    const rooms = cache.define('room', {
      key: (id: string) => id,
      grace: '1h',
      tags: (_value, id) => [`tag:${id}`],
      load: async () => {
        const { value } = origin
        await gates.shift()
        return value
      },
    })
    const hold = () => {
      let open: () => void = () => undefined
      gates.push(
        new Promise((resolve) => {
          open = resolve
        }),
      )
      return open
    }
    return { cache, rooms, hold }
  }
  return {
    caches,
    clock: caches.clock,
    settle: caches.settle,
    backing,
    faults: remote.faults,
    origin,
    a: await node('a'),
    b: await node('b'),
  }
}

it('a soft pattern still counts after its sweep', async () => {
  const { a, b, origin, clock, settle, caches } = await world()
  await settle(a.rooms.get('r'))
  origin.value = 'v2'
  await settle(a.cache.invalidate({ pattern: 'room:*', mode: 'expire' }))
  await clock.advance(15_000)
  expect(await settle(b.rooms.get('r'))).toBe('v2')
  await caches.close()
})

it('after the log was lost, no reader joins a load that a tag had overtaken before', async () => {
  const { a, b, origin, clock, settle, faults, backing, caches } = await world()
  const release = b.hold()
  const early = b.rooms.get('r')
  await clock.flush()
  origin.value = 'v2'
  await settle(b.cache.invalidate({ tag: 'tag:r' }))
  faults.cutSubscription('b')
  await settle(a.cache.invalidate({ key: 'unrelated' }))
  backing.trimLog(0)
  faults.heal('b')
  await clock.advance(100)
  expect(b.cache.stats().log.losses).toBe(1)
  const late = b.rooms.get('r')
  await clock.advance(10)
  release()
  expect([await settle(early), await settle(late)]).toEqual(['v1', 'v2'])
  await caches.close()
})

for (const target of [
  { tag: 'tag:r', mode: 'expire' },
  { pattern: 'room:*' },
  { pattern: 'room:*', mode: 'expire' },
  { tag: 'tag:r' },
] as const) {
  it(`3: a remote read on its way does not outlive an invalidation that could not be logged (${JSON.stringify(target)})`, async () => {
    const { a, b, origin, clock, settle, faults, caches } = await world()
    await settle(b.rooms.get('r'))
    faults.nextCall('a', { operation: 'get', replyLatencyMs: 20 })
    const early = a.rooms.get('r')
    await clock.flush()
    origin.value = 'v2'
    faults.nextCall('a', { operation: 'commit', fail: 'before' })
    expect(await settle(a.cache.invalidate(target))).toMatchObject({ propagated: false })
    const late = a.rooms.get('r')
    await clock.advance(20)
    await settle(early)
    expect([await settle(late), await settle(a.rooms.get('r'))]).toEqual(['v2', 'v2'])
    await caches.close()
  })
}

it('what was read before its key was deleted is no fallback that a failed load could keep', async () => {
  const { a, b, origin, clock, settle, faults, caches } = await world()
  await settle(b.rooms.get('r'))
  await clock.advance(3_600_000)
  faults.nextCall('a', { operation: 'get', replyLatencyMs: 20 })
  const failing = () => Promise.reject(new Error('away'))
  const early = a.cache.getOrLoad('room:r', failing, { grace: '1h' }).catch(() => 'failed')
  await clock.flush()
  origin.value = 'v2'
  await settle(a.rooms.invalidate('r'))
  await clock.advance(100)
  await settle(early)
  expect(await settle(a.rooms.get('r'))).toBe('v2')
  await caches.close()
})

it('suspect memory is no fallback while another node loads', async () => {
  const { a, b, origin, clock, settle, faults, backing, caches } = await world()
  await settle(a.rooms.get('r'))
  faults.cut('a')
  origin.value = 'v2'
  await settle(b.rooms.invalidate('r'))
  await clock.advance(6_000)
  backing.trimLog(0)
  faults.heal('a')
  await clock.advance(100)
  const release = b.hold()
  const loading = b.rooms.get('r')
  await clock.flush()
  const late = a.rooms.get('r')
  await clock.advance(10)
  release()
  expect([await settle(loading), await settle(late)]).toEqual(['v2', 'v2'])
  await caches.close()
})

it('losing the log does not forget what had been applied to memory: a deleted tag stays deleted, also as a fallback', async () => {
  const { a, b, origin, clock, settle, faults, backing, caches } = await world()
  await settle(a.rooms.get('r'))
  origin.value = 'v2'
  await settle(a.cache.invalidate({ tag: 'tag:r' }))
  faults.cutSubscription('a')
  await settle(b.cache.invalidate({ key: 'unrelated' }))
  backing.trimLog(0)
  faults.heal('a')
  await clock.advance(100)
  const release = b.hold()
  const loading = b.rooms.get('r')
  await clock.flush()
  const late = a.rooms.get('r')
  await clock.advance(10)
  release()
  expect([await settle(loading), await settle(late)]).toEqual(['v2', 'v2'])
  await caches.close()
})

it('a set that was sent before an invalidation of its key, and arrives after it, leaves nothing older behind', async () => {
  const { a, b, origin, clock, settle, faults, caches } = await world()
  faults.nextCall('a', { operation: 'commit', latencyMs: 50 })
  const set = a.rooms.set('r', 'v1')
  origin.value = 'v2'
  await settle(b.rooms.invalidate('r'))
  await clock.advance(100)
  await settle(set)
  expect([await settle(a.rooms.get('r')), await settle(b.rooms.get('r'))]).toEqual(['v2', 'v2'])
  await caches.close()
})

it('a reader who comes after a soft invalidation is answered, although the flight before has served its stale value', async () => {
  const caches = testCaches()
  const cache = await caches.open()
  let loads = 0
  const rooms = cache.define('room', {
    key: (id: string) => id,
    load: () => caches.after(loads === 0 ? 0 : 5_000, ++loads),
    tags: () => ['lobby'],
    ttl: '10s',
    grace: '1h',
    softTimeout: 10,
  })
  await caches.settle(rooms.get('a'))
  await caches.clock.advance(11_000)
  expect(await caches.settle(rooms.get('a', { details: true }))).toMatchObject({ value: 1, state: 'stale' })
  await caches.settle(cache.invalidate({ tag: 'lobby', mode: 'expire' }))
  expect(await caches.settle(rooms.get('a', { details: true }))).toMatchObject({ value: 1, state: 'stale' })
  await caches.settle(cache.invalidate({ tag: 'lobby' }))
  expect(await caches.settle(rooms.get('a'))).toBeGreaterThan(1)
  await caches.close()
})

it("a read with freshness 'remote' does not join a flight of the same tick that trusts the log it has heard", async () => {
  const { a, b, origin, clock, settle, faults, caches } = await world()
  await settle(b.cache.invalidate({ tag: 'tag:r' }))
  await clock.advance(1)
  await settle(a.rooms.get('r'))
  faults.cutSubscription('b')
  origin.value = 'v2'
  await settle(a.cache.invalidate({ tag: 'tag:r' }))
  const trusting = b.rooms.get('r')
  const careful = b.rooms.get('r', { freshness: 'remote' })
  expect(await settle(careful)).toBe('v2')
  await settle(trusting)
  await clock.advance(1)
  await caches.close()
})

it('a caller who came after a tag was invalidated is not given the load under way, though the log was begun anew meanwhile', async () => {
  const { a, origin, clock, settle, backing, caches } = await world()
  const release = a.hold()
  const early = a.rooms.get('r')
  await clock.flush()
  origin.value = 'v2'
  await settle(a.cache.invalidate({ tag: 'tag:r' }))
  const late = a.rooms.get('r')
  backing.lose('head')
  await settle(a.cache.get('elsewhere', { freshness: 'remote' }))
  expect(a.cache.stats().log.losses).toBe(1)
  release()
  expect([await settle(early), await settle(late)]).toEqual(['v1', 'v2'])
  await caches.close()
})

it('a key that was filled between the read of another node and its asking for the lease is not loaded again', async () => {
  const { a, b, clock, settle, faults, caches } = await world()
  const loads: string[] = []
  a.cache.on('load', ({ key }) => loads.push(`a ${key}`))
  b.cache.on('load', ({ key }) => loads.push(`b ${key}`))
  const release = a.hold()
  const first = a.rooms.get('r')
  await clock.flush()
  // The other node's miss is on its way back while the first one fills, and ends its lease.
  faults.nextCall('b', { operation: 'get', replyLatencyMs: 20 })
  const second = b.rooms.get('r', { details: true })
  await clock.flush()
  release()
  expect(await settle(first)).toBe('v1')
  expect(await settle(second)).toEqual({ value: 'v1', state: 'fresh', tier: 'remote' })
  expect(loads).toEqual(['a room:r'])
  await caches.close()
})

it('a value that is set while the sweep of an older pattern looks at its key stays', async () => {
  const caches = testCaches()
  const backing = inProcessRemote()
  let whenSwept: (() => Promise<unknown>) | undefined
  const remote: RemoteFactory = {
    kind: backing.kind,
    open(context) {
      const tier = backing.open(context)
      const get = tier.get.bind(tier)
      // What the sweep has read is covered by the pattern, and is no longer what is there when it goes on.
      tier.get = async (keys) => {
        const values = await get(keys)
        if (keys.includes('room:r') && context.node.startsWith('a-')) await whenSwept?.()
        return values
      }
      return tier
    },
  }
  const a = await caches.open({ node: 'a', remote })
  const b = await caches.open({ node: 'b', remote })
  await caches.settle(a.set('room:r', 'covered'))
  await caches.settle(a.invalidate({ pattern: 'room:*' }))
  let swept = 0
  whenSwept = async () => {
    swept++
    await b.set('room:r', 'set meanwhile')
  }
  await caches.clock.advance(60_000)
  expect(swept).toBe(1)
  expect(await caches.settle(b.get('room:r', { freshness: 'remote' }))).toBe('set meanwhile')
  await caches.close()
})
