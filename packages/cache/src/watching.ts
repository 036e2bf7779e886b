import type { BypassedTier } from './events.js'
import type { MemoryFigures } from './ports.js'
import type { CacheHealth, DefinitionStats, DurationFigures, LogStats } from './stats.js'
import type { Duration } from './units.js'

/**
 * What a cache that is watched tells of itself over time. Times are milliseconds since the Unix epoch, durations
 * milliseconds, sizes bytes, shares and rates 0 to 1. `cache.watch` gives it; what it needs are the options `history`,
 * `alerts`, `slo` and `heavyHitters` of `createCache`.
 */

/** Which processes figures are of: all of the namespace, this one, or another by its name. */
export type Scope = 'fleet' | 'node' | { readonly node: string }

/** Width of an interval of the history: 1 s is kept for 10 minutes, 10 s for 2 hours, 5 min for 7 days. */
export type Resolution = '1s' | '10s' | '5m'

export interface FiguresQuery {
  /**
   * The time up to now that is asked about. It is rounded to whole intervals of the finest series that reaches so far.
   */
  readonly window: Duration
  /** Default `'fleet'`. */
  readonly scope?: Scope
}

/** What happened in a window. Counters are differences; percentiles are those of the window alone. */
export interface WindowFigures {
  readonly from: number
  readonly to: number
  /** How much of the window is recorded: less after a start, or when nothing ran. */
  readonly coveredMs: number
  /** Processes that took part. */
  readonly nodes: readonly string[]
  readonly total: WindowStats
  /** By definition name; '' holds calls without a definition. Those without traffic in the window may be absent. */
  readonly definitions: Readonly<Record<string, WindowStats>>
  /** Sizes at the end of the window, summed over processes; evictions, expirations and refusals within it. */
  readonly memory: MemoryFigures
  readonly log: { readonly repairs: number; readonly losses: number }
}

/** {@link DefinitionStats} of a window, with the figures that are judged by. */
export interface WindowStats extends DefinitionStats {
  /** Failed loads, failed remote calls and damaged values, per operation (reads, sets, invalidations); at most 1. */
  readonly errorRate: number
  /** Reads that ended with an answer: 1 before any traffic. */
  readonly availability: number
  /** Reads that did not reach the origin: 1 - loads / reads, at least 0. */
  readonly loadsSaved: number
  /** All reads: memory hits as their sample has them, weighted by their number, and every other read. */
  readonly responseTime: DurationFigures
  readonly responseP95Ms: number
}

export interface HistoryQuery {
  readonly resolution: Resolution
  /** Default `'fleet'`. */
  readonly scope?: Scope
  /** Only intervals that begin at or after this time. */
  readonly since?: number
}

/**
 * Columns of equal length, one value for each interval that was recorded, oldest first. `null`: nothing to judge by.
 */
export interface HistorySeries {
  readonly resolutionMs: number
  /** When it was read: an interval that ends later is under way. */
  readonly until: number
  /** Beginnings of the intervals. Time in which nothing ran is absent. */
  readonly at: readonly number[]
  /** How much of each is recorded: less than its width when it is under way, or when a process began or ended in it. */
  readonly durationMs: readonly number[]
  /** Processes that reported. */
  readonly nodes: readonly number[]
  readonly total: SeriesColumns
  readonly definitions: Readonly<Record<string, SeriesColumns>>
  readonly entries: readonly number[]
  readonly bytes: readonly number[]
  readonly maxBytes: readonly number[]
  readonly flights: readonly number[]
  readonly evictions: readonly number[]
  readonly expirations: readonly number[]
  /** For each interval, how many reads (memory hits weighted) took at most `DURATION_BOUNDS_MS[i]`: a heat map. */
  readonly heat: readonly (readonly number[])[]
}

export interface SeriesColumns {
  readonly reads: readonly number[]
  readonly memoryHits: readonly number[]
  readonly remoteHits: readonly number[]
  readonly staleHits: readonly number[]
  readonly misses: readonly number[]
  readonly failedReads: readonly number[]
  readonly loads: readonly number[]
  readonly loadErrors: readonly number[]
  readonly remoteErrors: readonly number[]
  readonly damagedValues: readonly number[]
  readonly sets: readonly number[]
  readonly invalidations: readonly number[]
  readonly hitRate: readonly (number | null)[]
  readonly memoryHitRate: readonly (number | null)[]
  readonly remoteHitRate: readonly (number | null)[]
  /** Of all reads, in milliseconds. */
  readonly p50: readonly (number | null)[]
  readonly p99: readonly (number | null)[]
  readonly loadP50: readonly (number | null)[]
  readonly loadP99: readonly (number | null)[]
  readonly remoteP99: readonly (number | null)[]
}

/** Where a figure is going. */
export interface Trend {
  readonly figure: 'hitRate' | 'errorRate' | 'readsPerSecond' | 'loadsPerSecond' | 'responseP95Ms' | 'bytes'
  /** Over the last hour; `null`, here and below, without anything to judge by. */
  readonly now: number | null
  /** Over the same hour yesterday. */
  readonly yesterday: number | null
  /** `now` against `yesterday`, as a share of it: 0.1 is a tenth more. */
  readonly change: number | null
  /** Change per hour: the least-squares line through the whole 5-minute intervals of the last hour, six at least. */
  readonly slopePerHour: number | null
}

/** The processes of a namespace that have published figures lately. */
export interface Fleet {
  readonly at: number
  /** `false`: the remote tier did not answer (or keeps no figures), and only this process is listed. */
  readonly complete: boolean
  /** Merged: counters are summed, distributions added. Since each process's start. */
  readonly total: DefinitionStats
  readonly definitions: Readonly<Record<string, DefinitionStats>>
  readonly nodes: readonly FleetNode[]
  /** Of all of them; what is bypassed by one alone is in its `bypassed`. */
  readonly bypasses: readonly FleetBypass[]
}

/** One process: what it last said of itself. */
export interface FleetNode {
  readonly node: string
  /** Whether this is the process that was asked. */
  readonly self: boolean
  readonly version: string
  /** When it published. */
  readonly at: number
  readonly uptimeMs: number
  readonly status: CacheHealth['status']
  readonly reasons: readonly string[]
  readonly remote: { readonly kind: string; readonly state: string; readonly breaker: 'closed' | 'open' | 'half-open' }
  readonly log: LogStats
  readonly memory: MemoryFigures
  readonly flights: number
  /** Tiers out of its reads, for itself or with the fleet; absent in what older versions tell. */
  readonly bypassed?: readonly BypassedTier[]
  readonly total: DefinitionStats
}

export type AlertSeverity = 'warning' | 'critical'

/** Something that is, or was, not as it should be. */
export interface Alert {
  /** The same while it lasts and when it comes again: rule, definition and node. */
  readonly id: string
  readonly rule: string
  /** The definition that is concerned; absent when it is about all. */
  readonly definition?: string
  /** The process that is concerned; absent when it is about the fleet. */
  readonly node?: string
  readonly severity: AlertSeverity
  /** `pending`: holds, but not yet for long enough to tell anybody. */
  readonly state: 'pending' | 'firing' | 'resolved'
  /** One sentence with the figures in it. */
  readonly summary: string
  readonly value: number
  readonly threshold: number
  /** When it began to hold. */
  readonly since: number
  readonly firedAt?: number
  readonly resolvedAt?: number
  /** When it was last told of, and how often it was repeated since it was raised. */
  readonly notifiedAt?: number
  readonly repeats: number
  readonly silenced: boolean
}

/** Nobody is told of an alert until this ends; it is judged and shown all the same. */
export interface Silence {
  readonly id: string
  /** The id of an alert, or the name of a rule for all of its alerts. */
  readonly alert: string
  readonly until: number
  readonly by: string
  readonly reason: string
}

export interface SilenceRequest {
  readonly alert: string
  /** At most 7 days. */
  readonly duration: Duration
  readonly by: string
  readonly reason: string
}

/** Reads of every process go around a tier until this ends. */
export interface FleetBypass {
  readonly tier: BypassedTier
  readonly since: number
  readonly until: number
  readonly by: string
  readonly reason: string
}

export interface FleetBypassRequest {
  readonly tier: BypassedTier
  /** At most 7 days. */
  readonly duration: Duration
  readonly by: string
  readonly reason: string
}

/** One attempt to deliver a notification. */
export interface Delivery {
  readonly at: number
  /** The webhook's name, or its host: never the path, which may be a secret. */
  readonly target: string
  readonly alerts: readonly string[]
  readonly event: 'raised' | 'changed' | 'repeated' | 'resolved'
  readonly attempt: number
  readonly outcome: 'delivered' | 'retrying' | 'given-up'
  /** HTTP status, when there was an answer. */
  readonly status?: number
  readonly error?: string
  readonly durationMs: number
}

export interface AlertsView {
  readonly at: number
  /** The process that judges for the fleet at present. */
  readonly judge: string
  /** Pending and firing, the worst first. */
  readonly active: readonly Alert[]
  /** Resolved lately, newest first; at most 100. */
  readonly resolved: readonly Alert[]
  readonly silences: readonly Silence[]
  /** Of this process and of the judge, newest first; at most 100. */
  readonly deliveries: readonly Delivery[]
  readonly rules: readonly { readonly name: string; readonly about: string }[]
}

export interface ReportQuery {
  /** Default: the window of the SLOs, 7 days. */
  readonly window?: Duration
  /** Default `'fleet'`. */
  readonly scope?: Scope
}

/** Whether the cache kept its promises in a window. */
export interface Report {
  readonly figures: WindowFigures
  readonly objectives: readonly ObjectiveReport[]
  /** Of the objectives that could be judged, those that were met; 1 when there were none. */
  readonly compliance: number
}

export interface ObjectiveReport {
  /** '' when it is about all definitions. */
  readonly definition: string
  readonly objective: 'hitRate' | 'latency' | 'availability'
  /** The share of reads that must be good. */
  readonly target: number
  /** For latency: a read that takes longer is not good. */
  readonly thresholdMs?: number
  /** The share of reads that was good; `null` before any traffic. */
  readonly actual: number | null
  readonly good: number
  readonly total: number
  readonly met: boolean | null
  /**
   * Of the reads that may be bad (1 - target), the share not used up; negative when overspent, 1 before any traffic.
   */
  readonly budgetLeft: number
  /** How many times faster than allowed the budget is being spent, over the last hour; 1 spends all of it exactly. */
  readonly burnRate: number
}

export type HeavyHitterMeasure = 'hits' | 'misses' | 'loadMs' | 'bytes'

export interface HeavyHittersQuery {
  readonly by: HeavyHitterMeasure
  /** Default 20. */
  readonly limit?: number
  /** Default: all. */
  readonly definition?: string
  /** Default `'fleet'`: what the other processes published last is added to what this one knows. */
  readonly scope?: Scope
}

/** The keys that account for most of a measure. Of `bytes`: what they take in the memory of all those processes. */
export interface HeavyHitters {
  readonly by: HeavyHitterMeasure
  /** Processes whose keys these are. */
  readonly nodes: readonly string[]
  /** The share of the events that was counted and scaled up: 1 counts each. Only `hits` are sampled. */
  readonly sample: number
  /** The measure over all keys; by sample, as the estimates are. */
  readonly total: number
  /** Keys with more are listed: certainly where each event is counted, else in 95 of 100 cases; 0: exact. */
  readonly errorBound: number
  readonly keys: readonly HeavyHitter[]
}

export interface HeavyHitter {
  /** As `redact` shows it. */
  readonly key: string
  readonly definition: string
  /** Where each event is counted, between the truth and the truth plus `error`. Hits are a sample, scaled up. */
  readonly estimate: number
  /** Of what is sampled, the truth is within so much of the estimate, either way, in 95 of 100 cases. */
  readonly error: number
}

/**
 * What `cache.watch` offers. Everything rejects with a `CacheError` of code `not-watched` when its option is not set.
 */
export interface Watching {
  /** Whether history is kept, and so whether anything here answers. */
  readonly enabled: boolean
  figures(query: FiguresQuery): Promise<WindowFigures>
  history(query: HistoryQuery): Promise<HistorySeries>
  trends(query?: { readonly scope?: Scope; readonly definition?: string }): Promise<readonly Trend[]>
  fleet(): Promise<Fleet>
  alerts(): Promise<AlertsView>
  /**
   * Judges now instead of at the next interval, and resolves when what it has to tell was handed to the webhooks'
   * queues.
   */
  judge(): Promise<void>
  silence(request: SilenceRequest): Promise<Silence>
  unsilence(id: string): Promise<void>
  /**
   * Takes a tier out of the reads of every watched process of the namespace, within seconds, and of those that start
   * meanwhile, until its time is over or {@link endBypass}. `cache.bypass` does it for one process.
   */
  bypass(request: FleetBypassRequest): Promise<FleetBypass>
  endBypass(tier: BypassedTier): Promise<void>
  /** A duration is a window alone. */
  report(query?: ReportQuery | Duration): Promise<Report>
  heavyHitters(query: HeavyHittersQuery): Promise<HeavyHitters>
  /** Publishes what there is and stops. Called by `cache.close()`. */
  close(): Promise<void>
}
