import { CacheError } from '../errors.js'
import type { IoredisClient, IoredisCommand, NodeRedisClient } from './clients.js'
import type { RedisConnection } from './connection.js'
import { IoredisConnection } from './ioredis-connection.js'
import { NodeRedisConnection } from './node-redis-connection.js'
import type { Access, ResolvedRedisOptions } from './redis-options.js'
import { jitteredDelay } from './subscription.js'

const CONNECT_TIMEOUT_MS = 3_000

type Constructor = new (...args: object[]) => IoredisClient

/**
 * The connection that the options ask for, not yet connected. Ours refuse commands while they are down, hand none over
 * to the next connection, and try again after 50 ms to 2 s, jittered, for as long as they are open.
 */
export async function openConnection(
  options: ResolvedRedisOptions,
  connectionName: string,
  random: () => number,
): Promise<RedisConnection> {
  if (options.to === 'client') {
    const { client } = options
    return isIoredis(client)
      ? new IoredisConnection(client, false, random, await commandOf(client))
      : new NodeRedisConnection(client)
  }
  const { Redis, Cluster, Command } = await loadIoredis()
  const retry = (attempt: number) => jitteredDelay(attempt - 1, random)
  const own = connectionOptions(options.access, connectionName, retry)
  if (options.to === 'cluster') {
    const { lazyConnect, retryStrategy, enableOfflineQueue, ...redisOptions } = own
    const behaviour = {
      redisOptions,
      lazyConnect,
      enableOfflineQueue,
      clusterRetryStrategy: retryStrategy,
      // A command follows a slot that moves, or waits for a failover, for at most six tenths of a second.
      maxRedirections: 6,
      retryDelayOnFailover: 100,
      retryDelayOnClusterDown: 100,
      retryDelayOnTryAgain: 100,
      slotsRefreshTimeout: 2_000,
      // Certificates name hosts, so with TLS hosts are not replaced by their addresses.
      ...(options.access.tls === undefined ? {} : { dnsLookup: keepName }),
    }
    return new IoredisConnection(new Cluster(options.nodes, behaviour), true, random, Command)
  }
  const where =
    options.to === 'server'
      ? options.address
      : { sentinels: options.sentinels, name: options.name, sentinelRetryStrategy: retry, ...options.sentinelAccess }
  return new IoredisConnection(new Redis({ ...own, ...where, db: options.db }), true, random, Command)
}

function connectionOptions(access: Access, connectionName: string, retryStrategy: (attempt: number) => number) {
  return {
    ...access,
    connectionName,
    retryStrategy,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
  }
}

function keepName(host: string, callback: (error: null, host: string) => void): void {
  callback(null, host)
}

function isIoredis(client: IoredisClient | NodeRedisClient): client is IoredisClient {
  return 'callBuffer' in client
}

/** The class of a given client's commands; `undefined` when it comes from another ioredis, or from iovalkey. */
async function commandOf(client: IoredisClient): Promise<IoredisCommand | undefined> {
  const ioredis = await loadIoredis().catch(() => undefined)
  if (ioredis === undefined) return undefined
  const isOurs = [ioredis.Redis, ioredis.Cluster].some((Client) => client instanceof Client)
  return isOurs ? ioredis.Command : undefined
}

interface Ioredis {
  readonly Redis: Constructor
  readonly Cluster: Constructor
  readonly Command: IoredisCommand
}

async function loadIoredis(): Promise<Ioredis> {
  try {
    const { Redis, Cluster, Command } = await import('ioredis')
    return { Redis, Cluster, Command } as unknown as Ioredis
  } catch (cause) {
    throw new CacheError(
      'remote-failed',
      'redis: the package ioredis is needed to connect (npm install ioredis), unless a client is handed in',
      { cause },
    )
  }
}
