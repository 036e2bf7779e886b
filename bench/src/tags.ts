import { createCache as createTableforge } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'
import { createCache as createDedupe } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import { Redis } from 'ioredis'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import { nanosecondsPer } from './harness/interleaved.js'

const ENTRIES = 100_000
const AT_ONCE = 500
const TTL_MS = 3_600_000

interface Tagged extends Omit<Participant, 'role' | 'measure'> {
  fill(keys: readonly string[]): Promise<unknown>
  invalidate(tag: string): Promise<unknown>
}

type Open = (server: { readonly host: string; readonly port: number }, namespace: string) => Promise<Tagged>
const value = (key: string) => ({ key, name: 'Ada', score: 12 })

const tableforge: Open = async ({ host, port }, namespace) => {
  const remote = redis({ url: `redis://${host}:${port}` })
  const cache = createTableforge({ namespace, remote, defaults: { ttl: TTL_MS } })
  await cache.ready()
  return {
    name: '@tableforge/cache',
    packages: ['@tableforge/cache', 'ioredis'],
    configuration:
      "createCache({ remote: redis({ url }) }); setMany(entries, { tags: ['all'] }); invalidate({ tag: 'all' })",
    fill: (keys) =>
      cache.setMany(
        keys.map((key) => [key, value(key)] as const),
        { tags: ['all'] },
      ),
    invalidate: (tag) => cache.invalidate({ tag }),
    close: () => cache.close(),
  }
}

const bentocache: Open = async ({ host, port }, namespace) => {
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxItems: 10_000 }))
    .useL2Layer(redisDriver({ connection: { host, port } }))
  const bento = new BentoCache({ default: 'tiers', ttl: TTL_MS, prefix: namespace, stores: { tiers: store } })
  return {
    name: 'bentocache',
    packages: ['bentocache'],
    configuration: "L1 memory, L2 Redis; set({ key, value, tags: ['all'] }); deleteByTag({ tags: ['all'] })",
    fill: (keys) => Promise.all(keys.map((key) => bento.set({ key, value: value(key), tags: ['all'] }))),
    invalidate: (tag) => bento.deleteByTag({ tags: [tag] }),
    close: () => bento.disconnectAll(),
  }
}

const asyncCacheDedupe: Open = async ({ host, port }, namespace) => {
  const client = new Redis({ host, port, keyPrefix: `${namespace}:` })
  const options = { client: client as never, invalidation: { referencesTTL: TTL_MS / 1_000 } }
  const cache = createDedupe({ ttl: TTL_MS / 1_000, storage: { type: 'redis', options } }).define(
    'value',
    { references: () => ['all'] },
    async (key: string) => value(key),
  )
  return {
    name: 'async-cache-dedupe',
    packages: ['async-cache-dedupe', 'ioredis'],
    configuration: "storage redis with invalidation; references: () => ['all']; invalidate('value', ['all'])",
    fill: (keys) => Promise.all(keys.map((key) => cache.value(key))),
    invalidate: (tag) => cache.invalidate('value', [tag]),
    close: () => client.disconnect(),
  }
}

const oneTag: Case = {
  name: 'invalidate a tag',
  about: `one awaited invalidation of a tag that ${ENTRIES.toLocaleString('en')} entries in Redis carry; they are stored again before each round`,
  unit: 'us per invalidation',
  better: 'lower',
  goals: { bentocache: 1.2 },
  async open({ redis: server }) {
    const { host, port } = await server()
    const all: readonly ['ours' | 'rival', Open][] = [
      ['ours', tableforge],
      ['rival', bentocache],
      ['rival', asyncCacheDedupe],
    ]
    return Promise.all(
      all.map(async ([role, open], index) => {
        const cache = await open({ host, port }, `tags-${index}`)
        return {
          ...cache,
          role,
          async measure() {
            for (let from = 0; from < ENTRIES; from += AT_ONCE)
              await cache.fill(Array.from({ length: AT_ONCE }, (_, at) => `key:${from + at}`))
            // Of a tag that nothing carries: what filling has left to do is over when this is.
            await cache.invalidate('nothing')
            return (await nanosecondsPer(1, () => cache.invalidate('all'))) / 1_000
          },
        }
      }),
    )
  },
}

/** Invalidations by tag. */
export const tags = comparison({
  name: 'tags',
  about: 'invalidating a tag that many entries carry, against others',
  // Each measures one call of a few hundred microseconds.
  rounds: 9,
  warmUpRounds: 1,
  cases: [oneTag],
})
