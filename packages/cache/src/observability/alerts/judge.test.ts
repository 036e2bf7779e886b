import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Cache } from '../../cache.js'
import { type InProcessRemote, inProcessRemote } from '../../memory/in-process-remote.js'
import type { Logger } from '../../ports.js'
import { createVirtualClock, type TestCaches, testCaches } from '../../testing/index.js'
import type { AlertOptions, Objectives } from '../../watch-options.js'
import type { Alert } from '../../watching.js'

/** Minutes of virtual time are seconds of a starved machine. */
vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5, 12)

interface Sent {
  readonly at: number
  readonly node: string
  readonly event: string
  readonly alerts: readonly {
    readonly rule: string
    readonly severity: string
    readonly definition?: string
    readonly summary: string
  }[]
}

let world: TestCaches
let remote: InProcessRemote
let sent: Sent[]
let logged: string[]

beforeEach(() => {
  world = testCaches(createVirtualClock({ start: START }))
  remote = inProcessRemote()
  sent = []
  logged = []
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    sent.push({ ...(JSON.parse(String(init.body)) as Sent), at: world.clock.now() - START })
    return new Response(null)
  })
})

afterEach(async () => {
  vi.unstubAllGlobals()
  await world.close()
})

const log = (...given: unknown[]) => void logged.push(JSON.stringify(given))
const logger: Logger = { debug: log, info: log, warn: log, error: log }

/** A node that judges every minute and tells one webhook. */
async function node(name: string, alerts: AlertOptions = {}, slo?: Record<string, Objectives>): Promise<Cache> {
  const cache = await world.open({
    node: name,
    namespace: 'shop',
    remote,
    logger,
    ...(slo === undefined ? {} : { slo }),
    alerts: { webhooks: [{ url: 'https://hooks.example/T0KEN' }], window: '1m', burnRates: false, ...alerts },
  })
  await cache.watch.fleet()
  return cache
}

let turn = 0
/** As many reads, of which a share hits. */
async function traffic(cache: Cache, reads: number, hits: number) {
  await world.settle(cache.getOrLoad('warm', async () => 1))
  const keys = Array.from({ length: reads - 1 }, (_, i) => (i < reads * hits ? 'warm' : `cold-${turn++}`))
  await world.settle(Promise.all(keys.map((key) => cache.getOrLoad(key, async () => 1))))
}

/** So many minutes with the same traffic in each. */
async function minutes(count: number, cache: Cache, hits: number, reads = 120) {
  for (let i = 0; i < count; i++) {
    await traffic(cache, reads, hits)
    await world.clock.advance(MINUTE)
  }
}

const told = () =>
  sent.map(({ at, event, alerts }) => `${Math.round(at / MINUTE)} ${event} ${alerts[0]?.rule} ${alerts[0]?.severity}`)

describe('alerts', () => {
  it('are raised, repeated after 5 minutes and resolved, on injected time', async () => {
    const cache = await node('a')
    await minutes(8, cache, 0.7)
    await minutes(4, cache, 0.95)
    expect(told()).toEqual([
      '2 raised hit-rate-low warning',
      '7 repeated hit-rate-low warning',
      '10 resolved hit-rate-low warning',
    ])
    expect((await cache.alerts()).resolved).toMatchObject([{ rule: 'hit-rate-low', repeats: 1, state: 'resolved' }])
  })

  it('are critical when it is bad, and say so when it gets worse', async () => {
    const cache = await node('a')
    await minutes(3, cache, 0.7)
    await minutes(2, cache, 0.3)
    expect(told()).toEqual(['2 raised hit-rate-low warning', '4 changed hit-rate-low critical'])
  })

  it('do not flap around their bound, nor are raised by a handful of reads', async () => {
    const cache = await node('a')
    for (let i = 0; i < 5; i++) {
      await minutes(1, cache, 0.78, 200)
      await minutes(1, cache, 0.805, 200)
    }
    expect(told().filter((one) => !one.includes('repeated'))).toEqual(['2 raised hit-rate-low warning'])
    await minutes(3, cache, 0.95)
    sent = []
    await minutes(10, cache, 0.1, 20)
    expect(told()).toEqual([])
  })

  it('of a fleet are judged over all, and told by one process only', async () => {
    const [a, b, c] = [await node('a'), await node('b'), await node('c')] as const
    for (let i = 0; i < 4; i++) {
      // Each alone has too few reads to be judged; together they do not.
      for (const cache of [a, b, c]) await traffic(cache, 60, 0.7)
      await world.clock.advance(MINUTE)
    }
    expect(told()).toEqual(['2 raised hit-rate-low warning'])
    for (const cache of [a, b, c]) {
      const { judge, active } = await world.settle(cache.alerts())
      expect(judge).toBe(sent[0]?.node)
      expect(active).toMatchObject([{ rule: 'hit-rate-low', state: 'firing' }])
    }
  })

  it('go on where they were when the process that told of them is gone', async () => {
    const [a, b] = [await node('a'), await node('b')] as const
    await minutes(3, a, 0.7)
    const [first, second] = sent[0]?.node === a.node ? [a, b] : [b, a]
    expect(told()).toEqual(['2 raised hit-rate-low warning'])
    await world.settle(first.close())
    await minutes(5, second, 0.7)
    expect(told()).toEqual(['2 raised hit-rate-low warning', '7 repeated hit-rate-low warning'])
    expect(sent.at(-1)?.node).toBe(second.node)
  })

  it('of a lost connection are told by the process that has lost it, and resolved by it', async () => {
    const cache = await node('a')
    await world.clock.advance(MINUTE)
    remote.disconnect()
    await world.clock.advance(2 * MINUTE)
    expect(told()).toEqual(['2 raised connection-lost critical'])
    remote.reconnect()
    await world.clock.advance(2 * MINUTE)
    expect(told().at(-1)).toBe('4 resolved connection-lost critical')
    expect((await world.settle(cache.alerts())).active).toEqual([])
  })

  it('are judged by each process alone while the remote tier is away', async () => {
    const cache = await node('a', { thresholds: { connection: false, errorRate: false } })
    await world.clock.advance(MINUTE)
    remote.disconnect()
    await minutes(4, cache, 0.5)
    expect(told()).toEqual(['3 raised hit-rate-low critical'])
    remote.reconnect()
  })

  it('that are resolved are listed once, and alike by every process', async () => {
    const caches = [await node('a'), await node('b')]
    const lost = async () => {
      remote.disconnect()
      await world.clock.advance(3 * MINUTE)
      for (const cache of caches) await traffic(cache, 200, 0.5)
      await world.clock.advance(2 * MINUTE)
      remote.reconnect()
      for (let minute = 0; minute < 4; minute++) {
        for (const cache of caches) await traffic(cache, 200, 1)
        await world.clock.advance(MINUTE)
      }
    }
    for (let times = 0; times < 2; times++) await lost()
    const listed: (readonly Alert[])[] = []
    for (const cache of caches) listed.push((await world.settle(cache.alerts())).resolved)
    const names = listed.map((alerts) => alerts.map(({ id, since, resolvedAt }) => `${id} ${since} ${resolvedAt}`))
    expect(new Set(names[0]).size).toBe(names[0]?.length)
    expect(names[0]).toEqual(names[1])
    const lostBy = listed[0]?.filter(({ rule }) => rule === 'connection-lost').map(({ node: by }) => by)
    expect(lostBy?.toSorted()).toEqual(caches.flatMap(({ node: by }) => [by, by]).toSorted())
    // Both judged it while they were alone; it is one alert all the same.
    const together = listed[0]?.filter(({ rule }) => rule === 'hit-rate-low') ?? []
    expect(together.length).toBeLessThanOrEqual(2)
  })

  it('that are silenced are shown, and nobody is told', async () => {
    const [a, b] = [await node('a'), await node('b')] as const
    const silence = await world.settle(
      b.watch.silence({ alert: 'hit-rate-low', duration: '1h', by: 'ops', reason: 'migration' }),
    )
    await minutes(4, a, 0.7)
    expect(told()).toEqual([])
    const { active, silences } = await world.settle(a.alerts())
    expect(active).toMatchObject([{ state: 'firing', silenced: true }])
    expect(silences).toMatchObject([{ by: 'ops', reason: 'migration' }])
    await world.settle(a.watch.unsilence(silence.id))
    await minutes(1, a, 0.7)
    expect(told()).toEqual(['5 raised hit-rate-low warning'])
  })

  it('may be of a rule of your own, and a rule that throws is told of', async () => {
    const cache = await node('a', {
      pending: 0,
      rules: [
        {
          name: 'too-many-sets',
          judge: ({ recent, over }) =>
            recent.total.sets > 3
              ? { severity: 'warning', summary: 'sets', value: recent.total.sets, threshold: over('1h').total.sets }
              : undefined,
        },
        {
          name: 'broken',
          judge: () => {
            throw new Error('oh')
          },
        },
      ],
    })
    for (let i = 0; i < 5; i++) await world.settle(cache.set(`k${i}`, i))
    await world.clock.advance(MINUTE)
    expect(sent.flatMap(({ alerts }) => alerts)).toMatchObject([
      { rule: 'too-many-sets', value: 5, threshold: 5 },
      { rule: 'rule-failed', definition: 'broken', summary: 'the rule broken failed: oh' },
    ])
  })

  it('of a budget that burns come at once when it burns fast, and not while it is spent as allowed', async () => {
    const cache = await node(
      'a',
      { burnRates: true, thresholds: { hitRate: false, errorRate: false } },
      {
        '*': { availability: 0.99 },
      },
    )
    const reads = async (failures: number) => {
      const load = (fails: boolean) => async () => (fails ? Promise.reject(new Error('down')) : 1)
      const all = Array.from({ length: 200 }, (_, i) => cache.getOrLoad(`k${turn++}`, load(i < failures)))
      await world.settle(Promise.allSettled(all))
      await world.clock.advance(MINUTE)
    }
    for (let i = 0; i < 3; i++) await reads(1)
    expect(told()).toEqual([])
    for (let i = 0; i < 3; i++) await reads(100)
    expect(told()[0]).toMatch(/raised availability-budget-burns critical/)
    const { objectives } = await world.settle(cache.report())
    expect(objectives[0]?.budgetLeft).toBeLessThan(0)
    expect(objectives[0]?.met).toBe(false)
  })

  it('of a budget over days leave the first minutes of a cold cache alone', async () => {
    const thresholds = { hitRate: false, errorRate: false } as const
    const cache = await node('a', { burnRates: true, thresholds }, { '*': { hitRate: 0.85 } })
    await minutes(5, cache, 0.5)
    expect(told()).toEqual([])
    await world.clock.advance(2 * 60 * MINUTE)
    await minutes(2, cache, 0.5)
    expect(told()[0]).toMatch(/raised hit-rate-budget-burns warning/)
    expect(sent[0]?.alerts[0]?.summary).toMatch(/^the hit rate objective of all reads .* over the last 1 d$/)
  })

  it('never write the address of a webhook anywhere', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }))
    const cache = await node('a')
    await minutes(3, cache, 0.5)
    const { deliveries } = await world.settle(cache.alerts())
    expect(deliveries[0]).toMatchObject({ target: 'hooks.example', outcome: 'given-up' })
    expect(logged.join() + JSON.stringify(deliveries)).not.toContain('T0KEN')
  })
})
