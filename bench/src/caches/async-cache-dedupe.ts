import { createCache } from 'async-cache-dedupe'
import { Redis } from 'ioredis'
import { type Contender, TTL_MS } from './contender.js'

export const asyncCacheDedupe: Contender = {
  name: 'async-cache-dedupe',
  packages: ['async-cache-dedupe', 'ioredis'],
  configuration:
    "createCache({ ttl: 600, storage: { type: 'redis', options: { client } } }): it has one storage, memory or Redis, and no bus. With Redis there is no memory tier, so that every read asks Redis. Reads: the defined function. Deletes: clear(name, key).",
  hasBus: false,
  hasMemory: false,
  async open({ host, port, namespace, load }) {
    const client = new Redis({ host, port, keyPrefix: `${namespace}:` })
    client.on('error', () => undefined)
    // Its types are those of ioredis 5; it asks for "an ioredis client or compatible".
    const options = { client: client as never }
    const cache = createCache({ ttl: TTL_MS / 1_000, storage: { type: 'redis', options } }).define(
      'value',
      (key: string) => load(key),
    )
    return {
      read: (key) => cache.value(key),
      invalidate: (key) => cache.clear('value', key),
      close: () => client.quit(),
    }
  },
}
