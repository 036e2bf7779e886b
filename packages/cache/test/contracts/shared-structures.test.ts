import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Cache, createCache, inProcessRemote, type RemoteFactory } from '../../src/index.js'
import { redis } from '../../src/redis/index.js'
import { type RedisService, startRedis } from '../redis/servers.js'

/** Whole caches over a remote tier whose structures can be lost or changed behind their backs. */
interface World {
  remote(): RemoteFactory
  /** The structures, and nothing else. */
  lose(): Promise<void>
  empty(): Promise<void>
  close(): Promise<void>
}

async function inProcess(): Promise<World> {
  const factory = inProcessRemote()
  return {
    remote: () => factory,
    lose: async () => factory.lose('structures'),
    empty: async () => factory.flush(),
    close: async () => undefined,
  }
}

async function realRedis(): Promise<World> {
  const server: RedisService = await startRedis()
  const client = new Redis(server.url)
  return {
    remote: () => redis({ url: server.url }),
    async lose() {
      const names = await client.keys('*:s:*')
      if (names.length > 0) await client.del(names)
    },
    empty: async () => void (await client.flushall()),
    async close() {
      client.disconnect()
      await server.stop()
    },
  }
}

const player = (name: string) => ({ playerName: name, totalScore: 3, lastActionAt: 1_763_800_000_000 })
const room = (id: string) => ({
  roomIdentifier: id,
  displayName: `Room ${id}`,
  players: [player('Ada'), player('Bob')],
})

describe.each([
  ['in process', inProcess],
  ['on a real Redis', realRedis],
])('shared structures, %s', (_name, open) => {
  let world: World
  const caches: Cache[] = []
  beforeAll(async () => {
    world = await open()
  })
  afterAll(() => world.close())
  afterEach(async () => {
    await Promise.all(caches.splice(0).map((cache) => cache.close()))
    await world.empty()
  })

  async function node(load: (id: string) => unknown = room) {
    const cache = createCache({ namespace: 'structures', remote: world.remote() })
    caches.push(cache)
    await cache.ready()
    const rooms = cache.define('room', { key: (id: string) => id, load })
    const damaged: string[] = []
    const loads = { count: 0 }
    cache.on('damaged', ({ reason }) => damaged.push(reason))
    cache.on('load', () => loads.count++)
    /** As often as it takes until values refer to their structures: each write is a round trip, as storing those is. */
    const share = async () => {
      for (const id of ['a', 'b', 'c', 'd', 'e']) await rooms.set(id, room(id))
    }
    return { cache, rooms, damaged, loads, share, remote: (id: string) => rooms.get(id, { freshness: 'remote' }) }
  }

  it('another node reads what refers to structures that it has never seen', async () => {
    const [writer, reader] = [await node(), await node()]
    await writer.share()
    expect(await Promise.all(['a', 'e'].map((id) => reader.rooms.get(id)))).toEqual([room('a'), room('e')])
    expect(reader.loads.count).toBe(0)
    const first = (await reader.cache.inspect('room:a')).remote?.bytes ?? 0
    const last = (await reader.cache.inspect('room:e')).remote?.bytes ?? 0
    expect(last).toBeLessThan(first)
  })

  it('nodes that define the same structures at once understand each other', async () => {
    const nodes = await Promise.all([node(), node(), node()])
    await Promise.all(nodes.map(({ share }) => share()))
    for (const { remote, damaged } of nodes) {
      expect(await remote('e')).toEqual(room('e'))
      expect(damaged).toEqual([])
    }
  })

  it('a lost structure is a reported miss for who does not know it, and whole again after the load', async () => {
    const [writer, reader] = [await node(), await node()]
    await writer.share()
    await world.lose()
    expect(await reader.rooms.get('e')).toEqual(room('e'))
    expect(reader.loads.count).toBe(1)
    expect(reader.damaged).toEqual([expect.stringContaining('structures')])
    expect(await writer.remote('e')).toEqual(room('e'))
    await expect((await node()).remote('e')).resolves.toEqual(room('e'))
  })

  it('after everything was lost, what is written can be read by everybody', async () => {
    const writer = await node()
    await writer.share()
    await world.empty()
    await writer.rooms.set('e', room('e'))
    await writer.rooms.set('e', room('e'))
    const late = await node()
    expect(await late.remote('e')).toEqual(room('e'))
    expect(late.damaged).toEqual([])
  })

  it('versions of the application with other properties read each other', async () => {
    const [old, young] = [await node(), await node((id) => ({ ...room(id), addedInTheNextVersion: true }))]
    await old.share()
    for (const id of ['f', 'g', 'h', 'i']) await young.rooms.get(id)
    expect(await young.remote('a')).toEqual(room('a'))
    expect(await old.remote('i')).toEqual({ ...room('i'), addedInTheNextVersion: true })
    expect([...old.damaged, ...young.damaged]).toEqual([])
  })
})
