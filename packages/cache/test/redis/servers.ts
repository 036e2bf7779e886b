/** The servers that the tests of the library run on: their own, on free ports, gone afterwards. */
export {
  type ClusterService,
  type RedisService,
  type SentinelService,
  startCluster,
  startRedis,
  startSentinel,
} from '../../../../scripts/services/redis.mjs'

/** For caches over them: a healthy Redis on a starved machine is not taken for a failing one. */
export const PATIENT = Object.freeze({ timeout: '20s', commitTimeout: '20s' })
