import { createCache } from '@tableforge/cache'
import { createCache as createDedupe } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { createCache as createManager } from 'cache-manager'
import { Cacheable, CacheableMemory, createKeyv } from 'cacheable'
import { Keyv } from 'keyv'
import { Loader } from 'layered-loader'

/**
 * A cache that is full of everything that will be read. All share the stored object with the reader where they have an
 * option for that, and none has a remote tier: a warm hit does not reach it.
 */
export interface WarmCache {
  readonly name: string
  readonly packages: readonly string[]
  readonly configuration: string
  read(key: string): Promise<unknown> | unknown
  close(): Promise<unknown> | unknown
}

type Open = (keys: readonly string[]) => Promise<WarmCache>

const TTL_MS = 3_600_000

/** What is cached: small, of several types. */
function load(key: string) {
  return { key, name: 'Ada', score: 12, tags: ['one', 'two'] }
}

async function fill(keys: readonly string[], read: (key: string) => Promise<unknown> | unknown): Promise<void> {
  for (const key of keys) await read(key)
}

/** The least that an asynchronous cache can cost. */
export const plainMap: Open = async (keys) => {
  const map = new Map(keys.map((key) => [key, load(key)]))
  const configuration = 'await Promise.resolve(map.get(key))'
  return {
    name: 'plain Map',
    packages: [],
    configuration,
    read: (key) => Promise.resolve(map.get(key)),
    close: () => map.clear(),
  }
}

export const tableforgeDefinition: Open = async (keys) => {
  const cache = createCache({ memory: { maxEntries: keys.length }, defaults: { ttl: TTL_MS } })
  const values = cache.define('value', { key: (key: string) => key, load: (key) => load(key) })
  await fill(keys, (key) => values.get(key))
  return {
    name: 'definition.get',
    packages: ['@tableforge/cache'],
    configuration: 'createCache({ memory: { maxEntries } }), the default in-process remote tier; definition.get(key)',
    read: (key) => values.get(key),
    close: () => cache.close(),
  }
}

export const tableforgeGetOrLoad: Open = async (keys) => {
  const cache = createCache({ memory: { maxEntries: keys.length }, defaults: { ttl: TTL_MS } })
  const read = (key: string) => cache.getOrLoad(key, () => load(key))
  await fill(keys, read)
  const configuration = 'as above; cache.getOrLoad(key, loader)'
  return { name: 'getOrLoad', packages: ['@tableforge/cache'], configuration, read, close: () => cache.close() }
}

export const bentocacheInMemory: Open = async (keys) => {
  const driver = memoryDriver({ maxItems: keys.length, serialize: false })
  const bento = new BentoCache({ default: 'memory', ttl: TTL_MS, stores: { memory: bentostore().useL1Layer(driver) } })
  const read = (key: string) => bento.getOrSet({ key, factory: () => load(key) })
  await fill(keys, read)
  const configuration = 'memoryDriver({ maxItems, serialize: false }); getOrSet'
  return { name: 'bentocache', packages: ['bentocache'], configuration, read, close: () => bento.disconnectAll() }
}

export const cacheableInMemory: Open = async (keys) => {
  const primary = createKeyv({ ttl: TTL_MS, lruSize: keys.length, useClone: false })
  const cache = new Cacheable({ primary, ttl: TTL_MS })
  const read = (key: string) => cache.getOrSet(key, async () => load(key))
  await fill(keys, read)
  const configuration = 'primary: createKeyv({ lruSize, useClone: false }); getOrSet'
  return { name: 'cacheable', packages: ['cacheable'], configuration, read, close: () => cache.disconnect() }
}

export const cacheManagerInMemory: Open = async (keys) => {
  const store = new CacheableMemory({ ttl: TTL_MS, lruSize: keys.length, useClone: false })
  const keyv = new Keyv({ store })
  // Its documentation advises this for values in memory: otherwise they become JSON.
  keyv.serialize = undefined
  keyv.deserialize = undefined
  const cache = createManager({ stores: [keyv], ttl: TTL_MS })
  const read = (key: string) => cache.wrap(key, () => load(key))
  await fill(keys, read)
  const configuration = 'Keyv on CacheableMemory({ lruSize, useClone: false }), without serialization; wrap'
  return {
    name: 'cache-manager',
    packages: ['cache-manager', 'keyv'],
    configuration,
    read,
    close: () => cache.disconnect(),
  }
}

export const asyncCacheDedupeInMemory: Open = async (keys) => {
  const storage = { type: 'memory', options: { size: keys.length } } as const
  const cache = createDedupe({ ttl: TTL_MS / 1_000, storage }).define('value', (key: string) => load(key))
  const read = (key: string) => cache.value(key)
  await fill(keys, read)
  const configuration = "storage: { type: 'memory', options: { size } }; the defined function"
  return {
    name: 'async-cache-dedupe',
    packages: ['async-cache-dedupe'],
    configuration,
    read,
    close: () => cache.clear(),
  }
}

export const layeredLoaderInMemory: Open = async (keys) => {
  const loader = new Loader({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: TTL_MS, maxItems: keys.length },
    dataSourceGetOneFn: async (key: string) => load(key),
  })
  const read = (key: string) => loader.get(key)
  await fill(keys, read)
  const configuration = "inMemoryCache: { cacheType: 'lru-map', maxItems }; get"
  return {
    name: 'layered-loader',
    packages: ['layered-loader'],
    configuration,
    read,
    close: () => loader.invalidateCache(),
  }
}
