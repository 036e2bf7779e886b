import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Bulkhead, type Place, resolveBulkhead } from './bulkhead.js'
import { CacheOverloadedError } from './index.js'
import { type TestCaches, testCaches } from './testing/index.js'

let caches: TestCaches | undefined
afterEach(async () => {
  await caches?.close()
  expect(caches?.clock.pending ?? 0).toBe(0)
  caches = undefined
})

/** Loads that end in the order in which the test says so. */
function gatedOrigin() {
  const begun: string[] = []
  const gates = new Map<string, () => void>()
  return {
    begun,
    load: (key: string) =>
      new Promise<string>((resolve) => {
        begun.push(key)
        gates.set(key, () => resolve(`value ${key}`))
      }),
    end: (key: string) => gates.get(key)?.(),
  }
}

describe('a bulkhead', () => {
  it('admits so many, queues so many first come first served, and refuses the next with the figures', () => {
    const bulkhead = new Bulkhead('room', { concurrency: 2, queue: 2 })
    const [a, b, c, d] = [bulkhead.enter(), bulkhead.enter(), bulkhead.enter(), bulkhead.enter()]
    expect([a, b, c, d].map(({ admitted }) => admitted)).toEqual([true, true, false, false])
    expect(() => bulkhead.enter()).toThrow(CacheOverloadedError)
    expect(() => bulkhead.enter()).toThrow("too many loads of 'room': 2 are under way and 2 wait")
    b.leave()
    b.leave()
    expect([c.admitted, d.admitted, bulkhead.running, bulkhead.waiting]).toEqual([true, false, 2, 1])
  })

  it('forgets who leaves the queue, and sends everybody away who waits when it closes', async () => {
    const bulkhead = new Bulkhead('', { concurrency: 1, queue: 5 })
    const [first, second, third] = [bulkhead.enter(), bulkhead.enter(), bulkhead.enter()]
    second.leave()
    bulkhead.close()
    await Promise.all([second.turn, third.turn])
    first.leave()
    expect([second.admitted, third.admitted, bulkhead.running, bulkhead.waiting]).toEqual([false, false, 0, 0])
  })

  it('agrees with a naive model, whatever comes and goes', () => {
    const step = fc.oneof({ weight: 3, arbitrary: fc.constant('enter' as const) }, fc.nat(30))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(4), fc.array(step), (concurrency, queue, steps) => {
        const bulkhead = new Bulkhead('model', { concurrency, queue })
        const places: Place[] = []
        let running: number[] = []
        let waiting: number[] = []
        for (const what of steps) {
          if (what === 'enter') {
            const isFull = running.length === concurrency && waiting.length === queue
            if (isFull) expect(() => bulkhead.enter()).toThrow(CacheOverloadedError)
            else {
              places.push(bulkhead.enter())
              waiting.push(places.length - 1)
            }
          } else {
            places[what]?.leave()
            running = running.filter((place) => place !== what)
            waiting = waiting.filter((place) => place !== what)
          }
          while (running.length < concurrency && waiting.length > 0) running.push(waiting.shift() as number)
          expect([bulkhead.running, bulkhead.waiting]).toEqual([running.length, waiting.length])
          for (const place of running) expect(places[place]?.admitted).toBe(true)
          for (const place of waiting) expect(places[place]?.admitted).toBe(false)
        }
      }),
    )
  })

  it.each([
    [{ concurrency: 0 }, 'here.concurrency: expected a whole number of at least 1, got 0'],
    [{ concurrency: 2.5 }, 'here.concurrency'],
    [{ concurrency: 2, queue: -1 }, 'here.queue: expected a whole number of at least 0, got -1'],
    [{ concurrency: 2, queu: 1 }, 'here.queu: expected one of concurrency, queue, got an unknown option'],
    [true, 'here: expected false or { concurrency, queue }, got true'],
  ])('refuses %j with a reason', (options, reason) => {
    expect(() => resolveBulkhead('here', options as never)).toThrow(reason)
  })

  it('is inherited from the cache, replaced or lifted by a definition', () => {
    const ofCache = resolveBulkhead('bulkhead', { concurrency: 3 })
    expect(ofCache).toEqual({ concurrency: 3, queue: 12 })
    expect(resolveBulkhead('bulkhead', undefined, ofCache)).toBe(ofCache)
    expect(resolveBulkhead('bulkhead', false, ofCache).concurrency).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('loads behind a bulkhead', () => {
  async function rooms(options: object = {}) {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: '1s' } })
    const origin = gatedOrigin()
    const definition = cache.define('room', {
      key: (id: string) => id,
      load: (id) => origin.load(id),
      bulkhead: { concurrency: 2, queue: 3 },
      ...options,
    })
    return { caches, cache, origin, rooms: definition }
  }

  it('run so many at a time, in the order in which they were asked for', async () => {
    const { caches, cache, origin, rooms: definition } = await rooms()
    const reads = ['a', 'b', 'c', 'd', 'e'].map((id) => definition.get(id))
    await caches.clock.flush()
    expect(origin.begun).toEqual(['a', 'b'])
    expect(cache.stats().loads).toEqual({ running: 2, waiting: 3, overdue: 0 })
    for (const id of ['b', 'a', 'c', 'd', 'e']) {
      origin.end(id)
      await caches.clock.flush()
    }
    expect(origin.begun).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await caches.settle(Promise.all(reads))).toHaveLength(5)
    expect(cache.stats().loads).toEqual({ running: 0, waiting: 0, overdue: 0 })
  })

  it('are refused when the queue is full, without a load; other definitions are not concerned', async () => {
    const { caches, cache, origin, rooms: definition } = await rooms()
    const overloads: unknown[] = []
    cache.on('overload', ({ key, running, waiting }) => overloads.push([key, running, waiting]))
    const reads = ['a', 'b', 'c', 'd', 'e'].map((id) => definition.get(id))
    await caches.clock.flush()
    await expect(definition.get('f')).rejects.toMatchObject({
      name: 'CacheOverloadedError',
      code: 'overloaded',
      definition: 'room',
      running: 2,
      waiting: 3,
    })
    expect(overloads).toEqual([['room:f', 2, 3]])
    expect(cache.stats().definitions.room).toMatchObject({ overloads: 1, loads: 2, loadErrors: 0 })
    expect(await caches.settle(cache.getOrLoad('elsewhere', () => 1))).toBe(1)
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      origin.end(id)
      await caches.clock.flush()
    }
    await caches.settle(Promise.all(reads))
  })

  it('are replaced by the stale value within grace', async () => {
    const {
      caches,
      origin,
      rooms: definition,
    } = await rooms({ ttl: '10s', grace: '1h', bulkhead: { concurrency: 1, queue: 0 } })
    await caches.settle(definition.set('f', 'old'))
    await caches.clock.advance(11_000)
    const busy = definition.get('a')
    await caches.clock.flush()
    expect(await caches.settle(definition.get('f', { details: true }))).toMatchObject({ value: 'old', state: 'stale' })
    origin.end('a')
    await caches.settle(busy)
  })

  it('count their time in the queue: nobody waits longer than the hard timeout, and who left never loads', async () => {
    const { caches, cache, origin, rooms: definition } = await rooms({ bulkhead: { concurrency: 1, queue: 3 } })
    const hanging = expect(definition.get('a')).rejects.toThrow('longer than 1000 ms')
    await caches.clock.advance(300)
    const queued = expect(definition.get('b')).rejects.toThrow('did not get its turn in time')
    await caches.clock.advance(1_000)
    await hanging
    await queued
    expect(cache.stats().loads).toEqual({ running: 1, waiting: 0, overdue: 1 })
    // The place belongs to the load until it has really ended.
    const next = definition.get('c')
    await caches.clock.advance(100)
    expect(origin.begun).toEqual(['a'])
    origin.end('a')
    await caches.clock.flush()
    expect(origin.begun).toEqual(['a', 'c'])
    origin.end('c')
    expect(await caches.settle(next)).toBe('value c')
  })

  it('need no load when somebody has filled the key while they waited', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const origin = gatedOrigin()
    const one = cache.define('room', {
      key: (id: string) => id,
      load: (id) => origin.load(id),
      bulkhead: { concurrency: 1 },
    })
    const [busy, queued] = [one.get('a'), one.get('b')]
    await caches.clock.flush()
    await caches.settle(cache.set('room:b', 'set meanwhile'))
    await caches.clock.advance(1)
    origin.end('a')
    await caches.settle(busy)
    expect(await caches.settle(queued)).toBe('set meanwhile')
    expect(origin.begun).toEqual(['a'])
  })

  it('are sent away when the cache closes', async () => {
    const { caches, cache, origin, rooms: definition } = await rooms({ bulkhead: { concurrency: 1, queue: 3 } })
    const busy = definition.get('a')
    const queued = expect(definition.get('b')).rejects.toMatchObject({ code: 'closed' })
    await caches.clock.flush()
    const closing = cache.close()
    await queued
    origin.end('a')
    expect(await caches.settle(busy)).toBe('value a')
    await caches.settle(closing)
  })

  it('of a definition that loads in bulk are counted by the call of loadMany', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: '1s' } })
    const batches: string[][] = []
    const ends: (() => void)[] = []
    const definition = cache.define('room', {
      key: (id: string) => id,
      loadMany: (ids) => {
        batches.push([...ids])
        return new Promise<string[]>((resolve) => ends.push(() => resolve([...ids])))
      },
      bulkhead: { concurrency: 1, queue: 1 },
    })
    const first = definition.getMany(['a', 'b', 'c'])
    await caches.clock.flush()
    const second = definition.getMany(['d', 'e'])
    await caches.clock.flush()
    await expect(definition.getMany(['f', 'g'])).rejects.toBeInstanceOf(CacheOverloadedError)
    expect(batches).toEqual([['a', 'b', 'c']])
    expect(cache.stats()).toMatchObject({ loads: { running: 1, waiting: 1 }, total: { overloads: 2 } })
    ends[0]?.()
    await caches.clock.flush()
    expect(batches).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
    ends[1]?.()
    expect(await caches.settle(Promise.all([first, second]))).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ])
  })

  it('of a batch that waited for its hard timeout leave the queue, and of a batch that is lost its place', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { hardTimeout: '1s', lostAfter: '10s' } })
    const batches: string[][] = []
    const definition = cache.define('room', {
      key: (id: string) => id,
      loadMany: (ids) => {
        batches.push([...ids])
        return batches.length === 1 ? new Promise<string[]>(() => undefined) : [...ids]
      },
      bulkhead: { concurrency: 1, queue: 5 },
    })
    const lost = Promise.allSettled([definition.get('a'), definition.get('b')])
    await caches.clock.flush()
    const queued = Promise.allSettled([definition.get('c')])
    await caches.settle(lost)
    expect(await caches.settle(queued)).toMatchObject([{ reason: { code: 'load-timeout' } }])
    expect(cache.stats().loads).toMatchObject({ running: 1, waiting: 0 })
    await caches.clock.advance(10_000)
    expect(cache.stats().loads).toEqual({ running: 0, waiting: 0, overdue: 0 })
    expect(await caches.settle(definition.get('a'))).toBe('a')
    expect(batches).toEqual([['a', 'b'], ['a']])
  })
})
