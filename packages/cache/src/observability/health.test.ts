import { describe, expect, it } from 'vitest'
import { type HealthInput, healthOf } from './health.js'
import { healthHandler } from './health-handler.js'

const well: HealthInput = {
  memory: { entries: 10, bytes: 1_000, maxEntries: 100, maxBytes: 10_000, evictions: 0, expirations: 0, refusals: 0 },
  remoteState: 'up',
  breaker: 'closed',
  log: { epoch: 'e', applied: 5, unconfirmedMs: 20, subscribed: true, recovering: 0, repairs: 0, losses: 0 },
  bypassed: [],
  pingMs: 1,
  now: 1_000_000,
}
const refusedAt = (at: number) => ({ writeRefusal: { operation: 'commit', reason: 'OOM no memory', at } })
const log = (changes: Partial<HealthInput['log']>) => ({ log: { ...well.log, ...changes } })
const never = { unconfirmedMs: Number.POSITIVE_INFINITY }

describe('health', () => {
  it('is healthy when every component is, and tells the latency of the remote tier', () => {
    expect(healthOf(well)).toEqual({
      status: 'healthy',
      components: [
        { name: 'memory', status: 'healthy' },
        { name: 'remote', status: 'healthy', latencyMs: 1 },
        { name: 'log', status: 'healthy' },
      ],
    })
  })

  it('takes a refused write of a minute ago for no sign of the present', () => {
    expect(healthOf({ ...well, ...refusedAt(940_000) }).status).toBe('healthy')
  })

  it.each<[string, string, Partial<HealthInput>, string]>([
    [
      'remote',
      'degraded',
      { remoteState: 'down', pingMs: undefined },
      'not reachable; reads are answered from memory and the origin',
    ],
    [
      'remote',
      'degraded',
      { remoteState: 'connecting' },
      'reconnecting; reads are answered from memory and the origin',
    ],
    ['remote', 'unhealthy', { remoteState: 'connecting', ...log(never) }, 'not connected yet'],
    ['remote', 'unhealthy', { remoteState: 'closed' }, 'the cache is closed'],
    ['remote', 'degraded', { breaker: 'open' }, 'failed repeatedly and is left alone for a moment'],
    ['remote', 'degraded', { breaker: 'half-open' }, 'failed repeatedly and is being tried again'],
    ['remote', 'degraded', { pingMs: undefined }, 'did not answer in time'],
    ['remote', 'degraded', { pingMs: 'refused' }, 'answers with an error, which is in the log'],
    ['remote', 'degraded', refusedAt(940_001), 'refuses writes, and is read all the same: OOM no memory'],
    ['remote', 'degraded', { pingMs: 81.26 }, 'answered in 81.3 ms, more than 50'],
    ['remote', 'degraded', { pingMs: 3, slowPingMs: 2 }, 'answered in 3 ms, more than 2'],
    ['memory', 'degraded', { bypassed: ['memory'] }, 'bypassed by an operator: reads go around it'],
    ['remote', 'degraded', { bypassed: ['remote'] }, 'bypassed by an operator: reads go around it'],
    [
      'remote',
      'degraded',
      { bypassed: ['remote'], pingMs: undefined },
      'bypassed by an operator: reads go around it; did not answer in time',
    ],
    ['remote', 'unhealthy', { bypassed: ['remote'], remoteState: 'closed' }, 'the cache is closed'],
    ['log', 'unhealthy', log(never), 'not read yet'],
    ['log', 'degraded', log({ subscribed: false }), 'not subscribed; invalidations of other nodes arrive late'],
    ['log', 'degraded', log({ unconfirmedMs: 12_000 }), 'last confirmed 12 s ago, more than 5 s'],
    [
      'log',
      'degraded',
      { ...log({ unconfirmedMs: 900 }), maxStalenessMs: 500 },
      'last confirmed 0.9 s ago, more than 0.5 s',
    ],
    [
      'log',
      'degraded',
      { ...log({ recovering: 1 }), breaker: 'open' },
      '1 invalidation waits for the remote tier to come back',
    ],
    [
      'log',
      'degraded',
      { ...log({ recovering: 7 }), remoteState: 'down' },
      '7 invalidations wait for the remote tier to come back',
    ],
    [
      'log',
      'degraded',
      log({ recovering: 7 }),
      '7 invalidations wait to be sent again: the remote tier answers, and has not confirmed what was sent',
    ],
    [
      'memory',
      'unhealthy',
      { memory: { ...well.memory, entries: 101 } },
      'holds 101 entries, more than its bound of 100',
    ],
    [
      'memory',
      'unhealthy',
      { memory: { ...well.memory, bytes: 10_001 } },
      'holds 10001 bytes, more than its bound of 10000',
    ],
  ])('says why %s is %s: %j', (name, status, changes, reason) => {
    const health = healthOf({ ...well, ...changes })
    expect(health.components.find((one) => one.name === name)).toMatchObject({ status, reason })
    expect(health.status).toBe(status)
  })

  it('is as bad as the worst of several components', () => {
    const health = healthOf({ ...well, remoteState: 'down', memory: { ...well.memory, entries: 101 } })
    expect(health.status).toBe('unhealthy')
    expect(health.components.map((one) => one.status)).toEqual(['unhealthy', 'degraded', 'healthy'])
  })
})

describe('a health probe', () => {
  const cacheOf = (changes: Partial<HealthInput>) => ({ health: async () => healthOf({ ...well, ...changes }) })
  const down = cacheOf({ remoteState: 'down' })
  const closed = cacheOf({ remoteState: 'closed' })

  it.each([
    ['healthy', cacheOf({}), {}, 200],
    ['degraded', down, {}, 200],
    ['degraded, strictly', down, { strict: true }, 503],
    ['unhealthy', closed, {}, 503],
    ['unhealthy, asked for liveness only', closed, { probe: 'liveness' as const }, 200],
  ])('of a cache that is %s', async (_name, cache, options, status) => {
    const response = await healthHandler(cache, options)(new Request('http://localhost/healthz'))
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('answers with the health in JSON', async () => {
    expect(await (await healthHandler(down)()).json()).toEqual(await down.health())
  })

  it('answers 503 without the error when health itself fails', async () => {
    const broken = { health: () => Promise.reject(new Error('redis://user:secret@host')) }
    const response = await healthHandler(broken)()
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('secret')
  })

  it('has no body for HEAD and refuses other methods', async () => {
    const handler = healthHandler(down)
    expect(await (await handler(new Request('http://localhost/', { method: 'HEAD' }))).text()).toBe('')
    const refused = await handler(new Request('http://localhost/', { method: 'POST' }))
    expect(refused.status).toBe(405)
    expect(refused.headers.get('allow')).toBe('GET, HEAD')
  })
})
