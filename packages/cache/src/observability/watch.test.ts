import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Cache } from '../cache.js'
import { inProcessRemote } from '../memory/in-process-remote.js'
import type { CacheOptions } from '../options.js'
import { createVirtualClock, faultyRemote, type TestCaches, testCaches } from '../testing/index.js'
import type { WatchOptions } from '../watch-options.js'
import type { HeavyHittersQuery } from '../watching.js'
import { RELATIVE_ERROR } from './histogram.js'

/** Minutes of virtual time are seconds of a starved machine. */
vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** The end of a 5-minute interval is far away: what a test does falls into one. */
const START = Date.UTC(2026, 0, 5, 12, 0, 0)

let world: TestCaches
afterEach(async () => {
  vi.unstubAllGlobals()
  await world.close()
})

/** Watched caches over one remote tier; the watch has begun when this resolves. */
async function nodes(names: readonly string[], options: WatchOptions & CacheOptions = { history: true }) {
  world = testCaches(createVirtualClock({ start: START }))
  const remote = inProcessRemote()
  const caches: Cache[] = []
  for (const node of names) caches.push(await open(node, { remote, ...options }))
  return { remote, caches, clock: world.clock }
}

async function open(node: string, options: CacheOptions) {
  const cache = await world.open({ node, ...options })
  // Its code is loaded in real time, which virtual time must not outrun.
  await cache.watch.fleet()
  return cache
}

/** Loads that take as long as they are told, in virtual time. */
function define(cache: Cache) {
  return cache.define('room', {
    key: (id: string) => id,
    load: (id: string) => {
      if (id.startsWith('broken'))
        return world.after(3, undefined).then(() => Promise.reject(new Error('no such room')))
      return world.after(Number(id.split('-')[1] ?? 1), { id })
    },
    ttl: '1h',
  })
}

async function advance(ms: number) {
  await world.clock.advance(ms)
}

describe('figures of a window', () => {
  it('are those of the scripted workload: counters exactly, latencies within the error of the histogram', async () => {
    const { caches } = await nodes(['n'])
    const [cache] = caches as [Cache]
    const rooms = define(cache)
    const times = [2, 5, 10, 20, 50, 100, 200, 400, 800, 1_600]
    for (const ms of times) await world.settle(rooms.get(`a-${ms}`))
    for (let i = 0; i < 30; i++) await world.settle(rooms.get('a-2'))
    await world.settle(rooms.get('broken').catch(() => undefined))
    await world.settle(rooms.set('b-1', { id: 'b' }))
    await world.settle(rooms.invalidate('b-1'))
    const { total, definitions } = await world.settle(cache.watch.figures({ window: '5m' }))
    expect(definitions.room).toMatchObject({
      reads: 41,
      memoryHits: 30,
      remoteHits: 0,
      misses: 11,
      failedReads: 1,
      loads: 11,
      loadErrors: 1,
      leases: 11,
      sets: 1,
      invalidations: 1,
      hitRate: 30 / 41,
      errorRate: 1 / 43,
      availability: 40 / 41,
    })
    expect(total.reads).toBe(41)
    const { loadTime } = definitions.room ?? total
    expect(loadTime).toMatchObject({ count: 10, max: 1_600 })
    expect(loadTime.mean).toBeCloseTo(times.reduce((sum, ms) => sum + ms, 0) / 10, 6)
    expect(Math.abs(loadTime.p50 - 50) / 50).toBeLessThanOrEqual(RELATIVE_ERROR)
    expect(Math.abs(loadTime.p90 - 800) / 800).toBeLessThanOrEqual(RELATIVE_ERROR)
  })

  it('are of that window alone, not of all since the start', async () => {
    const { caches } = await nodes(['n'])
    const [cache] = caches as [Cache]
    const rooms = define(cache)
    for (let i = 0; i < 20; i++) await world.settle(rooms.get(`slow-${1_000 + i}`))
    await advance(10 * MINUTE)
    for (let i = 0; i < 5; i++) await world.settle(rooms.get(`quick-${i}`))
    const recent = await world.settle(cache.watch.figures({ window: '2m', scope: 'node' }))
    expect(recent.total).toMatchObject({ reads: 5, loads: 5 })
    expect(recent.total.loadTime.p99).toBeLessThan(100)
    const all = await world.settle(cache.watch.figures({ window: '1h', scope: 'node' }))
    expect(all.total.reads).toBe(25)
  })

  it('count evictions within the window and sizes at its end', async () => {
    const { caches } = await nodes(['n'], { history: true, memory: { maxEntries: 4 } })
    const [cache] = caches as [Cache]
    for (let i = 0; i < 10; i++) await world.settle(cache.set(`k${i}`, i))
    const { memory } = await world.settle(cache.watch.figures({ window: '1m' }))
    const { evictions, entries, refusals } = cache.stats().memory
    expect(memory).toMatchObject({ entries, evictions, refusals, maxEntries: 4 })
    expect(evictions).toBe(6)
  })
})

describe('the fleet', () => {
  it('is merged exactly over three processes, and each of them can be asked for', async () => {
    const { caches } = await nodes(['a', 'b', 'c'])
    const [a, b, c] = caches.map(define)
    for (let i = 1; i <= 6; i++) await world.settle((a as NonNullable<typeof a>).get(`x-${i * 10}`))
    for (let i = 1; i <= 6; i++) await world.settle((b as NonNullable<typeof b>).get(`x-${i * 10}`))
    for (let i = 1; i <= 2; i++) await world.settle((c as NonNullable<typeof c>).get(`y-${i * 200}`))
    await advance(15_000)
    const [first, second] = caches as [Cache, Cache]
    const { total, nodes: names } = await world.settle(second.watch.figures({ window: '5m' }))
    expect(names).toEqual(caches.map(({ node }) => node).sort())
    expect(total).toMatchObject({ reads: 14, misses: 8, remoteHits: 6, loads: 8 })
    expect(total.loadTime).toMatchObject({ count: 8, max: 400 })
    expect(Math.abs(total.loadTime.p50 - 40) / 40).toBeLessThanOrEqual(RELATIVE_ERROR)

    const fleet = await world.settle(first.watch.fleet())
    expect(fleet).toMatchObject({
      complete: true,
      total: { reads: 14, loads: 8 },
      definitions: { room: { reads: 14 } },
    })
    expect(fleet.nodes.map(({ node, self, total: own }) => [node.split('-')[0], self, own.reads])).toEqual([
      ['a', true, 6],
      ['b', false, 6],
      ['c', false, 2],
    ])
    const third = caches[2] as Cache
    const ofThird = await world.settle(first.watch.figures({ window: '5m', scope: { node: third.node } }))
    expect(ofThird).toMatchObject({ nodes: [third.node], total: { reads: 2, loads: 2 } })
  })

  it('no longer lists a process that died, and keeps what it had counted', async () => {
    const remote = faultyRemote(inProcessRemote())
    const { caches } = await nodes(['a', 'b'], { history: true, remote })
    const [a, b] = caches as [Cache, Cache]
    await world.settle(define(b).get('x-5'))
    await advance(15_000)
    expect((await world.settle(a.watch.fleet())).nodes.length).toBe(2)
    // It dies without a word: nothing more is put up, and what it put up expires.
    remote.faults.cut('b')
    await advance(MINUTE)
    expect((await world.settle(a.watch.fleet())).nodes.map(({ node }) => node)).toEqual([a.node])
    const figures = await world.settle(a.watch.figures({ window: '5m' }))
    expect(figures.total.loads).toBe(1)
    expect(figures.nodes).toContain(b.node)
  })

  it('has a history that outlives its processes', async () => {
    const { caches, remote } = await nodes(['a'])
    const [a] = caches as [Cache]
    await world.settle(define(a).get('x-5'))
    await world.settle(a.close())
    await advance(HOUR)
    const b = await open('b', { remote, history: true })
    await world.settle(define(b).get('x-6'))
    const figures = await world.settle(b.watch.figures({ window: '3h' }))
    expect(figures.total.loads).toBe(2)
    expect(figures.coveredMs).toBeLessThan(HOUR)
    const { at, nodes: reporting, total } = await world.settle(b.watch.history({ resolution: '5m' }))
    expect(at.length).toBe(2)
    expect(reporting).toEqual([1, 1])
    expect(total.loads).toEqual([1, 1])
  })

  it('is this process alone while the others cannot be heard', async () => {
    const { caches, remote } = await nodes(['a', 'b'])
    const [a] = caches as [Cache]
    await advance(15_000)
    remote.disconnect()
    const fleet = await world.settle(a.watch.fleet())
    expect(fleet).toMatchObject({ complete: false, nodes: [{ self: true }] })
    remote.reconnect()
  })
})

describe('the history', () => {
  it('has columns of one length, with gaps where a definition was not used', async () => {
    const { caches } = await nodes(['n'])
    const [cache] = caches as [Cache]
    await world.settle(cache.set('k', 1))
    await advance(2_000)
    await world.settle(define(cache).get('x-3'))
    await advance(1_000)
    const series = await world.settle(cache.watch.history({ resolution: '1s' }))
    for (const columns of [series.total, series.definitions.room])
      for (const column of Object.values(columns ?? {})) expect(column.length).toBe(series.at.length)
    expect(series.total.loads.reduce((sum, n) => sum + n, 0)).toBe(1)
    expect(series.heat.flat().reduce((sum, n) => sum + n, 0)).toBe(1)
    expect(series.total.hitRate[0]).toBeNull()
    expect(series.durationMs.length).toBe(series.at.length)
    expect(series.until).toBe(world.clock.now())
    await advance(400)
    const underWay = await world.settle(cache.watch.history({ resolution: '1s' }))
    expect(underWay.durationMs.at(-1)).toBe(underWay.until - (underWay.at.at(-1) ?? 0))
  })
})

describe('objectives', () => {
  it('are reported with what is left of their budget', async () => {
    const { caches } = await nodes(['n'], {
      slo: { room: { hitRate: 0.5, latency: { threshold: '100ms', share: 0.9 }, availability: 0.99 } },
    })
    const [cache] = caches as [Cache]
    const rooms = define(cache)
    await world.settle(rooms.get('a-10'))
    await world.settle(rooms.get('a-500'))
    for (let i = 0; i < 18; i++) await world.settle(rooms.get('a-10'))
    const { objectives, compliance } = await world.settle(cache.report())
    const of = (name: string) => objectives.find(({ objective }) => objective === name)
    expect(of('hitRate')).toMatchObject({ definition: 'room', good: 18, total: 20, actual: 0.9, met: true })
    expect(of('hitRate')?.budgetLeft).toBeCloseTo(1 - 0.1 / 0.5, 9)
    expect(of('latency')?.good).toBeCloseTo(19, 6)
    expect(of('latency')?.budgetLeft).toBeCloseTo(0.5, 6)
    expect(of('availability')).toMatchObject({ actual: 1, budgetLeft: 1, burnRate: 0 })
    expect(compliance).toBe(1)
  })

  it('are reported of a window, which may stand alone', async () => {
    const { caches } = await nodes(['n'])
    const [cache] = caches as [Cache]
    await advance(HOUR)
    for (const query of ['10m', 10 * MINUTE, { window: '10m' }] as const) {
      const { figures } = await world.settle(cache.report(query))
      expect(figures.to - figures.from).toBe(10 * MINUTE)
    }
  })
})

describe('a cache that is not watched', () => {
  const WHO = { by: 'operator', reason: 'a test' }
  it.each<[option: 'history' | 'alerts' | 'heavyHitters', question: string, ask: (cache: Cache) => Promise<unknown>]>([
    ['history', 'figures', ({ watch }) => watch.figures({ window: '1m' })],
    ['history', 'history', ({ watch }) => watch.history({ resolution: '1s' })],
    ['history', 'trends', ({ watch }) => watch.trends()],
    ['history', 'fleet', ({ watch }) => watch.fleet()],
    ['history', 'report', (cache) => cache.report()],
    ['history', 'bypass', ({ watch }) => watch.bypass({ tier: 'memory', duration: '1m', ...WHO })],
    ['history', 'endBypass', ({ watch }) => watch.endBypass('memory')],
    ['alerts', 'alerts', (cache) => cache.alerts()],
    ['alerts', 'judge', ({ watch }) => watch.judge()],
    ['alerts', 'silence', ({ watch }) => watch.silence({ alert: 'hit-rate-low', duration: '1m', ...WHO })],
    ['alerts', 'unsilence', ({ watch }) => watch.unsilence('0123456789abcdef')],
    ['heavyHitters', 'heavyHitters', ({ watch }) => watch.heavyHitters({ by: 'hits' })],
  ])('names the option, %s, that answers: %s', async (option, _, ask) => {
    world = testCaches()
    await expect(ask(await world.open())).rejects.toThrow(
      `this cache keeps no ${option}: createCache({ ${option}: true })`,
    )
    await ask(await open('watched', { [option]: true }))
  })

  it('says which option to set', async () => {
    world = testCaches()
    const cache = await world.open()
    expect(cache.watch.enabled).toBe(false)
    await expect(cache.report()).rejects.toMatchObject({ code: 'not-watched', message: /history/ })
    await expect(cache.alerts()).rejects.toMatchObject({ code: 'not-watched' })
    const watched = await world.open({ history: true })
    await expect(watched.alerts()).rejects.toMatchObject({ code: 'not-watched', message: /alerts: true/ })
    await expect(watched.watch.heavyHitters({ by: 'hits' })).rejects.toMatchObject({ code: 'not-watched' })
  })
})

describe('trends', () => {
  it('compare the last hour with the same hour yesterday, of a process that is no more, and say where it goes', async () => {
    const { caches, remote } = await nodes(['yesterday'])
    const [before] = caches as [Cache]
    /** Every five minutes 20 reads, of which so many hit. */
    const anHour = async (cache: Cache, hits: (interval: number) => number) => {
      const rooms = define(cache)
      await world.settle(rooms.get('warm-1'))
      for (let interval = 0; interval < 12; interval++) {
        for (let i = 0; i < 20; i++) {
          const id = i < hits(interval) ? 'warm-1' : `cold${interval}.${i}-1`
          await world.settle(rooms.get(id))
        }
        await advance(5 * MINUTE)
      }
    }
    await anHour(before, () => 10)
    await world.settle(before.close())
    await advance(23 * HOUR)
    const today = await open('today', { remote, history: true })
    await anHour(today, (interval) => 12 + interval / 2)

    const trends = new Map((await world.settle(today.watch.trends())).map((trend) => [trend.figure, trend]))
    const hitRate = trends.get('hitRate')
    expect(hitRate?.yesterday).toBeCloseTo(0.5, 1)
    expect(hitRate?.now).toBeCloseTo(0.725, 1)
    expect(hitRate?.change).toBeCloseTo(0.45, 1)
    // From 60 % to 87.5 % within the hour.
    expect(hitRate?.slopePerHour).toBeCloseTo(0.3, 1)
    expect(trends.get('loadsPerSecond')?.change).toBeLessThan(-0.3)
    expect(trends.get('readsPerSecond')?.change).toBeCloseTo(0, 1)
    expect(await world.settle(today.watch.trends({ scope: 'node' }))).toContainEqual(
      expect.objectContaining({ figure: 'hitRate', yesterday: null, change: null }),
    )
  })
})

describe('a history that is asked for twice at once', () => {
  it('answers both, though the one that began later forgets what the other still needs', async () => {
    const remote = faultyRemote(inProcessRemote())
    const { caches } = await nodes(['n'], { history: true, remote })
    const [cache] = caches as [Cache]
    const rooms = define(cache)
    await world.settle(rooms.get('a-1'))
    // A second before the oldest chunk falls out of the series. Those that are over are remembered by who asked first.
    await advance(12 * MINUTE)
    await advance(59_000 - (world.clock.now() % MINUTE))
    await world.settle(cache.watch.history({ resolution: '1s' }))
    remote.faults.nextCall('n', { operation: 'board.read', latencyMs: 4_000 })
    const slow = cache.watch.history({ resolution: '1s' })
    await advance(2_000)
    await world.settle(cache.watch.history({ resolution: '1s' }))
    expect((await world.settle(slow)).at.length).toBeGreaterThan(500)
  })
})

describe('the busiest keys', () => {
  it('are listed by hits, misses, load time and bytes, and shown as they may be shown', async () => {
    const { caches } = await nodes(['n'], { heavyHitters: { sample: 1, redact: (key) => key.replace(/\d/g, '#') } })
    const [cache] = caches as [Cache]
    const rooms = define(cache)
    for (let i = 0; i < 5; i++) await world.settle(rooms.get('a-1'))
    await world.settle(rooms.get('b-700'))
    const top = async (by: 'hits' | 'misses' | 'loadMs' | 'bytes') => (await cache.watch.heavyHitters({ by })).keys
    expect(await top('hits')).toEqual([{ key: 'room:a-#', definition: 'room', estimate: 4, error: 0 }])
    expect((await top('misses')).map(({ key }) => key).sort()).toEqual(['room:a-#', 'room:b-###'])
    expect((await top('loadMs'))[0]).toMatchObject({ key: 'room:b-###', estimate: 700 })
    expect((await top('bytes')).length).toBe(2)
  })

  it('say that hits are a sample, and by how much they may be wrong for it', async () => {
    const { caches } = await nodes(['n'], { heavyHitters: { sample: 0.1 } })
    const [cache] = caches as [Cache]
    const rooms = define(cache)
    for (let i = 0; i < 94; i++) await world.settle(rooms.get('a-1'))
    const { sample, errorBound, keys } = await cache.watch.heavyHitters({ by: 'hits' })
    const { estimate, error } = keys[0] ?? { estimate: Number.NaN, error: Number.NaN }
    expect(sample).toBe(0.1)
    expect(estimate % 10, 'each of the sample stands for ten').toBe(0)
    expect(Math.abs(estimate - 93)).toBeLessThanOrEqual(error)
    expect(error).toBeGreaterThan(0)
    expect(errorBound, 'a key that was never drawn').toBeGreaterThan(0)
    const misses = await cache.watch.heavyHitters({ by: 'misses' })
    expect(misses).toMatchObject({ sample: 1, errorBound: 0, keys: [{ estimate: 1, error: 0 }] })
  })

  it('are those of all processes, and of each that is asked for', async () => {
    const { caches } = await nodes(['a', 'b', 'c'], { heavyHitters: { sample: 1 }, history: { publish: '10s' } })
    const [a, b, c] = caches as [Cache, Cache, Cache]
    const reads = [
      [a, 'x-1', 4],
      [b, 'x-1', 3],
      [b, 'y-1', 9],
      [c, 'z-1', 2],
    ] as const
    const definitions = new Map(caches.map((cache) => [cache, define(cache)]))
    for (const [cache, id, times] of reads)
      for (let i = 0; i < times; i++) await world.settle((definitions.get(cache) as ReturnType<typeof define>).get(id))
    await advance(15_000)

    const top = async (query: Partial<HeavyHittersQuery>) => {
      const { nodes, total, keys } = await world.settle(a.watch.heavyHitters({ by: 'hits', ...query }))
      return { nodes, total, keys: keys.map(({ key, estimate, error }) => [key, estimate, error]) }
    }
    // The first read of each key in each process is answered by another tier than the ones after it, or by the loader.
    expect(await top({})).toEqual({
      nodes: caches.map(({ node }) => node).sort(),
      total: 15,
      keys: [
        ['room:y-1', 8, 0],
        ['room:x-1', 6, 0],
        ['room:z-1', 1, 0],
      ],
    })
    expect(await top({ scope: 'node' })).toEqual({ nodes: [a.node], total: 3, keys: [['room:x-1', 3, 0]] })
    expect(await top({ scope: { node: c.node } })).toEqual({ nodes: [c.node], total: 1, keys: [['room:z-1', 1, 0]] })
    expect(await top({ scope: { node: 'gone' } })).toEqual({ nodes: [], total: 0, keys: [] })
    expect((await top({ by: 'bytes', definition: 'room' })).keys.map(([key]) => key)).toContain('room:z-1')

    await world.settle(c.close())
    expect((await top({})).nodes).toEqual([a.node, b.node].sort())
  })
})
