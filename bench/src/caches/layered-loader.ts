import { Redis } from 'ioredis'
import { createNotificationPair, Loader, RedisCache } from 'layered-loader'
import { type Contender, MAX_ENTRIES, TTL_MS } from './contender.js'

export const layeredLoader: Contender = {
  name: 'layered-loader',
  packages: ['layered-loader', 'ioredis'],
  configuration:
    "new Loader({ inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: 600_000, maxItems: 10_000 }, asyncCache: new RedisCache(redis, { json: true, ttlInMsecs: 600_000, prefix }), notificationConsumer and notificationPublisher of createNotificationPair({ channel, consumerRedis, publisherRedis }) as in its section 'Update notifications', dataSourceGetOneFn }). It declares Node >= 22. Reads: get. Deletes: invalidateCacheFor.",
  hasBus: true,
  hasMemory: true,
  async open({ host, port, namespace, load }) {
    const clients = [new Redis({ host, port }), new Redis({ host, port }), new Redis({ host, port })] as const
    for (const client of clients) client.on('error', () => undefined)
    const [redis, publisherRedis, consumerRedis] = clients
    const { publisher, consumer } = createNotificationPair<string>({
      channel: namespace,
      consumerRedis,
      publisherRedis,
    })
    const loader = new Loader<string>({
      inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: TTL_MS, maxItems: MAX_ENTRIES },
      asyncCache: new RedisCache<string>(redis, { json: true, ttlInMsecs: TTL_MS, prefix: namespace }),
      notificationConsumer: consumer,
      notificationPublisher: publisher,
      dataSourceGetOneFn: (key: string) => load(key),
    })
    await loader.init()
    return {
      read: async (key) => (await loader.get(key)) as string,
      invalidate: (key) => loader.invalidateCacheFor(key),
      close: async () => {
        await publisher.close()
        await consumer.close()
        for (const client of clients) client.disconnect()
      },
    }
  },
}
