import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { closeSilentSockets } from '../../src/redis/silent-sockets.js'
import { type RedisService, startRedis } from './servers.js'

/** Sockets of a real redis-server, looked at so often that five looks pass quickly. */
const LOOK_EVERY_MS = 20

let server: RedisService
let client: Redis
let stop: () => void
let closed: string[]

beforeEach(async () => {
  server = await startRedis()
  client = new Redis(server.url, { maxRetriesPerRequest: 0, retryStrategy: () => 50 })
  closed = []
  client.on('error', (error) => closed.push(error.message))
  await client.ping()
  stop = closeSilentSockets(() => [client], LOOK_EVERY_MS)
})

afterEach(async () => {
  process.kill(server.pid, 'SIGCONT')
  stop()
  client.disconnect()
  await server.stop()
})

it('a socket from which nothing comes although an answer is due is closed, and opened anew', async () => {
  process.kill(server.pid, 'SIGSTOP')
  await expect(client.get('k')).rejects.toThrow()
  expect(closed).toContain('nothing came for 0.1 s')
  process.kill(server.pid, 'SIGCONT')
  await expect.poll(() => client.status, { timeout: 20_000 }).toBe('ready')
  expect(await client.ping()).toBe('PONG')
})

it('a socket at rest is left alone', async () => {
  const looks = new Promise<void>((resolve) => {
    let left = 20
    const timer = setInterval(() => {
      if (--left > 0) return
      clearInterval(timer)
      resolve()
    }, LOOK_EVERY_MS)
  })
  await looks
  expect(await client.ping()).toBe('PONG')
  expect(closed).toEqual([])
})

it('a process that was too busy to read keeps its connection, however long that took', async () => {
  for (let round = 0; round < 3; round++) {
    const answers = Promise.all(Array.from({ length: 100 }, (_, at) => client.set(`k${at}`, 'v')))
    // Nothing is read meanwhile: many times as long as five looks would take.
    const until = performance.now() + 30 * LOOK_EVERY_MS
    while (performance.now() < until);
    expect(new Set(await answers)).toEqual(new Set(['OK']))
  }
  expect(closed).toEqual([])
})
