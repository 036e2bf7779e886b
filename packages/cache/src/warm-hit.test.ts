import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Cache } from './cache.js'
import type { CacheEventOf } from './events.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { CacheOptions } from './options.js'
import type { SampledRead } from './read-sampling.js'
import { type TestCaches, testCaches } from './testing/caches.js'
import { faultyRemote } from './testing/index.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

/** A definition that counts its loads, with the entry of room 1 warm: two reads were answered from memory. */
async function warmRoom(options: CacheOptions = {}) {
  const cache = await caches.open(options)
  let loads = 0
  const rooms = cache.define('room', {
    key: (id: number) => id,
    load: () => ({ version: ++loads }),
    tags: () => ['open'],
    ttl: '1m',
    grace: '1h',
  })
  const versionNow = async () => (await caches.settle(rooms.get(1))).version
  for (let read = 0; read < 3; read++) expect(await versionNow()).toBe(1)
  return { cache, rooms, versionNow }
}

describe('a warm hit', () => {
  it('gives every reader the same promise, and makes nothing anew', async () => {
    const { rooms } = await warmRoom()
    expect(rooms.get(1)).toBe(rooms.get(1))
  })

  it('ends with the ttl, to the millisecond', async () => {
    const { rooms, versionNow } = await warmRoom()
    await caches.clock.advance(59_999)
    expect(rooms.peek(1)?.state).toBe('fresh')
    await caches.clock.advance(1)
    expect(rooms.peek(1)?.state).toBe('stale')
    expect(await versionNow()).toBe(2)
  })

  const endings: Record<string, (cache: Cache) => Promise<unknown>> = {
    'deleting its key': (cache) => cache.invalidate({ key: 'room:1' }),
    'expiring its key': (cache) => cache.invalidate({ key: 'room:1', mode: 'expire' }),
    'deleting a tag': (cache) => cache.invalidate({ tag: 'open' }),
    'expiring a tag': (cache) => cache.invalidate({ tag: 'open', mode: 'expire' }),
    'deleting a pattern': (cache) => cache.invalidate({ pattern: 'r*:1' }),
    'expiring a pattern': (cache) => cache.invalidate({ pattern: 'r*:1', mode: 'expire' }),
    'clearing the cache': (cache) => cache.clear(),
    'taking memory out of the reads': async (cache) => {
      cache.bypass('memory', true)
      await cache.invalidate({ key: 'room:1' })
    },
  }
  for (const [what, end] of Object.entries(endings)) {
    it(`ends with ${what}, here and on another node`, async () => {
      const remote = inProcessRemote()
      const { cache, rooms, versionNow } = await warmRoom({ remote })
      const other = await caches.open({ remote })
      await caches.settle(end(what.startsWith('taking') ? cache : other))
      await caches.clock.advance(10)
      expect(rooms.peek(1)?.state).not.toBe('fresh')
      expect(await versionNow()).toBe(2)
    })
  }

  it('ends when the value is replaced', async () => {
    const { rooms, versionNow } = await warmRoom()
    await caches.settle(rooms.set(1, { version: 7 }))
    expect(await versionNow()).toBe(7)
    expect(rooms.peek(1)?.value).toEqual({ version: 7 })
    expect(await versionNow()).toBe(7)
  })

  it('ends when memory gives the entry up', async () => {
    const { cache, rooms } = await warmRoom({ memory: { maxEntries: 1 } })
    await caches.settle(cache.set('other', 1))
    expect(rooms.peek(1)).toBeUndefined()
    expect(await caches.settle(rooms.get(1, { details: true }))).toMatchObject({ tier: 'remote' })
  })

  it('goes on after invalidations that do not cover it', async () => {
    const { cache, rooms, versionNow } = await warmRoom()
    await caches.settle(cache.invalidate({ tag: 'closed' }))
    await caches.settle(cache.invalidate({ pattern: 'user:*' }))
    expect(rooms.peek(1)?.state).toBe('fresh')
    expect(await versionNow()).toBe(1)
  })

  it('ends when the cache is closed', async () => {
    const { cache, rooms } = await warmRoom()
    await caches.settle(cache.close())
    await expect(caches.settle(rooms.get(1))).rejects.toMatchObject({ code: 'closed' })
    expect(rooms.peek(1)).toBeUndefined()
  })

  it('refreshes ahead when its time comes', async () => {
    const cache = await caches.open()
    let loads = 0
    const scores = cache.define('score', { key: (id: string) => id, load: () => ++loads, ttl: '1m', refreshAhead: 0.5 })
    for (let read = 0; read < 3; read++) expect(await caches.settle(scores.get('a'))).toBe(1)
    await caches.clock.advance(45_000)
    expect(await caches.settle(scores.get('a'))).toBe(1)
    await caches.clock.advance(10)
    expect(await caches.settle(scores.get('a'))).toBe(2)
  })

  it('leaves the eviction policy its view: what is read stays', async () => {
    const cache = await caches.open({ memory: { maxEntries: 2 } })
    await caches.settle(cache.set('hot', 1))
    await caches.settle(cache.set('cold', 1))
    for (let read = 0; read < 3; read++) await cache.get('hot')
    await caches.settle(cache.set('new', 1))
    expect(cache.peek('hot')?.value).toBe(1)
  })
})

/**
 * Of reads as many as it takes until most go by without a look at what they depend on, in one turn of the event loop.
 */
function readInABurst(rooms: { get(id: number): Promise<unknown> }, reads = 40): void {
  for (let read = 0; read < reads; read++) void rooms.get(1)
}

describe('in the middle of a burst, the next read knows', () => {
  for (const operation of [{ tag: 'open' }, { pattern: 'room:*' }, { key: 'room:1' }]) {
    it(`that the value was invalidated by ${Object.keys(operation)}`, async () => {
      const { cache, rooms } = await warmRoom()
      let turnIsOver = false
      setImmediate(() => {
        turnIsOver = true
      })
      readInABurst(rooms)
      await cache.invalidate(operation)
      expect(turnIsOver).toBe(false)
      expect(await caches.settle(rooms.get(1))).toEqual({ version: 2 })
    })
  }

  it('that the log was begun anew', async () => {
    const remote = inProcessRemote()
    let beforeSnapshot = () => undefined as unknown
    const { cache, rooms } = await warmRoom({
      remote: {
        kind: remote.kind,
        open(context) {
          const tier = remote.open(context)
          const snapshot = tier.log.snapshot.bind(tier.log)
          vi.spyOn(tier.log, 'snapshot').mockImplementation(() => snapshot().finally(() => beforeSnapshot()))
          return tier
        },
      },
    })
    const peeked: unknown[] = []
    beforeSnapshot = () => readInABurst(rooms)
    cache.on('log-lost', () => peeked.push(rooms.peek(1)))
    remote.flush()
    await caches.clock.advance(2_000)
    expect(peeked).toEqual([undefined])
  })

  it('that somebody listens', async () => {
    const { cache, rooms } = await warmRoom()
    readInABurst(rooms)
    let heard = 0
    const stop = cache.on('hit', () => heard++)
    readInABurst(rooms)
    expect(heard).toBe(40)
    stop()
    readInABurst(rooms)
    expect(heard).toBe(40)
  })

  it('that reads are sampled, and none goes by that somebody is to be given', async () => {
    const { cache, rooms } = await warmRoom()
    readInABurst(rooms)
    let given = 0
    const stop = cache.sampleReads(1, () => given++)
    readInABurst(rooms)
    expect(given).toBe(40)
    stop()
    let some = 0
    cache.sampleReads(0.1, () => some++)
    readInABurst(rooms, 10_000)
    expect(some).toBeGreaterThan(850)
    expect(some).toBeLessThan(1_150)
  })

  it('that the log has not been heard for too long, however often it is asked', async () => {
    const remote = faultyRemote(inProcessRemote())
    const { cache, rooms } = await warmRoom({ remote, node: 'here' })
    const lenient = cache.define('lenient', { key: (id: number) => id, load: () => 1, ttl: '1m', onPartition: 'serve' })
    for (let read = 0; read < 3; read++) await caches.settle(lenient.get(1))
    remote.faults.cut('here')
    await caches.clock.advance(6_000)
    readInABurst(lenient)
    expect(lenient.peek(1)?.value).toBe(1)
    expect(rooms.peek(1)).toBeUndefined()
  })
})

describe('a warm hit is seen', () => {
  it('by the counters and by listeners, with its full key, and not when it is only peeked at', async () => {
    const { cache, rooms, versionNow } = await warmRoom()
    const before = cache.stats().definitions.room?.memoryHits ?? 0
    const heard: CacheEventOf<'hit'>[] = []
    const stop = cache.on('hit', (event) => heard.push(event))
    await versionNow()
    rooms.peek(1)
    expect(heard).toEqual([{ type: 'hit', key: 'room:1', definition: 'room', tier: 'memory', state: 'fresh' }])
    stop()
    await versionNow()
    expect(heard).toHaveLength(1)
    expect(cache.stats().definitions.room?.memoryHits).toBe(before + 2)
  })

  it('by those who sample reads: each once, with its arguments', async () => {
    const { cache, versionNow } = await warmRoom()
    const given: SampledRead[] = []
    const stop = cache.sampleReads(1, (read) => given.push(read))
    for (let read = 0; read < 10; read++) await versionNow()
    expect(given).toHaveLength(10)
    expect(given[9]).toMatchObject({ key: 'room:1', definition: 'room', args: [1], value: { version: 1 } })
    stop()
    const share = 0.25
    const some: SampledRead[] = []
    cache.sampleReads(share, (read) => some.push(read))
    for (let read = 0; read < 4_000; read++) await versionNow()
    expect(some.length).toBeGreaterThan(800)
    expect(some.length).toBeLessThan(1_200)
  })

  it('by the histogram of hits, one in 128', async () => {
    const { cache, versionNow } = await warmRoom()
    // Two hits came before.
    for (let read = 2; read < 1_280; read++) await versionNow()
    expect(cache.stats().definitions.room?.memoryTime.count).toBe(10)
  })
})

describe('what is warm under one name or option', () => {
  it('is not served to a reader who asks for the remote tier', async () => {
    const { rooms } = await warmRoom()
    expect(await caches.settle(rooms.get(1, { freshness: 'remote', details: true }))).toMatchObject({ tier: 'remote' })
  })

  it('never is in a definition that always asks the remote tier, even when a call did not', async () => {
    const cache = await caches.open()
    const roles = cache.define('role', { key: (id: string) => id, load: () => 'gm', freshness: 'remote' })
    for (let read = 0; read < 3; read++) await caches.settle(roles.get('a', { freshness: 'memory' }))
    roles.peek('a')
    await caches.settle(roles.get('a'))
    expect(cache.stats().definitions.role?.memoryBypasses).toBe(1)
  })

  it('is one entry for the definition and for the full key', async () => {
    const { cache, rooms } = await warmRoom()
    for (let read = 0; read < 3; read++) expect(await cache.get('room:1')).toEqual({ version: 1 })
    await caches.settle(cache.invalidate({ key: 'room:1' }))
    expect(cache.peek('room:1')).toBeUndefined()
    expect(rooms.peek(1)).toBeUndefined()
  })

  it('keeps numbers and texts of the same look together, and other texts apart', async () => {
    const cache = await caches.open()
    const things = cache.define('thing', { key: (id: string | number) => id, load: (id) => `${typeof id} ${id}` })
    for (let read = 0; read < 3; read++) {
      expect(await caches.settle(things.get(5))).toBe('number 5')
      expect(await caches.settle(things.get('5'))).toBe('number 5')
      expect(await caches.settle(things.get('05'))).toBe('string 05')
    }
    await caches.settle(things.invalidate('5'))
    expect([things.peek(5), things.peek('5')]).toEqual([undefined, undefined])
  })

  it('takes several arguments, and none', async () => {
    const cache = await caches.open()
    const pairs = cache.define('pair', { key: (a: string, b: number) => [a, b], load: (a, b) => `${a}${b}` })
    const only = cache.define('only', { key: () => '', load: () => 'it' })
    for (let read = 0; read < 3; read++) {
      expect(await caches.settle(pairs.get('a:b', 1))).toBe('a:b1')
      expect(await caches.settle(pairs.get('a', 1))).toBe('a1')
      expect(await caches.settle(only.get())).toBe('it')
    }
    expect(pairs.get('a', 1)).toBe(pairs.get('a', 1))
    expect(only.get()).toBe(only.get())
    expect(pairs.peek('a:b', 1)?.value).toBe('a:b1')
  })

  it('gives every reader a copy of its own where that is the option', async () => {
    const { rooms } = await warmRoom({ memory: { isolate: 'clone' } })
    const [one, two] = [await rooms.get(1), await rooms.get(1)]
    expect(one).toEqual(two)
    expect(one).not.toBe(two)
    one.version = 99
    expect(await rooms.getMany([1])).toEqual([{ version: 1 }])
    expect(rooms.peek(1)?.value).toEqual({ version: 1 })
  })
})

describe('a bulk read', () => {
  it('mixes what is warm, what memory holds and what must be loaded, in input order, and loads together', async () => {
    const cache = await caches.open()
    const batches: number[][] = []
    const rows = cache.define('row', {
      key: (id: number) => id,
      loadMany: (ids: readonly number[]) => {
        batches.push([...ids])
        return ids.map((id) => id * 10)
      },
    })
    await caches.settle(rows.getMany([1, 2]))
    for (let read = 0; read < 3; read++) await caches.settle(rows.get(1))
    expect(await caches.settle(rows.getMany([3, 2, 1, 4, 1]))).toEqual([30, 20, 10, 40, 10])
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(cache.stats().definitions.row).toMatchObject({ memoryHits: 6, loads: 4 })
  })

  it('rejects when one of its loads does', async () => {
    const cache = await caches.open()
    const rows = cache.define('row', {
      key: (id: number) => id,
      load: (id) => {
        if (id === 2) throw new Error('no row 2')
        return id
      },
    })
    await caches.settle(rows.getMany([1]))
    await expect(caches.settle(rows.getMany([1, 2, 3]))).rejects.toThrow('no row 2')
  })
})
