import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Cache, createCache, type RemoteOptions } from '../../src/index.js'
import { redis } from '../../src/redis/index.js'
import { type RedisService, startRedis } from '../redis/servers.js'

/**
 * A real redis-server that stops answering in the middle of it, as one does whose machine swaps or whose route is gone.
 */

let server: RedisService
let caches: Cache[]
beforeEach(async () => {
  server = await startRedis()
  caches = []
})
afterEach(async () => {
  process.kill(server.pid, 'SIGCONT')
  await Promise.all(caches.map((cache) => cache.close()))
  await server.stop()
})

async function open(remoteOptions: RemoteOptions = {}) {
  const cache = createCache({ namespace: 'failover', remote: redis({ url: server.url }), remoteOptions })
  caches.push(cache)
  const changes: string[] = []
  cache.on('breaker', ({ state, reason }) => changes.push(`${state}: ${reason}`))
  await cache.ready()
  return { cache, changes }
}

/** Waits for a process that is healthy: on a starved machine the breaker may open for a moment. */
async function settled({ stats }: { stats: () => ReturnType<Cache['stats']> }) {
  await vi.waitFor(() => {
    const { remote, log } = stats()
    expect([remote.state, remote.breaker, log.recovering]).toEqual(['up', 'closed', 0])
  }, 20_000)
}

it('a paused Redis is given up for silence, nobody waits for it afterwards, and it is used again once it goes on', async () => {
  const { cache, changes } = await open()
  await cache.getOrLoad('warm', () => 'warm')
  await settled({ stats: () => cache.stats() })
  changes.length = 0
  process.kill(server.pid, 'SIGSTOP')
  // All who ask at once are answered from the loader, and by one decision.
  const first = await Promise.all(Array.from({ length: 50 }, (_, at) => cache.getOrLoad(`first ${at}`, () => at)))
  expect(first).toEqual(Array.from({ length: 50 }, (_, at) => at))
  expect(changes[0]).toBe('open: silence')

  // One after the other: had each waited for its own timeout, this would have taken 40 seconds.
  const began = performance.now()
  for (let at = 0; at < 500; at++) expect(await cache.getOrLoad(`later ${at}`, () => at)).toBe(at)
  expect(performance.now() - began).toBeLessThan(20_000)
  expect(await cache.invalidate({ key: 'warm' })).toMatchObject({ propagated: false })

  process.kill(server.pid, 'SIGCONT')
  await settled({ stats: () => cache.stats() })
  expect(changes.at(-1)).toBe('closed: probe')
  const admin = new Redis(server.url)
  await vi.waitFor(async () => {
    await cache.getOrLoad(`stored again ${performance.now()}`, () => 'value')
    expect((await admin.keys('*stored again*')).length).toBeGreaterThan(0)
  }, 20_000)
  admin.disconnect()
})

it('no lease is left behind by a process that gave Redis up, for others to wait for', async () => {
  const { cache, changes } = await open({ timeout: '2s', lease: '60s' })
  await settled({ stats: () => cache.stats() })
  changes.length = 0
  const admin = new Redis(server.url)
  const leases = () => admin.keys('failover:l:*')
  const loading = cache.getOrLoad('held', async () => {
    expect(await leases()).toEqual(['failover:l:{.held}'])
    // From here on it can be neither used nor given back.
    process.kill(server.pid, 'SIGSTOP')
    return 'loaded during the pause'
  })
  expect(await loading).toBe('loaded during the pause')
  await vi.waitFor(() => expect(changes[0]).toBe('open: silence'), 20_000)
  process.kill(server.pid, 'SIGCONT')
  await settled({ stats: () => cache.stats() })
  // It would last for a minute: it is given back before that, and nobody has to wait for its end.
  await vi.waitFor(async () => expect(await leases()).toEqual([]), 20_000)
  admin.disconnect()
})

it('five thousand misses at once cost neither an error nor the connection', async () => {
  const { cache } = await open()
  const states: string[] = []
  cache.on('remote-state', ({ state }) => states.push(state))
  const keys = Array.from({ length: 5_000 }, (_, at) => `many ${at}`)
  expect(await Promise.all(keys.map((key) => cache.getOrLoad(key, () => key)))).toEqual(keys)
  expect(cache.stats().total).toMatchObject({ loads: 5_000, failedReads: 0 })
  expect(states).toEqual([])
})
