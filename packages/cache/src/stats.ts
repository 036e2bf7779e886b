import type { EntryState } from './entry.js'
import type { BypassedTier } from './events.js'
import type { MemoryFigures, PolicyFigures, RemoteState } from './ports.js'

/** Durations in milliseconds over the life of the cache; 0 when nothing was recorded. */
export interface DurationFigures {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** How many took at most `DURATION_BOUNDS_MS[i]` and more than the bound before; the last number has no bound. */
  readonly buckets: readonly number[]
}

/**
 * Upper bounds of the buckets of `DurationFigures`, in milliseconds, from 1 microsecond to 16 seconds. Powers of two,
 * because the histogram counts those exactly.
 */
export const DURATION_BOUNDS_MS: readonly number[] = Object.freeze(
  [-10, -8, -6, -4, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14].map((exponent) => 2 ** exponent),
)

/**
 * Counters of one definition (or the sum over all). They only ever grow; rates are 0 to 1, and 1 before any traffic.
 */
export interface DefinitionStats {
  readonly reads: number
  readonly memoryHits: number
  readonly remoteHits: number
  /** Part of the hits: served past ttl, within grace. */
  readonly staleHits: number
  readonly misses: number
  /** Part of the misses: reads that ended in an error. */
  readonly failedReads: number
  /** Leases asked of the remote tier, and those that another process held. */
  readonly leases: number
  readonly leaseWaits: number
  /** Reads with `freshness: 'remote'`, which do not look into memory. */
  readonly memoryBypasses: number
  readonly loads: number
  readonly loadErrors: number
  readonly fencedLoads: number
  /** Part of the failed loads: still under way at their hard timeout. */
  readonly loadTimeouts: number
  /** Failed attempts that were tried again. */
  readonly loadRetries: number
  /** Part of the loads: confirmed the value that there was. */
  readonly notModified: number
  /** Refreshes that a read set off behind its answer. */
  readonly refreshes: number
  /** Loads that a full bulkhead refused. */
  readonly overloads: number
  readonly sets: number
  readonly invalidations: number
  readonly remoteErrors: number
  readonly damagedValues: number
  /** (memoryHits + remoteHits) / reads. */
  readonly hitRate: number
  /** memoryHits / reads that looked into memory. */
  readonly memoryHitRate: number
  /** remoteHits / reads that asked the remote tier. */
  readonly remoteHitRate: number
  /** A sample of the memory hits: one in 128. */
  readonly memoryTime: DurationFigures
  /** Reads that memory could not answer, to their end. */
  readonly readTime: DurationFigures
  readonly remoteTime: DurationFigures
  readonly loadTime: DurationFigures
  /** How old the values were that were served past their ttl. */
  readonly staleAge: DurationFigures
}

/** What `cache.stats()` returns: a snapshot, cheap enough to take every second. */
export interface CacheStats {
  readonly namespace: string
  readonly node: string
  readonly at: number
  readonly uptimeMs: number
  readonly total: DefinitionStats
  /** By definition name; '' holds calls without a definition. */
  readonly definitions: Readonly<Record<string, DefinitionStats>>
  readonly memory: MemoryFigures
  /** What decides which entries memory gives up, and why that. */
  readonly policy: PolicyFigures
  readonly remote: {
    readonly kind: string
    readonly state: RemoteState
    readonly breaker: 'closed' | 'open' | 'half-open'
    /** It answers, and refused the latest write of this kind; `undefined`: none, or one was accepted since. */
    readonly writeRefusal?: WriteRefusal | undefined
  }
  readonly log: LogStats
  /** Loads and remote reads under way. */
  readonly flights: number
  /**
   * Loads (calls of `loadMany`, where there is one) under way and waiting for their turn now; keys whose load outlives
   * its hard timeout.
   */
  readonly loads: { readonly running: number; readonly waiting: number; readonly overdue: number }
  /** Tiers that an operator has taken out of the reads of this node. */
  readonly bypassed: readonly BypassedTier[]
}

/** A write that the remote tier refused, as a server does that is out of memory, or whose disk is full. */
export interface WriteRefusal {
  /** What was tried, such as `commit` or `fill`. */
  readonly operation: string
  /** In the words of the server. */
  readonly reason: string
  /** Wall time in milliseconds. */
  readonly at: number
}

/** How well this node hears the invalidation log. */
export interface LogStats {
  readonly epoch: string
  readonly applied: number
  /** Milliseconds since this node last knew that it had applied everything; Infinity before the first time. */
  readonly unconfirmedMs: number
  readonly subscribed: boolean
  /** Invalidations that wait for the remote tier to come back. */
  readonly recovering: number
  readonly repairs: number
  /** How often the log was lost and all of memory became suspect. */
  readonly losses: number
}

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy'

export interface HealthComponent {
  readonly name: string
  readonly status: HealthStatus
  /** Why it is not healthy. */
  readonly reason?: string
  readonly latencyMs?: number
}

/** What `cache.health()` resolves to. The whole is as healthy as its worst component. */
export interface CacheHealth {
  readonly status: HealthStatus
  readonly components: readonly HealthComponent[]
}

/** What `cache.inspect(key)` resolves to: the key in every tier, and what happened to it lately. */
export interface KeyInspection {
  readonly key: string
  readonly memory: TierInspection | undefined
  /** `undefined`: not there, unless `remoteUnknown` says that it is not known. */
  readonly remote: TierInspection | undefined
  /** Why the remote tier could not tell; absent when it did. */
  readonly remoteUnknown?: string
  /** Oldest first; kept for keys that were inspected or touched lately, bounded. */
  readonly trace: readonly KeyTraceEvent[]
}

export interface TierInspection {
  readonly state: EntryState | 'invalid'
  readonly ageMs: number
  readonly remainingTtlMs: number
  readonly tags: readonly string[]
  readonly epoch: string
  readonly asOf: number
  /** Encoded size in the remote tier; calculated size in memory. */
  readonly bytes: number | undefined
}

export interface KeyTraceEvent {
  readonly at: number
  readonly what: string
  readonly detail?: string
}
