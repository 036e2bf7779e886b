import { contain } from './contain.js'
import type { EntryState } from './entry.js'
import { invalidArgument } from './errors.js'
import type { Operation, RemoteState } from './ports.js'

/** Where a value came from. */
export type TierName = 'memory' | 'remote' | 'origin'

/** A tier that an operator may take out of the reads. */
export type BypassedTier = 'memory' | 'remote'

/**
 * Why the breaker changed: too many calls failed, too many were slow, nothing was answered at all, or what a probe in
 * the background found out.
 */
export type BreakerReason = 'failures' | 'slow-calls' | 'silence' | 'probe'

/** Everything that the cache reports, one event for each outcome. `definition` is '' for calls without one. */
export type CacheEvent =
  | {
      readonly type: 'hit'
      readonly key: string
      readonly definition: string
      readonly tier: 'memory' | 'remote'
      readonly state: EntryState
    }
  | { readonly type: 'miss'; readonly key: string; readonly definition: string }
  /** `notModified`: the value that there was is confirmed. `late`: nobody waited for it any more. */
  | {
      readonly type: 'load'
      readonly key: string
      readonly definition: string
      readonly durationMs: number
      readonly notModified: boolean
      readonly late: boolean
    }
  /** Attempt number `attempt` (1, 2, ...) failed, and another follows. */
  | {
      readonly type: 'load-retry'
      readonly key: string
      readonly definition: string
      readonly attempt: number
      readonly error: unknown
    }
  /** A read set off a refresh behind its answer: by the share of the ttl, by chance, or of a stale value. */
  | {
      readonly type: 'refresh'
      readonly key: string
      readonly definition: string
      readonly cause: 'ahead' | 'early' | 'stale'
    }
  /** A full bulkhead refused a load. */
  | {
      readonly type: 'overload'
      readonly key: string
      readonly definition: string
      readonly running: number
      readonly waiting: number
    }
  /**
   * A load that had outlived its hard timeout ended without a value: it failed, or was given up while still under way.
   */
  | {
      readonly type: 'load-abandoned'
      readonly key: string
      readonly definition: string
      readonly durationMs: number
      readonly reason: 'failed' | 'given-up'
    }
  | {
      readonly type: 'load-error'
      readonly key: string
      readonly definition: string
      readonly durationMs: number
      readonly error: unknown
    }
  /**
   * A loaded value was not stored: an invalidation overtook the load (`fenced`), its lease was gone (`lease-lost`), or
   * the loader declined (`skipped`). One that no codec can store (`unstorable`) is kept in memory only.
   */
  | {
      readonly type: 'fill-refused'
      readonly key: string
      readonly definition: string
      readonly reason: 'fenced' | 'lease-lost' | 'skipped' | 'unstorable'
    }
  | { readonly type: 'set'; readonly key: string; readonly definition: string; readonly seq: number | undefined }
  /** This node issued an invalidation. */
  | {
      readonly type: 'invalidate'
      readonly operations: readonly Operation[]
      readonly seq: number | undefined
      readonly propagated: boolean
      readonly durationMs: number
    }
  /** This node applied a message of the log, its own or another's. */
  | {
      readonly type: 'applied'
      readonly origin: string
      readonly epoch: string
      readonly seq: number
      readonly operations: readonly Operation[]
    }
  | { readonly type: 'remove'; readonly key: string; readonly cause: 'capacity' | 'expired' }
  | {
      readonly type: 'remote-error'
      readonly operation: string
      readonly key: string | undefined
      readonly error: unknown
    }
  | { readonly type: 'remote-state'; readonly state: RemoteState }
  | {
      readonly type: 'breaker'
      readonly state: 'closed' | 'open' | 'half-open'
      readonly reason: BreakerReason
      /** Of silence: milliseconds since the first call was sent that was not answered in time. */
      readonly afterMs?: number
    }
  /**
   * An operator took a tier out of the reads of this node or of the fleet, or back; or the time of the fleet's bypass
   * is over.
   */
  | {
      readonly type: 'bypass'
      readonly tier: BypassedTier
      readonly on: boolean
      readonly scope: 'node' | 'fleet'
      /** When one of the fleet begins. */
      readonly by?: string
      readonly reason?: string
      readonly until?: number
    }
  | { readonly type: 'damaged'; readonly key: string; readonly definition: string; readonly reason: string }
  | { readonly type: 'schema-mismatch'; readonly key: string; readonly definition: string }
  /** Messages `from`..`to` were missed and have been read again. */
  | { readonly type: 'log-repaired'; readonly from: number; readonly to: number }
  /** The log could not be read without a hole: all memory entries must be confirmed before they are served. */
  | { readonly type: 'log-lost'; readonly reason: 'trimmed' | 'epoch' | 'diverged' }
  | { readonly type: 'recovered'; readonly operations: number }
  | { readonly type: 'close' }

export type CacheEventType = CacheEvent['type']
export type CacheEventOf<T extends CacheEventType> = Extract<CacheEvent, { type: T }>
export type CacheEventListener<T extends CacheEventType> = (event: CacheEventOf<T>) => void

/**
 * Every event type; the compiler checks that none is missing. A misspelled type is refused, since it would never fire.
 */
const TYPES: Readonly<Record<CacheEventType, true>> = {
  hit: true,
  miss: true,
  load: true,
  'load-retry': true,
  refresh: true,
  overload: true,
  'load-abandoned': true,
  'load-error': true,
  'fill-refused': true,
  set: true,
  invalidate: true,
  applied: true,
  remove: true,
  'remote-error': true,
  'remote-state': true,
  breaker: true,
  bypass: true,
  damaged: true,
  'schema-mismatch': true,
  'log-repaired': true,
  'log-lost': true,
  recovered: true,
  close: true,
}

/** One call of `on`. Kept by the type that it asked for, so its listener is only ever given events of that type. */
interface Subscription {
  readonly listener: (event: CacheEvent) => void
}

/**
 * A typed emitter. Ask {@link listens} before building an event, so that nobody pays for what nobody hears. An error
 * thrown by a listener is handed to `onListenerError` and reaches neither the caller nor the other listeners.
 */
export class CacheEvents {
  /** As `listens('hit')`, for the path of a hit: a field, kept up to date. */
  hearsHits = false
  readonly #subscriptions = new Map<CacheEventType, readonly Subscription[]>()
  readonly #onListenerError: (error: unknown) => void
  readonly #onChange: () => void

  /** `onChange` is told when somebody begins or ends to listen. */
  constructor(onListenerError: (error: unknown) => void, onChange: () => void = () => undefined) {
    this.#onListenerError = onListenerError
    this.#onChange = onChange
  }

  listens(type: CacheEventType): boolean {
    return this.#subscriptions.has(type)
  }

  /** A listener given several times is called as often. Returns a function that ends this subscription and no other. */
  on<T extends CacheEventType>(type: T, listener: CacheEventListener<T>): () => void {
    if (!Object.hasOwn(TYPES, type)) throw invalidArgument('on', type, `one of ${Object.keys(TYPES).join(', ')}`)
    if (typeof listener !== 'function') throw invalidArgument(`on('${type}')`, listener, 'a function')
    const subscription = { listener: listener as Subscription['listener'] }
    this.#set(type, [...this.#of(type), subscription])
    return () => this.#end(type, subscription)
  }

  /** Ends the first subscription of the listener, if there is one. */
  off<T extends CacheEventType>(type: T, listener: CacheEventListener<T>): void {
    this.#end(
      type,
      this.#of(type).find((one) => one.listener === listener),
    )
  }

  #of(type: CacheEventType): readonly Subscription[] {
    return this.#subscriptions.get(type) ?? []
  }

  #end(type: CacheEventType, subscription: Subscription | undefined): void {
    this.#set(
      type,
      this.#of(type).filter((one) => one !== subscription),
    )
  }

  #set(type: CacheEventType, subscriptions: readonly Subscription[]): void {
    if (subscriptions.length > 0) this.#subscriptions.set(type, subscriptions)
    else this.#subscriptions.delete(type)
    this.hearsHits = this.listens('hit')
    this.#onChange()
  }

  emit(event: CacheEvent): void {
    const subscriptions = this.#subscriptions.get(event.type)
    if (subscriptions === undefined) return
    for (const { listener } of subscriptions) contain(listener, event, this.#onListenerError)
  }
}
