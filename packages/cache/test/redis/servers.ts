/** The servers that the tests of the library run on: their own, on free ports, gone afterwards. */
export {
  type ClusterService,
  type RedisService,
  type SentinelService,
  startCluster,
  startRedis,
  startSentinel,
} from '../../../../scripts/services/redis.mjs'
