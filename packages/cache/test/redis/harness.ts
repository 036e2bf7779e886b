import { Cluster, Redis } from 'ioredis'
import { systemClock } from '../../src/clock.js'
import { inProcessRemote } from '../../src/memory/in-process-remote.js'
import type { Logger, RemoteFactory, RemoteTier } from '../../src/ports.js'
import { type IoredisClient, type NodeRedisClient, type RedisOptions, redis } from '../../src/redis/index.js'
import { keyLayout } from '../../src/redis/key-layout.js'
import type { LosablePart, RemoteContractHarness, RemoteLimits } from '../../src/testing/remote-contract.js'
import { type RedisService, startCluster, startRedis, startSentinel } from './servers.js'

/** Silent: what the tier logs is asserted where it matters. */
export const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export function openTier(factory: RemoteFactory, namespace: string, node: string, logger = quiet): RemoteTier {
  return factory.open({ namespace, node, clock: systemClock, logger })
}

export async function inProcessHarness(): Promise<RemoteContractHarness> {
  // Tiers with the same limits share a factory, and so a store for each namespace.
  const factories = new Map<string, ReturnType<typeof inProcessRemote>>()
  const each = async (act: (factory: ReturnType<typeof inProcessRemote>) => void) => {
    for (const factory of factories.values()) act(factory)
  }
  return {
    open({ namespace, node, ...limits }) {
      const name = JSON.stringify(limits)
      const factory = factories.get(name) ?? inProcessRemote(limits)
      factories.set(name, factory)
      return openTier(factory, namespace, node)
    },
    lose: (_namespace, part) => each((factory) => factory.lose(part)),
    flush: () => each((factory) => factory.flush()),
    disconnect: () => each((factory) => factory.disconnect()),
    reconnect: () => each((factory) => factory.reconnect()),
    close: async () => {},
  }
}

/** What a real backend needs beyond its options. */
interface Backend {
  /** Options of a tier, and how to let go of what was made for it. */
  connect(limits: RemoteLimits): Promise<{ options: RedisOptions; done?: () => unknown }>
  /** The servers that hold data. */
  servers(): readonly RedisService[]
  disconnect(): Promise<void>
  reconnect(): Promise<void>
  close(): Promise<void>
}

function redisHarness(backend: Backend): RemoteContractHarness {
  const done: (() => unknown)[] = []
  return {
    async open({ namespace, node, ...limits }) {
      const connected = await backend.connect(limits)
      if (connected.done !== undefined) done.push(connected.done)
      return openTier(redis({ ...connected.options, ...limits }), namespace, node)
    },
    lose: (namespace, part) => onEach(backend.servers(), (client) => lose(client, namespace, part)),
    flush: () => onEach(backend.servers(), async (client) => void (await client.flushall())),
    disconnect: backend.disconnect,
    reconnect: backend.reconnect,
    async close() {
      await Promise.all(done.map((one) => one()))
      await backend.close()
    },
  }
}

async function onEach(servers: readonly RedisService[], act: (client: Redis) => Promise<void>): Promise<void> {
  for (const { url } of servers) {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
    try {
      await client.connect()
      // A replica gets what its master gets.
      const [role] = (await client.call('role')) as [string]
      if (role === 'master') await act(client)
    } finally {
      client.disconnect()
    }
  }
}

async function lose(client: Redis, namespace: string, part: LosablePart): Promise<void> {
  const layout = keyLayout(namespace, 0)
  const letters = { head: '', stream: '', tags: '', values: 'v', leases: 'lw', structures: 's' }[part]
  const names = [...letters].map((letter) => `${namespace}:${letter}:*`)
  if (part === 'head' || part === 'stream' || part === 'tags') names.push(layout[part])
  for (const key of await client.keys('*')) {
    const covered = names.some((name) => (name.endsWith('*') ? key.startsWith(name.slice(0, -1)) : key === name))
    // On Cluster the neighbours of a key may live elsewhere, but this one lives here.
    if (covered) await client.del(key)
  }
}

export async function serverHarness(): Promise<RemoteContractHarness> {
  const server = await startRedis()
  return redisHarness({
    connect: async () => ({ options: { url: server.url } }),
    servers: () => [server],
    disconnect: server.kill,
    reconnect: server.restart,
    close: server.stop,
  })
}

/** A client as an application would have it: with its own options, also such as we would not choose. */
type HandedIn = { client: NonNullable<RedisOptions['client']>; done: () => unknown }

async function handedIn(connect: (server: RedisService) => Promise<HandedIn>): Promise<RemoteContractHarness> {
  const server = await startRedis()
  return redisHarness({
    connect: async () => {
      const { client, done } = await connect(server)
      client.on('error', () => {})
      return { options: { client }, done }
    },
    servers: () => [server],
    disconnect: server.kill,
    reconnect: server.restart,
    close: server.stop,
  })
}

/** Of ioredis 6 or 5, or iovalkey: they have one interface. */
export const handedInIoredisHarness = (
  Client: new (url: string, options: { retryStrategy: () => number }) => IoredisClient,
) =>
  handedIn(async ({ url }) => {
    const client = new Client(url, { retryStrategy: () => 50 })
    return { client, done: () => client.disconnect() }
  })

/** Of node-redis 6 or 5. */
export const handedInNodeRedisHarness = (
  create: (options: { url: string; socket: { reconnectStrategy: () => number } }) => NodeRedisClient,
) =>
  handedIn(async ({ url }) => {
    const client = create({ url, socket: { reconnectStrategy: () => 50 } })
    client.on('error', () => {})
    await client.connect()
    return { client, done: () => client.destroy() }
  })

export async function sentinelHarness(): Promise<RemoteContractHarness> {
  const service = await startSentinel()
  const servers = [service.master, service.replica]
  return redisHarness({
    connect: async () => ({ options: { sentinels: service.sentinels, name: service.name } }),
    servers: () => servers,
    disconnect: async () => void (await Promise.all(servers.map((server) => server.kill()))),
    reconnect: async () => void (await Promise.all(servers.map((server) => server.restart()))),
    close: service.stop,
  })
}

export async function clusterHarness(): Promise<RemoteContractHarness> {
  const service = await startCluster()
  return redisHarness({
    connect: async () => ({ options: { cluster: service.nodes } }),
    servers: () => service.servers,
    disconnect: async () => void (await Promise.all(service.servers.map((server) => server.kill()))),
    reconnect: async () => {
      await Promise.all(service.servers.map((server) => server.restart()))
      await service.ready()
    },
    close: service.stop,
  })
}

export async function handedInClusterHarness(): Promise<RemoteContractHarness> {
  const service = await startCluster()
  return redisHarness({
    connect: async () => {
      const client = new Cluster([...service.nodes], { clusterRetryStrategy: () => 50 })
      client.on('error', () => {})
      return { options: { client }, done: () => client.disconnect() }
    },
    servers: () => service.servers,
    disconnect: async () => void (await Promise.all(service.servers.map((server) => server.kill()))),
    reconnect: async () => {
      await Promise.all(service.servers.map((server) => server.restart()))
      await service.ready()
    },
    close: service.stop,
  })
}
