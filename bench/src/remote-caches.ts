import KeyvRedis, { createKeyv as createKeyvRedis } from '@keyv/redis'
import { createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'
import { createCache as createDedupe } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import { createCache as createManager } from 'cache-manager'
import { Cacheable, CacheableMemory, createKeyv } from 'cacheable'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import { Loader, RedisCache } from 'layered-loader'
import type { Participant } from './harness/comparison.js'

/**
 * A cache of memory over Redis whose memory is far too small for what will be read: nearly each read is answered by
 * Redis. Their buses are left out: nobody invalidates here, and they would only cost connections.
 */
export interface RemoteCache extends Omit<Participant, 'role' | 'measure'> {
  read(key: string): Promise<unknown>
  /** Many keys, as its documentation advises. */
  readMany(keys: string[]): Promise<unknown>
  close(): Promise<unknown> | unknown
}

/** Values know their key, which is how layered-loader finds those of many. */
export interface Loaded {
  readonly id: string
}

export interface RemoteSettings {
  readonly host: string
  readonly port: number
  /** Prefix of everything in Redis. */
  readonly namespace: string
  /** Entries that memory may hold. */
  readonly inMemory: number
  readonly load: (key: string) => Promise<Loaded>
}

export type OpenRemoteCache = (settings: RemoteSettings) => Promise<RemoteCache>

const TTL_MS = 3_600_000

/** The least that reading JSON from Redis can cost with one command for each key. */
export const rawGet: OpenRemoteCache = async ({ host, port, namespace, load }) => {
  const client = new Redis({ host, port })
  const nameOf = (key: string) => `${namespace}:${key}`
  return {
    name: 'ioredis GET + JSON.parse',
    packages: ['ioredis'],
    configuration: 'new Redis({ host, port }); JSON.parse(await redis.get(key)); for many keys mget',
    async read(key) {
      const text = await client.get(nameOf(key))
      if (text !== null) return JSON.parse(text)
      const value = await load(key)
      await client.set(nameOf(key), JSON.stringify(value), 'PX', TTL_MS)
      return value
    },
    async readMany(keys) {
      const texts = await client.mget(keys.map(nameOf))
      return texts.map((text) => (text === null ? undefined : JSON.parse(text)))
    },
    close: () => client.disconnect(),
  }
}

export const tableforgeRemote: OpenRemoteCache = async ({ host, port, namespace, inMemory, load }) => {
  const cache = createCache({
    namespace,
    remote: redis({ url: `redis://${host}:${port}` }),
    memory: { maxEntries: inMemory, policy: 'lru' },
    defaults: { ttl: TTL_MS },
  })
  const values = cache.define('value', { key: (key: string) => key, load: (key) => load(key) })
  await cache.ready()
  return {
    name: '@tableforge/cache',
    packages: ['@tableforge/cache', 'ioredis'],
    configuration: `createCache({ remote: redis({ url }), memory: { maxEntries: ${inMemory}, policy: 'lru' } }); definition.get, definition.getMany`,
    read: (key) => values.get(key),
    readMany: (keys) => values.getMany(keys),
    close: () => cache.close(),
  }
}

export const bentocacheRemote: OpenRemoteCache = async ({ host, port, namespace, inMemory, load }) => {
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxItems: inMemory }))
    .useL2Layer(redisDriver({ connection: { host, port } }))
  const bento = new BentoCache({ default: 'tiers', ttl: TTL_MS, prefix: namespace, stores: { tiers: store } })
  const read = (key: string) => bento.getOrSet({ key, factory: () => load(key) })
  return {
    name: 'bentocache',
    packages: ['bentocache'],
    configuration: `useL1Layer(memoryDriver({ maxItems: ${inMemory} })).useL2Layer(redisDriver({ connection })); getOrSet; for many keys getOrSet of each at once`,
    read,
    readMany: (keys) => Promise.all(keys.map(read)),
    close: () => bento.disconnectAll(),
  }
}

export const cacheableRemote: OpenRemoteCache = async ({ host, port, namespace, inMemory, load }) => {
  const cache = new Cacheable({
    primary: createKeyv({ ttl: TTL_MS, lruSize: inMemory }),
    secondary: createKeyvRedis(`redis://${host}:${port}`, { namespace }),
    namespace,
    ttl: TTL_MS,
  })
  return {
    name: 'cacheable',
    packages: ['cacheable', '@keyv/redis'],
    configuration: `new Cacheable({ primary: createKeyv({ lruSize: ${inMemory} }), secondary: createKeyv(url) of @keyv/redis }); getOrSet; for many keys getMany`,
    read: (key) => cache.getOrSet(key, () => load(key)),
    readMany: (keys) => cache.getMany(keys),
    close: () => cache.disconnect(),
  }
}

export const cacheManagerRemote: OpenRemoteCache = async ({ host, port, namespace, inMemory, load }) => {
  const remote = new Keyv({ store: new KeyvRedis(`redis://${host}:${port}`), namespace })
  const memory = new Keyv({ store: new CacheableMemory({ ttl: TTL_MS, lruSize: inMemory }) })
  const cache = createManager({ stores: [memory, remote], ttl: TTL_MS })
  return {
    name: 'cache-manager',
    packages: ['cache-manager', 'keyv', '@keyv/redis'],
    configuration: `createCache({ stores: [Keyv on CacheableMemory({ lruSize: ${inMemory} }), Keyv on KeyvRedis(url)] }); wrap; for many keys mget`,
    read: (key) => cache.wrap(key, () => load(key)),
    readMany: (keys) => cache.mget(keys),
    close: () => cache.disconnect(),
  }
}

export const asyncCacheDedupeRemote: OpenRemoteCache = async ({ host, port, namespace, load }) => {
  const client = new Redis({ host, port, keyPrefix: `${namespace}:` })
  // Its types are those of ioredis 5; it asks for "an ioredis client or compatible".
  const storage = { type: 'redis', options: { client: client as never } } as const
  const cache = createDedupe({ ttl: TTL_MS / 1_000, storage }).define('value', (key: string) => load(key))
  const read = (key: string) => cache.value(key)
  return {
    name: 'async-cache-dedupe',
    packages: ['async-cache-dedupe', 'ioredis'],
    configuration:
      "createCache({ storage: { type: 'redis', options: { client } } }): no memory tier; for many keys each at once",
    read,
    readMany: (keys) => Promise.all(keys.map(read)),
    close: () => client.disconnect(),
  }
}

export const layeredLoaderRemote: OpenRemoteCache = async ({ host, port, namespace, inMemory, load }) => {
  const client = new Redis({ host, port })
  const loader = new Loader<Loaded>({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: TTL_MS, maxItems: inMemory },
    asyncCache: new RedisCache<Loaded>(client, { json: true, ttlInMsecs: TTL_MS, prefix: namespace }),
    dataSourceGetOneFn: load,
    dataSourceGetManyFn: (keys: string[]) => Promise.all(keys.map(load)),
    cacheKeyFromValueResolver: ({ id }) => id,
  })
  await loader.init()
  return {
    name: 'layered-loader',
    packages: ['layered-loader', 'ioredis'],
    configuration: `inMemoryCache: { cacheType: 'lru-map', maxItems: ${inMemory} }, asyncCache: new RedisCache(redis, { json: true }); get; for many keys getMany`,
    read: (key) => loader.get(key),
    readMany: (keys) => loader.getMany(keys),
    close: () => client.disconnect(),
  }
}

/** Who takes part in reads that memory cannot answer, and as what. */
export const everybody: readonly (readonly ['ours' | 'floor' | 'rival', OpenRemoteCache])[] = [
  ['ours', tableforgeRemote],
  ['floor', rawGet],
  ['rival', bentocacheRemote],
  ['rival', cacheableRemote],
  ['rival', cacheManagerRemote],
  ['rival', asyncCacheDedupeRemote],
  ['rival', layeredLoaderRemote],
]
