import type {
  CacheHealth,
  CacheStats,
  InvalidationMode,
  InvalidationPreview,
  KeyInspection,
  LogStats,
  MemoryFigures,
  Operation,
} from '@tableforge/cache'
import type { AuditRecord } from '@tableforge/cache/invalidation'

/**
 * The shapes of the API in JSON, shared with the page. JSON has no Infinity: a number that may be unbounded is `null`
 * there. Durations are milliseconds, times milliseconds since the Unix epoch, sizes bytes.
 */

/** A viewer sees everything; an operator may also act: invalidate, clear, warm, bypass, silence. */
export type Role = 'viewer' | 'operator'

/** Allows `null` in the named fields, where JSON could not carry an unbounded number. */
type Unbounded<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]: T[P] | null }

/** `CacheStats` as JSON carries it. */
export type WireStats = Omit<CacheStats, 'log' | 'memory'> & {
  readonly log: Unbounded<LogStats, 'unconfirmedMs'>
  readonly memory: Unbounded<MemoryFigures, 'maxEntries' | 'maxBytes'>
}

/** `CacheHealth` and when it was taken. */
export type WireHealth = CacheHealth & { readonly at: number }

export type WireInspection = KeyInspection

/** What happened in one interval: differences of counters, and mean durations of what was timed in it. */
export interface IntervalFigures {
  readonly reads: number
  readonly memoryHits: number
  readonly remoteHits: number
  readonly staleHits: number
  readonly misses: number
  readonly loads: number
  readonly loadErrors: number
  readonly remoteErrors: number
  readonly damagedValues: number
  readonly sets: number
  readonly invalidations: number
  /** Memory hits, timed by sample; `null`, here and below, when nothing was timed in the interval. */
  readonly memoryMs: number | null
  /** Reads that memory did not answer, from the call to the answer. */
  readonly readMs: number | null
  readonly remoteMs: number | null
  readonly loadMs: number | null
}

/** The part of {@link IntervalFigures} that is kept for each definition. */
export interface DefinitionInterval {
  readonly reads: number
  readonly memoryHits: number
  readonly remoteHits: number
  readonly loads: number
  /** Failed loads, failed remote calls and damaged values. */
  readonly errors: number
}

/** What is measured at the end of an interval rather than counted within it. */
export interface Gauges {
  readonly entries: number
  readonly bytes: number
  readonly flights: number
  /** Last log position that this node has applied. */
  readonly applied: number
  readonly unconfirmedMs: number | null
  /** Evictions for capacity within the interval. */
  readonly evictions: number
}

/** One interval of the history. Definitions in which nothing happened are left out. */
export interface Sample {
  /** Counts samples of this console, from 1. */
  readonly id: number
  readonly at: number
  readonly durationMs: number
  readonly total: IntervalFigures
  readonly gauges: Gauges
  /** How many reads took at most `DURATION_BOUNDS_MS[i]` and more than the bound before; the last has no bound. */
  readonly heat: readonly number[]
  readonly definitions: Readonly<Record<string, DefinitionInterval>>
}

/** The same fields as arrays of equal length, oldest first. */
export type Columns<T> = { readonly [K in keyof T]: T[K][] }

/** The kept samples of one node, transposed; every array is as long as `at`. */
export interface History {
  readonly namespace: string
  readonly node: string
  readonly intervalMs: number
  /** The most samples that are kept. */
  readonly capacity: number
  readonly at: number[]
  readonly durationMs: number[]
  readonly total: Columns<IntervalFigures>
  readonly gauges: Columns<Gauges>
  readonly heat: (readonly number[])[]
  readonly definitions: Readonly<Record<string, Columns<DefinitionInterval>>>
}

/** One invalidation: issued here, or heard from another node. */
export interface Invalidation {
  readonly id: number
  readonly at: number
  /** Place in the log; `null` while it waits for the remote tier. */
  readonly seq: number | null
  /** The node that issued it. */
  readonly origin: string
  /** Whether this node issued it. */
  readonly own: boolean
  /** At most 20; `more` counts the rest. */
  readonly operations: readonly Operation[]
  readonly more: number
  /** `false`: not yet sent to other nodes. */
  readonly propagated: boolean
  /** Time until it was acknowledged; `null` for those of others. */
  readonly durationMs: number | null
}

export type NoticeLevel = 'error' | 'warning' | 'info'

/** An error or a change of state. Repetitions of the newest notice of its kind are counted, not listed. */
export interface Notice {
  readonly id: number
  /** When it happened first, and last. */
  readonly since: number
  readonly at: number
  readonly count: number
  readonly level: NoticeLevel
  /** The event's name, such as `load-error`. */
  readonly kind: string
  readonly message: string
  readonly definition: string | null
}

/** A record of the audit trail: who raised an event and why, what it removed, where that stands in the log. */
export type WireAudit = Omit<AuditRecord, 'actor' | 'reason' | 'seq'> & {
  readonly actor: string | null
  readonly reason: string | null
  readonly seq: number | null
}

/** What an invalidation of the console names; exactly one of them. `regex` is `/source/flags` or the source alone. */
export type ActionTarget =
  | { readonly key: string }
  | { readonly tag: string }
  | { readonly pattern: string }
  | { readonly regex: string }

/** Something that an operator may do. */
export type Action =
  | { readonly type: 'invalidate'; readonly target: ActionTarget; readonly mode: InvalidationMode }
  | { readonly type: 'clear' }
  /** Loads what is missing: the named keys of a definition, or its busiest ones. */
  | { readonly type: 'warm'; readonly definition: string; readonly keys?: readonly string[]; readonly top?: number }
  /** Takes a tier out of the reads of this process, or of all for a while; or back. */
  | {
      readonly type: 'bypass'
      readonly tier: 'memory' | 'remote'
      readonly on: boolean
      /** Without it: of this process. */
      readonly scope?: 'node' | 'fleet'
      /** Of the fleet: when it ends by itself. */
      readonly durationMs?: number
    }
  /** Nobody is told of an alert (by id, or of a rule by name) for a while. */
  | { readonly type: 'silence'; readonly alert: string; readonly durationMs: number }
  | { readonly type: 'unsilence'; readonly silence: string }

/** What an action would do, and the token with which it may be asked for, once, within the time given. */
export interface ActionPreview {
  readonly action: Action
  /** In words. */
  readonly summary: string
  /** What to beware of, in words. */
  readonly warnings: readonly string[]
  /** Of invalidations: what they cover now. */
  readonly covers?: InvalidationPreview
  /** Of warming: the keys that would be read. */
  readonly keys?: readonly string[]
  readonly confirm: string
  readonly expiresAt: number
}

/** What became of an action: who did what, why, and what it hit. */
export interface ActionRecord {
  readonly id: number
  readonly at: number
  readonly node: string
  readonly actor: string
  readonly reason: string
  readonly action: Action
  readonly summary: string
  readonly outcome: 'done' | 'failed'
  /** In words: what was hit, or why it failed. */
  readonly result: string
  /** Of what ends by itself, a silence or a bypass of the fleet: when. */
  readonly until?: number
  readonly durationMs: number
}

/** A definition as it is configured. Durations in milliseconds; `null` is without end. */
export interface WireDefinition {
  readonly name: string
  readonly ttl: number | null
  readonly grace: number | null
  readonly negativeTtl: number | null
  readonly refreshAhead: number | null
  readonly softTimeout: number | null
  readonly hardTimeout: number | null
  readonly maxStaleness: number | null
  readonly jitter: number
  readonly freshness: 'memory' | 'remote'
  readonly onPartition: 'revalidate' | 'bypass' | 'serve'
}

/** Sent on the live stream once a second: what is new since the cursor before. */
export interface Update {
  /** Hand it back as `Last-Event-ID` or `?after=` to go on from here. */
  readonly cursor: string
  readonly samples: readonly Sample[]
  /** New or changed since; an `id` known already is replaced. */
  readonly invalidations: readonly Invalidation[]
  readonly notices: readonly Notice[]
  /** Records that were written since, oldest first. */
  readonly audit: readonly WireAudit[]
  readonly actions: readonly ActionRecord[]
  readonly stats: WireStats
  readonly health: WireHealth | null
}

/** The first message of a live stream that does not go on from a cursor: everything that is kept. */
export interface Snapshot extends Omit<Update, 'samples'> {
  readonly history: History
}

/** Who is signed in. `csrf` goes back in the header `x-csrf-token` of every call that changes something. */
export interface SessionInfo {
  readonly name: string
  readonly role: Role
  readonly via: 'session' | 'credentials' | 'loopback' | 'host'
  /** Whether history, fleet, alerts and reports can be asked for: the cache was made with the option `history`. */
  readonly watched: boolean
  readonly csrf: string
  readonly namespace: string
  readonly node: string
}

/** The body of every answer that is not a success. */
export interface WireError {
  readonly error: { readonly code: string; readonly message: string }
}
