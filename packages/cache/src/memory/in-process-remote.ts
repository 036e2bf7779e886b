import { CacheError, invalidOption } from '../errors.js'
import type {
  Board,
  Commit,
  CommitResult,
  LeaseAnswer,
  Log,
  LogListener,
  LogMessage,
  RemoteFactory,
  RemoteState,
  RemoteTier,
  RemoteValue,
  StructureStore,
} from '../ports.js'
import type { LogPart } from './in-process-log.js'
import { InProcessStore, type StoreSubscriber } from './in-process-store.js'

export interface InProcessRemoteOptions {
  /** Values kept for each namespace; beyond, the least recently used go. Default 100,000. */
  maxEntries?: number
  /** Messages of the log that can be read again. Default 10,000. */
  logLength?: number
  /** Tags whose last invalidation is remembered; beyond, the oldest go and the log's floor rises. Default 100,000. */
  maxTags?: number
}

/**
 * A {@link RemoteFactory} whose tiers live in this process, with switches for tests and simulations. The switches act
 * on every namespace of the factory, at once.
 */
export interface InProcessRemote extends RemoteFactory {
  readonly kind: 'in-process'
  /** Loses everything, as `FLUSHALL` or a failover to an empty node does: a new epoch of the log begins. */
  flush(): void
  /** Keeps the last `keep` messages of the log; a reader that is further behind is told `'trimmed'`. */
  trimLog(keep: number): void
  /** Loses one part, as eviction or somebody's `DEL` does. */
  lose(part: LogPart | 'values' | 'leases' | 'structures'): void
  /** Cuts every tier off: calls reject with `remote-unavailable`, published messages are lost. */
  disconnect(): void
  /** Ends {@link disconnect}. */
  reconnect(): void
}

/**
 * The in-process stand-in for Redis: the same port and the same contract suite, for development, tests and single
 * processes. Caches that are given the *same factory object* share one store for each namespace, as processes share one
 * Redis. Values are copied as bytes, messages arrive asynchronously and in order, TTLs run on the injected clock (the
 * first opener's, for each namespace). Nothing survives the process.
 */
export function inProcessRemote(options: InProcessRemoteOptions = {}): InProcessRemote {
  if (typeof options !== 'object' || options === null)
    throw invalidOption('inProcessRemote', options, 'an object of options')
  const { maxEntries = 100_000, logLength = 10_000, maxTags = 100_000, ...unknown } = options
  for (const name of Object.keys(unknown)) {
    throw invalidOption(`inProcessRemote.${name}`, name, 'one of maxEntries, logLength, maxTags')
  }
  for (const [name, value] of Object.entries({ maxEntries, logLength, maxTags })) {
    if (!Number.isInteger(value) || value < 1) {
      throw invalidOption(`inProcessRemote.${name}`, value, 'a whole number of at least 1')
    }
  }
  const stores = new Map<string, InProcessStore>()
  const tiers = new Set<InProcessTier>()
  let reachable = true
  return {
    kind: 'in-process',
    open({ namespace, clock, logger }) {
      const store = stores.get(namespace) ?? new InProcessStore({ clock, maxEntries, logLength, maxTags })
      stores.set(namespace, store)
      const tier: InProcessTier = new InProcessTier(store, {
        reachable,
        failed: (error) => logger.error({ err: error }, 'a listener of the remote tier threw'),
        closed: () => tiers.delete(tier),
      })
      tiers.add(tier)
      return tier
    },
    flush() {
      for (const store of stores.values()) store.flush()
    },
    trimLog(keep) {
      for (const store of stores.values()) store.log.trim(keep)
    },
    lose(part) {
      for (const store of stores.values()) {
        if (part === 'values') store.dropValues()
        else if (part === 'leases') store.dropLeases()
        else if (part === 'structures') store.structures.clear()
        else store.log.lose(part)
      }
    },
    disconnect() {
      reachable = false
      for (const tier of tiers) tier.setReachable(false)
    },
    reconnect() {
      reachable = true
      for (const tier of tiers) tier.setReachable(true)
    },
  }
}

interface TierHooks {
  readonly reachable: boolean
  failed(error: unknown): void
  closed(): void
}

class InProcessTier implements RemoteTier, StoreSubscriber {
  readonly kind = 'in-process'
  readonly log: Log
  readonly board: Board
  readonly structures: StructureStore
  readonly #store: InProcessStore
  readonly #hooks: TierHooks
  readonly #stateListeners = new Set<(state: RemoteState, error?: unknown) => void>()
  readonly #leaseListeners = new Set<(key: string) => void>()
  readonly #logListeners = new Set<LogListener>()
  #state: RemoteState

  constructor(store: InProcessStore, hooks: TierHooks) {
    this.#store = store
    this.#hooks = hooks
    this.#state = hooks.reachable ? 'up' : 'down'
    if (hooks.reachable) store.subscribe(this)
    this.log = this.#createLog()
    this.structures = {
      readStructures: async (ids) => this.#reach().structures.read(ids),
      writeStructures: async (structures) => this.#reach().structures.write(structures),
    }
    this.board = {
      put: async (topic, part, bytes, expiresInMs) => this.#reach().board.put(topic, part, bytes, expiresInMs),
      read: async (topics) => this.#reach().board.read(topics),
      remove: async (topic, part) => this.#reach().board.remove(topic, part),
      claim: async (chore, holder, leaseMs) => this.#reach().board.claim(chore, holder, leaseMs),
    }
  }

  state(): RemoteState {
    return this.#state
  }

  onState(listener: (state: RemoteState, error?: unknown) => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  async connect(): Promise<void> {
    this.#reach()
  }

  async get(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const store = this.#reach()
    return keys.map((key) => store.get(key))
  }

  async getWithPosition(keys: readonly string[]) {
    const store = this.#reach()
    return { values: keys.map((key) => store.get(key)), position: store.log.position() }
  }

  async remainingMs(key: string): Promise<number | undefined> {
    return this.#reach().remainingMs(key)
  }

  async acquire(key: string, token: string, leaseMs: number, expected?: Uint8Array | 'absent'): Promise<LeaseAnswer> {
    return this.#reach().acquire(key, token, leaseMs, expected, this)
  }

  async renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    const store = this.#reach()
    const ours = store.holds(key, token)
    if (ours) store.seize(key, token, leaseMs)
    return ours
  }

  async release(key: string, token: string): Promise<void> {
    const store = this.#reach()
    if (store.holds(key, token)) store.endLease(key)
  }

  async seize(key: string, token: string, leaseMs: number): Promise<void> {
    this.#reach().seize(key, token, leaseMs)
  }

  async fill(values: readonly (RemoteValue & { readonly token: string })[]): Promise<readonly boolean[]> {
    const store = this.#reach()
    return values.map(({ key, bytes, expiresInMs, token }) => {
      if (!store.holds(key, token)) return false
      store.write(key, bytes, expiresInMs)
      store.endLease(key)
      return true
    })
  }

  async commit(commit: Commit): Promise<CommitResult> {
    return this.#reach().commit(commit)
  }

  onLeaseEnd(listener: (key: string) => void): () => void {
    this.#leaseListeners.add(listener)
    return () => this.#leaseListeners.delete(listener)
  }

  async *scan(batch: number): AsyncIterable<readonly string[]> {
    const keys = this.#reach().keys()
    for (let from = 0; from < keys.length; from += batch) {
      this.#reach()
      yield keys.slice(from, from + batch)
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#store.unsubscribe(this)
    this.#logListeners.clear()
    this.#leaseListeners.clear()
    this.#hooks.closed()
    this.#become('closed')
    this.#stateListeners.clear()
  }

  /** For the store. */
  message(message: LogMessage): void {
    for (const listener of this.#logListeners) this.#tell(() => listener.message(message))
  }

  /** For the store. */
  leaseEnded(key: string): void {
    for (const listener of this.#leaseListeners) this.#tell(() => listener(key))
  }

  /** For the factory's switches. */
  setReachable(reachable: boolean): void {
    const next = reachable ? 'up' : 'down'
    if (next === this.#state) return
    if (reachable) this.#store.subscribe(this)
    else this.#store.unsubscribe(this)
    this.#become(next, reachable ? undefined : unavailable())
    for (const listener of this.#logListeners) this.#tell(() => listener[next]())
  }

  #createLog(): Log {
    return {
      position: async () => this.#reach().log.position(),
      snapshot: async () => this.#reach().log.snapshot(),
      read: async (after, limit) => this.#reach().log.read(after, limit),
      tags: async (names) => this.#reach().log.tags(names),
      renew: async (epoch) => this.#reach().log.renew(epoch),
      retirePatterns: async (seqs) => this.#reach().log.retirePatterns(seqs),
      subscribe: async (listener) => {
        this.#reach()
        this.#logListeners.add(listener)
        this.#tell(() => listener.up())
        return async () => {
          this.#logListeners.delete(listener)
        }
      },
    }
  }

  #reach(): InProcessStore {
    if (this.#state === 'closed') throw new CacheError('closed', 'the remote tier is closed')
    if (this.#state !== 'up') throw unavailable()
    return this.#store
  }

  #become(state: RemoteState, error?: unknown): void {
    this.#state = state
    for (const listener of this.#stateListeners) this.#tell(() => listener(state, error))
  }

  #tell(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#hooks.failed(error)
    }
  }
}

function unavailable(): CacheError {
  return new CacheError('remote-unavailable', 'the in-process remote tier is disconnected')
}
