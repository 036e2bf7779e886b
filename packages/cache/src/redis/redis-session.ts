import { CacheError } from '../errors.js'
import type { Clock, Logger, RemoteState } from '../ports.js'
import type { Argument, RedisConnection, Reply } from './connection.js'
import { NotReplicated, remoteFailure } from './failure.js'
import type { KeyLayout } from './key-layout.js'
import { openConnection } from './open-connection.js'
import type { ResolvedRedisOptions } from './redis-options.js'
import { checkRequirements, refusedSubscription } from './requirements.js'
import type { Script } from './script.js'
import { Subscription } from './subscription.js'

export interface SessionContext {
  readonly namespace: string
  readonly node: string
  readonly clock: Clock
  readonly logger: Logger
  readonly layout: KeyLayout
}

export interface SessionEvents {
  message(channel: string, payload: string): void
  /** The listening connection is live (again). */
  up(): void
  down(): void
}

/** How long a commit waits for replicas before it counts as not replicated. */
export const WAIT_TIMEOUT_MS = 500

/**
 * One node's dealings with Redis: a connection for commands and one that listens, both kept up until `close()`, and
 * every failure turned into a `CacheError`.
 */
export class RedisSession {
  readonly #options: ResolvedRedisOptions
  readonly #context: SessionContext
  readonly #events: SessionEvents
  readonly #stateListeners = new Set<(state: RemoteState, error?: unknown) => void>()
  #connection: RedisConnection | undefined
  #subscription: Subscription | undefined
  #connecting: Promise<void> | undefined
  #state: RemoteState = 'connecting'

  constructor(options: ResolvedRedisOptions, context: SessionContext, events: SessionEvents) {
    this.#options = options
    this.#context = context
    this.#events = events
  }

  get state(): RemoteState {
    return this.#state
  }

  /** Whether published messages are heard. */
  get listening(): boolean {
    return this.#subscription?.live ?? false
  }

  onState(listener: (state: RemoteState, error?: unknown) => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  connect(): Promise<void> {
    if (this.#state === 'closed') return Promise.reject(closed())
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  /** The connection, when commands may be sent at all. */
  usable(): RedisConnection {
    if (this.#state === 'closed') throw closed()
    if (this.#connection === undefined) throw new CacheError('remote-unavailable', 'redis: not connected yet')
    return this.#connection
  }

  command(name: string, args: readonly Argument[]): Promise<Reply> {
    return this.attempt(name, () => this.usable().command(name, args))
  }

  script(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    return this.attempt(script.name, () => script.run(this.usable(), keys, args))
  }

  /** As {@link script}, for what must survive a failover as far as `waitReplicas` asks for. */
  replicatedScript(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    return this.#options.waitReplicas === 0 ? this.script(script, keys, args) : this.#replicated(script, keys, args)
  }

  async #replicated(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    const { waitReplicas } = this.#options
    const wait = { replicas: waitReplicas, timeoutMs: WAIT_TIMEOUT_MS }
    const { reply, replicas } = await this.attempt(script.name, () =>
      script.runReplicated(this.usable(), keys, args, wait),
    )
    if (replicas >= waitReplicas) return reply
    throw new NotReplicated(
      `redis: ${script.name}: reached ${replicas} of ${waitReplicas} replicas within ${WAIT_TIMEOUT_MS} ms`,
    )
  }

  /**
   * Runs what speaks to the connection, and reads its reply; a failure of the connection is a `CacheError` that says
   * what was being done.
   */
  attempt<T>(doing: string, act: () => Promise<T>): Promise<T>
  attempt<T, Read>(doing: string, act: () => Promise<T>, read: ((reply: T) => Read) | undefined): Promise<Read>
  attempt(doing: string, act: () => Promise<unknown>, read?: (reply: unknown) => unknown): Promise<unknown> {
    const failed = (error: unknown) => Promise.reject(remoteFailure(doing, error, this.#options.secrets))
    try {
      return act().then(read, failed)
    } catch (error) {
      return failed(error)
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#become('closed')
    this.#stateListeners.clear()
    this.#subscription?.close()
    await this.#connection?.close()
  }

  async #connect(): Promise<void> {
    const { namespace, layout } = this.#context
    try {
      const connection = await this.#open()
      await connection.connect()
      await checkRequirements(connection, namespace, layout, this.#options.waitReplicas > 0)
      await this.#listen(connection)
    } catch (error) {
      if (this.#state === 'closed') throw closed()
      const failure = remoteFailure(`connecting to ${addressOf(this.#options)}`, error, this.#options.secrets)
      if (this.#connection?.state() !== 'up') this.#become('down', failure)
      throw failure
    }
    if (this.#state === 'closed') throw closed()
    // It may have gone down again since: its coming back is then told of by itself.
    if (this.#connection?.state() === 'up') this.#become('up')
  }

  async #open(): Promise<RedisConnection> {
    if (this.#connection !== undefined) return this.#connection
    const { namespace, node, clock } = this.#context
    const connection = await openConnection(this.#options, `${namespace}:${node}`, clock.random)
    if (this.#state === 'closed') {
      await connection.close()
      throw closed()
    }
    this.#connection = connection
    connection.onState((state, error) => {
      if (this.#state === 'closed') return
      this.#become(state, error === undefined ? undefined : remoteFailure('connection', error, this.#options.secrets))
      // A first connect() that failed has not got as far as listening.
      if (state === 'up') this.#listen(connection).catch(() => undefined /* told to the log, and tried again */)
    })
    return connection
  }

  async #listen(connection: RedisConnection): Promise<void> {
    const { namespace, clock, logger, layout } = this.#context
    this.#subscription ??= new Subscription({
      connection,
      channels: [layout.logChannel, layout.fillChannel],
      clock,
      logger,
      secrets: this.#options.secrets,
      message: (channel, payload) => this.#tell(() => this.#events.message(channel, payload)),
      up: () => this.#tell(() => this.#events.up()),
      down: () => this.#tell(() => this.#events.down()),
    })
    try {
      await this.#subscription.start()
    } catch (error) {
      throw refusedSubscription(error, namespace)
    }
  }

  #become(state: RemoteState, error?: unknown): void {
    if (state === this.#state) return
    this.#state = state
    for (const listener of this.#stateListeners) this.#tell(() => listener(state, error))
  }

  /** A listener that throws must not break the connection that told it. */
  #tell(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#context.logger.error({ err: error }, 'a listener of the remote tier threw')
    }
  }
}

function closed(): CacheError {
  return new CacheError('closed', 'the remote tier is closed')
}

/** Where it connects to, without credentials. */
function addressOf(options: ResolvedRedisOptions): string {
  const list = (addresses: readonly { host: string; port: number }[]) =>
    addresses.map(({ host, port }) => `${host}:${port}`).join(', ')
  if (options.to === 'server') return list([options.address])
  if (options.to === 'sentinel') return `${options.name} by way of the sentinels ${list(options.sentinels)}`
  return options.to === 'cluster' ? `the Cluster of ${list(options.nodes)}` : 'Redis through the given client'
}
