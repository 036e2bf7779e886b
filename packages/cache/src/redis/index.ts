export type { IoredisClient, NodeRedisClient } from './clients.js'
export { hasNamespace } from './has-namespace.js'
export { redis } from './redis.js'
export type { RedisAddress, RedisOptions } from './redis-options.js'
