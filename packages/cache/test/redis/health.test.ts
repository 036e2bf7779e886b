import { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import type { Cache } from '../../src/cache.js'
import { createCache } from '../../src/create-cache.js'
import { type RedisOptions, redis } from '../../src/redis/index.js'
import { type RedisService, startRedis } from './servers.js'

let server: RedisService
let cache: Cache

afterEach(async () => {
  await cache.close()
  await server.stop()
})

async function open(options: RedisOptions = {}): Promise<void> {
  server = await startRedis()
  cache = createCache({ namespace: 'ns', remote: redis({ url: server.url, ...options }) })
  await cache.ready()
}

async function reasonOf(name: string): Promise<string | undefined> {
  const { components } = await cache.health()
  return components.find((one) => one.name === name)?.reason
}

it('of a log whose head somebody has overwritten says that Redis answers, with an error', async () => {
  await open()
  const admin = new Redis(server.url)
  await admin.set('ns:log:{ns}:head', 'garbage')
  expect(await reasonOf('remote')).toBe('answers with an error, which is in the log')
  admin.disconnect()
})

it('of invalidations that no replica confirms says that they wait to be sent again, though Redis is there', async () => {
  await open({ waitReplicas: 1 })
  expect(await cache.invalidate({ key: 'k' })).toMatchObject({ propagated: false })
  // Waiting for replicas holds up the connection, for which Redis is given up until it answers again.
  await expect
    .poll(() => reasonOf('log'), { timeout: 30_000 })
    .toBe('1 invalidation waits to be sent again: the remote tier answers, and has not confirmed what was sent')
})

it('of a server that is out of memory says that it refuses writes, until it takes one again', async () => {
  await open()
  const admin = new Redis(server.url)
  await admin.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1')
  expect(await cache.set('k', 'v')).toMatchObject({ propagated: false })
  expect(await reasonOf('remote')).toMatch(/^refuses writes, and is read all the same: OOM command not allowed/)
  expect(cache.stats().remote).toMatchObject({ breaker: 'closed', writeRefusal: { operation: 'commit' } })
  await admin.config('SET', 'maxmemory', '0')
  expect(await cache.set('k', 'v')).toMatchObject({ propagated: true })
  expect(await cache.health()).toMatchObject({ status: 'healthy' })
  admin.disconnect()
})
