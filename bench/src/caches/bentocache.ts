import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { type Contender, MAX_ENTRIES, TTL_MS } from './contender.js'

export const bentocache: Contender = {
  name: 'bentocache',
  packages: ['bentocache'],
  configuration:
    "As in its page 'Multi-tier': bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 })).useL2Layer(redisDriver({ connection })).useBus(redisBusDriver({ connection, retryQueue: { enabled: true } })), ttl 10 minutes, no grace. The retry queue (on by default) concerns messages that the publisher could not send. Reads: getOrSet. Deletes: delete. ioredis 5, its peer dependency.",
  hasBus: true,
  hasMemory: true,
  async open({ host, port, namespace, load }) {
    const connection = { host, port }
    const bento = new BentoCache({
      default: 'tiers',
      ttl: TTL_MS,
      prefix: namespace,
      stores: {
        tiers: bentostore()
          .useL1Layer(memoryDriver({ maxItems: MAX_ENTRIES }))
          .useL2Layer(redisDriver({ connection }))
          .useBus(redisBusDriver({ connection, retryQueue: { enabled: true } })),
      },
    })
    return {
      read: (key) => bento.getOrSet({ key, factory: () => load(key) }),
      invalidate: (key) => bento.delete({ key }),
      close: () => bento.disconnectAll(),
    }
  },
}
