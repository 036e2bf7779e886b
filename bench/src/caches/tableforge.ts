import { createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'
import { type Contender, MAX_ENTRIES, TTL_MS } from './contender.js'

export const tableforge: Contender = {
  name: '@tableforge/cache',
  packages: ['@tableforge/cache', 'ioredis'],
  configuration:
    "createCache({ remote: redis({ url }), memory: { maxEntries: 10_000, ttl: '10m' }, defaults: { ttl: '10m' } }); everything else by default (maxStaleness 5 s, onPartition 'revalidate'). Reads: definition.get. Deletes: definition.invalidate.",
  hasBus: true,
  hasMemory: true,
  async open({ host, port, namespace, load }) {
    const cache = createCache({
      namespace,
      remote: redis({ url: `redis://${host}:${port}` }),
      memory: { maxEntries: MAX_ENTRIES, ttl: TTL_MS },
      defaults: { ttl: TTL_MS },
    })
    const values = cache.define('value', { key: (key: string) => key, load: (key) => load(key) })
    await cache.ready()
    return {
      read: (key) => values.get(key),
      invalidate: (key) => values.invalidate(key),
      close: () => cache.close(),
    }
  },
}
