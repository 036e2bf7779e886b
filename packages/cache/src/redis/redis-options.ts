import type { ConnectionOptions } from 'node:tls'
import { invalidOption, refuseUnknown, wrongOption } from '../errors.js'
import type { IoredisClient, NodeRedisClient } from './clients.js'

/** A host and port. */
export interface RedisAddress {
  readonly host: string
  /** Default 6379; 26379 for a sentinel. */
  readonly port?: number
}

/** Where Redis is: exactly one of `url`, `client`, `sentinels` (with `name`) and `cluster`. */
export interface RedisOptions {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. */
  url?: string
  /**
   * A client that the application already has: ioredis 5 or 6 (single, Sentinel or Cluster), iovalkey, node-redis 5 or
   * 6 (single). It stays open when the cache closes; a second connection is made from it for listening.
   */
  client?: IoredisClient | NodeRedisClient
  /** Sentinels to ask for the master called `name`. */
  sentinels?: readonly RedisAddress[]
  name?: string
  sentinelUsername?: string
  sentinelPassword?: string
  /** Some nodes of a Cluster, from which the others are found. */
  cluster?: readonly (string | RedisAddress)[]
  /** Overrides what the URL says. */
  username?: string
  password?: string
  /** Not on Cluster. Default: what the URL says, or 0. */
  db?: number
  /** `true`, or options of `tls.connect`. Default: by the URL. */
  tls?: boolean | ConnectionOptions
  /**
   * A commit counts only when this many replicas have it. It holds up this node's other calls until they do (at most
   * half a second; then the commit is sent again later). Default 0: not waited for.
   */
  waitReplicas?: number
  /** Messages of the log that can be read again: at least this many. Default 10,000. */
  logLength?: number
  /** Tags whose last invalidation is remembered; beyond, the oldest go and the log's floor rises. Default 100,000. */
  maxTags?: number
}

interface Common {
  readonly waitReplicas: number
  readonly logLength: number
  readonly maxTags: number
  readonly db: number
  /** What must not appear in an error. */
  readonly secrets: readonly string[]
}

/** Credentials and transport of a connection of our own. */
export interface Access {
  readonly username?: string
  readonly password?: string
  readonly tls?: ConnectionOptions
}

/** {@link RedisOptions}, checked, in one shape for each way to connect. */
export type ResolvedRedisOptions = Common &
  (
    | { readonly to: 'server'; readonly address: Required<RedisAddress>; readonly access: Access }
    | {
        readonly to: 'sentinel'
        readonly sentinels: readonly Required<RedisAddress>[]
        readonly name: string
        readonly access: Access
        readonly sentinelAccess: { readonly sentinelUsername?: string; readonly sentinelPassword?: string }
      }
    | { readonly to: 'cluster'; readonly nodes: readonly Required<RedisAddress>[]; readonly access: Access }
    | { readonly to: 'client'; readonly client: IoredisClient | NodeRedisClient }
  )

const NAMES = new Set([
  'url',
  'client',
  'sentinels',
  'name',
  'sentinelUsername',
  'sentinelPassword',
  'cluster',
  'username',
  'password',
  'db',
  'tls',
  'waitReplicas',
  'logLength',
  'maxTags',
])

export function resolveRedisOptions(options: RedisOptions): ResolvedRedisOptions {
  refuseUnknown('redis', options, NAMES)
  const { url, client, sentinels, cluster } = options
  const ways = Object.entries({ url, client, sentinels, cluster }).filter(([, value]) => value !== undefined)
  if (ways.length !== 1) {
    const got = ways.length === 0 ? 'none of them' : ways.map(([name]) => name).join(' and ')
    throw wrongOption('redis', got, 'exactly one of url, client, sentinels, cluster')
  }
  const common = {
    waitReplicas: wholeNumber('waitReplicas', options.waitReplicas ?? 0, 0),
    logLength: wholeNumber('logLength', options.logLength ?? 10_000, 1),
    maxTags: wholeNumber('maxTags', options.maxTags ?? 100_000, 1),
    db: wholeNumber('db', options.db ?? 0, 0),
    secrets: [options.password, options.sentinelPassword].filter(
      (secret) => secret !== undefined && secret !== '',
    ) as string[],
  }
  if (client !== undefined) return handedIn(common, client)
  if (url !== undefined) return server(common, url, options)
  if (sentinels !== undefined) return sentinel(common, sentinels, options)
  return clustered(common, cluster ?? [], options)
}

function handedIn(common: Common, client: IoredisClient | NodeRedisClient): ResolvedRedisOptions {
  const known = typeof client === 'object' && client !== null && ('callBuffer' in client || 'withTypeMapping' in client)
  if (!known || !('duplicate' in client)) {
    throw invalidOption('redis.client', client, 'a client of ioredis, iovalkey or node-redis 5 or later')
  }
  if ('masters' in client) {
    throw invalidOption('redis.client', client, 'an ioredis Cluster, or the option `cluster`, for a Cluster')
  }
  const { keyPrefix, enableAutoPipelining, db, database } = (client.options ?? {}) as GivenOptions
  if (keyPrefix) {
    throw wrongOption(
      'redis.client',
      'one with a keyPrefix',
      'a client without a keyPrefix, since the namespace is the prefix',
    )
  }
  // It loses the names of commands that are called by name, and would let one overtake another.
  if (enableAutoPipelining) {
    throw wrongOption(
      'redis.client',
      'one with enableAutoPipelining',
      'a client without enableAutoPipelining, since what is asked together is sent together already',
    )
  }
  return { ...common, to: 'client', client, db: db ?? database ?? 0 }
}

/** What is looked at of the options of a client that was handed in. */
interface GivenOptions {
  readonly keyPrefix?: string
  readonly enableAutoPipelining?: boolean
  readonly db?: number
  readonly database?: number
}

function server(common: Common, url: string, options: RedisOptions): ResolvedRedisOptions {
  const parsed = parseUrl('url', url)
  const given = accessOf(options)
  const access = { ...parsed.access, ...given }
  return {
    ...common,
    to: 'server',
    address: parsed.address,
    access,
    db: options.db === undefined ? parsed.db : common.db,
    secrets: secretsOf(common, access),
  }
}

function sentinel(common: Common, sentinels: readonly RedisAddress[], options: RedisOptions): ResolvedRedisOptions {
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw invalidOption('redis.sentinels', sentinels, 'at least one { host, port }')
  }
  if (typeof options.name !== 'string' || options.name === '') {
    throw invalidOption('redis.name', options.name, 'the name of the master that the sentinels watch')
  }
  const { sentinelUsername, sentinelPassword } = options
  return {
    ...common,
    to: 'sentinel',
    name: options.name,
    sentinels: sentinels.map((address, at) => checkAddress(`sentinels[${at}]`, address, 26_379)),
    access: accessOf(options),
    sentinelAccess: {
      ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
      ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    },
  }
}

function clustered(
  common: Common,
  cluster: readonly (string | RedisAddress)[],
  options: RedisOptions,
): ResolvedRedisOptions {
  if (!Array.isArray(cluster) || cluster.length === 0) {
    throw invalidOption('redis.cluster', cluster, 'at least one address (a URL or { host, port })')
  }
  if (common.db !== 0) throw invalidOption('redis.db', common.db, '0: a Cluster has no other database')
  let access: Access = {}
  const nodes = cluster.map((node, at) => {
    if (typeof node !== 'string') return checkAddress(`cluster[${at}]`, node, 6_379)
    const parsed = parseUrl(`cluster[${at}]`, node)
    access = { ...access, ...parsed.access }
    return parsed.address
  })
  access = { ...access, ...accessOf(options) }
  return { ...common, to: 'cluster', nodes, access, secrets: secretsOf(common, access) }
}

function parseUrl(name: string, url: string) {
  const wanted = 'redis://[user:password@]host[:port][/db], or rediss:// for TLS'
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  // What cannot be parsed may still hold a password, so it is not shown.
  if (parsed === undefined && typeof url === 'string')
    throw wrongOption(`redis.${name}`, 'a text that is no URL', wanted)
  if (parsed === undefined) throw invalidOption(`redis.${name}`, url, wanted)
  if (parsed.protocol !== 'redis:' && parsed.protocol !== 'rediss:') {
    throw wrongOption(`redis.${name}`, `one that begins with ${parsed.protocol}`, wanted)
  }
  const db = parsed.pathname.length > 1 ? Number(parsed.pathname.slice(1)) : 0
  if (!Number.isInteger(db) || db < 0)
    throw invalidOption(`redis.${name}`, parsed.pathname, 'a database number after the host')
  const access: Access = {
    ...(parsed.username === '' ? {} : { username: decoded(parsed.username) }),
    ...(parsed.password === '' ? {} : { password: decoded(parsed.password) }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  return { address: { host, port: parsed.port === '' ? 6_379 : Number(parsed.port) }, access, db }
}

/** Percent signs that encode nothing stand for themselves. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
}

function checkAddress(name: string, address: RedisAddress, defaultPort: number): Required<RedisAddress> {
  const { host, port = defaultPort } = address ?? {}
  if (typeof host !== 'string' || host === '') throw invalidOption(`redis.${name}.host`, host, 'a host name or address')
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw invalidOption(`redis.${name}.port`, port, 'a port number')
  return { host, port }
}

function accessOf({ username, password, tls }: RedisOptions): Access {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined || tls === false ? {} : { tls: tls === true ? {} : tls }),
  }
}

function secretsOf(common: Common, access: Access): readonly string[] {
  return access.password === undefined || access.password === '' ? common.secrets : [...common.secrets, access.password]
}

function wholeNumber(name: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least) {
    throw invalidOption(`redis.${name}`, value, `a whole number of at least ${least}`)
  }
  return value
}
