import type { EventEmitter } from 'node:events'
import { createKeyv as createKeyvRedis } from '@keyv/redis'
import { RedisMessageProvider } from '@qified/redis'
import { Cacheable, createKeyv } from 'cacheable'
import { type Contender, MAX_ENTRIES, TTL_MS } from './contender.js'

export const cacheable: Contender = {
  name: 'cacheable',
  packages: ['cacheable', '@keyv/redis', '@qified/redis'],
  configuration:
    'new Cacheable({ primary: createKeyv({ ttl, lruSize: 10_000 }), secondary: createKeyv(url) of @keyv/redis, sync: { qified: new RedisMessageProvider({ uri }) }, ttl: 600_000 }), blocking as by default, with the pub/sub sync that its README describes (with `uri`, which is what @qified/redis 0.10 reads). That provider listens to no errors of its two Redis clients, so that a dropped connection ends the process; we listen to them, on private fields, to go on measuring. Reads: getOrSet. Deletes: delete.',
  hasBus: true,
  hasMemory: true,
  async open({ host, port, namespace, load }) {
    const provider = new RedisMessageProvider({ uri: `redis://${host}:${port}` })
    surviveDisconnects(provider)
    const cache = new Cacheable({
      primary: createKeyv({ ttl: TTL_MS, lruSize: MAX_ENTRIES }),
      secondary: createKeyvRedis(`redis://${host}:${port}`),
      sync: { qified: provider },
      namespace,
      ttl: TTL_MS,
    })
    cache.on('error', () => undefined)
    return {
      read: async (key) => (await cache.getOrSet(key, () => load(key))) as string,
      invalidate: (key) => cache.delete(key),
      close: async () => {
        await cache.disconnect()
        await provider.disconnect()
      },
    }
  },
}

/**
 * Its two node-redis clients emit 'error' when their connection drops, and nobody listens: Node ends the process then.
 */
function surviveDisconnects(provider: RedisMessageProvider): void {
  const { pub, sub } = provider as unknown as { pub: EventEmitter; sub: EventEmitter }
  for (const client of [pub, sub]) client.on('error', () => undefined)
}
