import { createCache } from '@tableforge/cache'
import { createCache as createDedupe } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { createCache as createManager } from 'cache-manager'
import { Cacheable, CacheableMemory, createKeyv } from 'cacheable'
import { Keyv } from 'keyv'
import { Loader } from 'layered-loader'
import { LRUCache } from 'lru-cache'

/**
 * A cache that is full of everything that will be read. All share the stored object with the reader where they have an
 * option for that, and none has a remote tier: a warm hit does not reach it.
 */
export interface WarmCache {
  readonly name: string
  readonly packages: readonly string[]
  readonly configuration: string
  read(key: string): Promise<unknown> | unknown
  /** Values of many keys in their order, by the call for it, or else by all of their reads at once. */
  readMany(keys: string[]): Promise<unknown>
  close(): Promise<unknown> | unknown
}

export type OpenWarmCache = (keys: readonly string[]) => Promise<WarmCache>

export const TTL_MS = 3_600_000

/** What is cached: small, of several types. */
export function load(key: string) {
  return { key, name: 'Ada', score: 12, tags: ['one', 'two'] }
}

/** Twice: whatever a cache keeps of a first hit must not lie in memory in the order that is measured. */
export async function fill<K>(keys: readonly K[], read: (key: K) => Promise<unknown> | unknown): Promise<void> {
  for (let pass = 0; pass < 2; pass++) for (const key of keys) await read(key)
}

/** The least that an asynchronous cache can cost. */
export const plainMap: OpenWarmCache = async (keys) => {
  const map = new Map(keys.map((key) => [key, load(key)]))
  return {
    name: 'plain Map',
    packages: [],
    configuration:
      'await Promise.resolve(map.get(key)); of many: await Promise.resolve(keys.map((key) => map.get(key)))',
    read: (key) => Promise.resolve(map.get(key)),
    readMany: (some) => Promise.resolve(some.map((key) => map.get(key))),
    close: () => map.clear(),
  }
}

export const tableforgeDefinition: OpenWarmCache = async (keys) => {
  const cache = createCache({ memory: { maxEntries: keys.length }, defaults: { ttl: TTL_MS } })
  await cache.ready()
  const values = cache.define('value', { key: (key: string) => key, load: (key) => load(key) })
  await fill(keys, (key) => values.get(key))
  return {
    name: 'definition.get',
    packages: ['@tableforge/cache'],
    configuration:
      'createCache({ memory: { maxEntries } }), the default in-process remote tier; definition.get(key), definition.getMany(keys)',
    read: (key) => values.get(key),
    readMany: (some) => values.getMany(some),
    close: () => cache.close(),
  }
}

export const tableforgeGetOrLoad: OpenWarmCache = async (keys) => {
  const cache = createCache({ memory: { maxEntries: keys.length }, defaults: { ttl: TTL_MS } })
  await cache.ready()
  const read = (key: string) => cache.getOrLoad(key, () => load(key))
  await fill(keys, read)
  return {
    name: 'getOrLoad',
    packages: ['@tableforge/cache'],
    configuration: 'as above; cache.getOrLoad(key, loader), cache.getMany(keys)',
    read,
    readMany: (some) => cache.getMany(some),
    close: () => cache.close(),
  }
}

export const lruCacheFetch: OpenWarmCache = async (keys) => {
  const cache = new LRUCache({ max: keys.length, ttl: TTL_MS, fetchMethod: async (key: string) => load(key) })
  const read = (key: string) => cache.fetch(key)
  await fill(keys, read)
  return {
    name: 'lru-cache',
    packages: ['lru-cache'],
    configuration: 'new LRUCache({ max, ttl, fetchMethod }); fetch. It has no call for many',
    read,
    readMany: (some) => Promise.all(some.map(read)),
    close: () => cache.clear(),
  }
}

export const bentocacheInMemory: OpenWarmCache = async (keys) => {
  const driver = memoryDriver({ maxItems: keys.length, serialize: false })
  const bento = new BentoCache({ default: 'memory', ttl: TTL_MS, stores: { memory: bentostore().useL1Layer(driver) } })
  const read = (key: string) => bento.getOrSet({ key, factory: () => load(key) })
  await fill(keys, read)
  return {
    name: 'bentocache',
    packages: ['bentocache'],
    configuration: 'memoryDriver({ maxItems, serialize: false }); getOrSet. It has no call for many',
    read,
    readMany: (some) => Promise.all(some.map(read)),
    close: () => bento.disconnectAll(),
  }
}

export const cacheableInMemory: OpenWarmCache = async (keys) => {
  const primary = createKeyv({ ttl: TTL_MS, lruSize: keys.length, useClone: false })
  const cache = new Cacheable({ primary, ttl: TTL_MS })
  const read = (key: string) => cache.getOrSet(key, async () => load(key))
  await fill(keys, read)
  return {
    name: 'cacheable',
    packages: ['cacheable'],
    configuration: 'primary: createKeyv({ lruSize, useClone: false }); getOrSet, getMany',
    read,
    readMany: (some) => cache.getMany(some),
    close: () => cache.disconnect(),
  }
}

export const cacheManagerInMemory: OpenWarmCache = async (keys) => {
  const store = new CacheableMemory({ ttl: TTL_MS, lruSize: keys.length, useClone: false })
  const keyv = new Keyv({ store })
  // Its documentation advises this for values in memory: otherwise they become JSON.
  keyv.serialize = undefined
  keyv.deserialize = undefined
  const cache = createManager({ stores: [keyv], ttl: TTL_MS })
  const read = (key: string) => cache.wrap(key, () => load(key))
  await fill(keys, read)
  return {
    name: 'cache-manager',
    packages: ['cache-manager', 'keyv'],
    configuration: 'Keyv on CacheableMemory({ lruSize, useClone: false }), without serialization; wrap, mget',
    read,
    readMany: (some) => cache.mget(some),
    close: () => cache.disconnect(),
  }
}

export const asyncCacheDedupeInMemory: OpenWarmCache = async (keys) => {
  const storage = { type: 'memory', options: { size: keys.length } } as const
  const cache = createDedupe({ ttl: TTL_MS / 1_000, storage }).define('value', (key: string) => load(key))
  const read = (key: string) => cache.value(key)
  await fill(keys, read)
  return {
    name: 'async-cache-dedupe',
    packages: ['async-cache-dedupe'],
    configuration: "storage: { type: 'memory', options: { size } }; the defined function. It has no call for many",
    read,
    readMany: (some) => Promise.all(some.map(read)),
    close: () => cache.clear(),
  }
}

export const layeredLoaderInMemory: OpenWarmCache = async (keys) => {
  const loader = new Loader({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: TTL_MS, maxItems: keys.length },
    dataSourceGetOneFn: async (key: string) => load(key),
    dataSourceGetManyFn: async (some: string[]) => some.map(load),
  })
  const read = (key: string) => loader.get(key)
  await fill(keys, read)
  return {
    name: 'layered-loader',
    packages: ['layered-loader'],
    configuration: "inMemoryCache: { cacheType: 'lru-map', maxItems }; get, getMany",
    read,
    readMany: (some) => loader.getMany(some),
    close: () => loader.invalidateCache(),
  }
}

/** Everybody else, in the order of their speed. */
export const rivals: readonly OpenWarmCache[] = [
  lruCacheFetch,
  layeredLoaderInMemory,
  asyncCacheDedupeInMemory,
  bentocacheInMemory,
  cacheableInMemory,
  cacheManagerInMemory,
]
