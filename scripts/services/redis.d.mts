/** One `redis-server` of our own: empty, on a free loopback port, in a folder that disappears with it. */
export interface RedisService extends AsyncDisposable {
  readonly url: string
  readonly host: string
  readonly port: number
  /** Of the running process; another one after restart(). */
  readonly pid: number
  /** Ends the process at once, as a crash does; its data, kept nowhere else, is lost. */
  kill(): Promise<void>
  /** Starts it again, empty, on the same port. */
  /** With further arguments, such as `--replicaof`. */
  restart(...more: string[]): Promise<void>
  /** Ends the server and removes its folder; more than one call is the same as one. */
  stop(): Promise<void>
}

/** A master with one replica, watched by one sentinel. */
export interface SentinelService extends AsyncDisposable {
  readonly name: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  readonly master: RedisService
  readonly replica: RedisService
  readonly sentinel: RedisService
  stop(): Promise<void>
}

/** Masters that share the slots, each with its replicas. */
export interface ClusterService extends AsyncDisposable {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly servers: readonly RedisService[]
  /** Resolves when every node says that the Cluster is whole. */
  ready(): Promise<void>
  stop(): Promise<void>
}

/** Starts a server and waits until it accepts connections: about a tenth of a second. `args` as for `redis-server`. */
export function startRedis(options?: {
  readonly args?: readonly string[]
  readonly port?: number
}): Promise<RedisService>
export function startSentinel(): Promise<SentinelService>
export function startCluster(options?: {
  readonly masters?: number
  readonly replicas?: number
}): Promise<ClusterService>
