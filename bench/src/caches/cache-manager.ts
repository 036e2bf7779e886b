import KeyvRedis from '@keyv/redis'
import { createCache } from 'cache-manager'
import { CacheableMemory } from 'cacheable'
import { Keyv } from 'keyv'
import { type Contender, MAX_ENTRIES, TTL_MS } from './contender.js'

export const cacheManager: Contender = {
  name: 'cache-manager',
  packages: ['cache-manager', '@keyv/redis', 'cacheable'],
  configuration:
    'As in its quick start for two layers: createCache({ stores: [new Keyv({ store: new CacheableMemory({ ttl, lruSize: 10_000 }) }), new Keyv({ store: new KeyvRedis(url) })], ttl: 600_000 }). It has no bus: its documentation offers no way to tell other nodes. Reads: wrap. Deletes: del.',
  hasBus: false,
  hasMemory: true,
  async open({ host, port, namespace, load }) {
    const remote = new Keyv({ store: new KeyvRedis(`redis://${host}:${port}`), namespace })
    remote.on('error', () => undefined)
    const memory = new Keyv({ store: new CacheableMemory({ ttl: TTL_MS, lruSize: MAX_ENTRIES }) })
    const cache = createCache({ stores: [memory, remote], ttl: TTL_MS })
    return {
      read: (key) => cache.wrap(key, () => load(key)),
      invalidate: (key) => cache.del(key),
      close: () => cache.disconnect(),
    }
  },
}
