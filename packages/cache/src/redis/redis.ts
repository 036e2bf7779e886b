import type { RemoteFactory } from '../ports.js'
import { type RedisOptions, resolveRedisOptions } from './redis-options.js'
import { RedisTier } from './redis-tier.js'

/**
 * A {@link RemoteFactory} for real Redis 6.2 or later (or Valkey): one server, one found through Sentinel, or a
 * Cluster. Options are checked at once; nothing is connected before the cache is. Connects with the package `ioredis`,
 * which is loaded only then, or through a client that is handed in.
 *
 * @example redis({ url: 'redis://localhost:6379' })
 */
export function redis(options: RedisOptions): RemoteFactory {
  const resolved = resolveRedisOptions(options)
  return { kind: 'redis', open: (context) => new RedisTier(resolved, context) }
}
