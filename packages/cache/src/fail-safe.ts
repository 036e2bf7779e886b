import { after } from './deadlines.js'
import type { Entry, MemoryEntry } from './entry.js'
import type { Fallback, Flight } from './flights.js'
import { isolated } from './isolation.js'
import type { BoundLoader, PreviousLoad } from './load-context.js'
import type { ResolvedEntryOptions } from './options.js'
import { Found, type Outcome } from './outcome.js'
import type { Tiers } from './tiers.js'

/**
 * Stale values that stand in for slow and failing work: what a flight may fall back on, when it answers with it, and
 * how long nothing is tried again after a failure.
 */
export class FailSafe {
  readonly #tiers: Tiers

  constructor(tiers: Tiers) {
    this.#tiers = tiers
  }

  /** The fallback as an outcome, unless its time is over or something that was applied since has invalidated it. */
  stale(flight: Flight, fallback = flight.fallback): Outcome | undefined {
    if (fallback === undefined) return undefined
    const { clock, validity } = this.#tiers
    const { value, tags, judgedAt, staleUntil, createdAt } = fallback.entry
    if (clock.now() >= staleUntil) return undefined
    const verdict = validity.judgeSince(judgedAt, flight.key, tags)
    if (verdict === 'deleted' || verdict === 'unknown') return undefined
    return new Found(value, 'stale', fallback.tier, tags, createdAt)
  }

  /**
   * When the remote tier or the load takes longer than this, readers that wait get the stale value, if there is one.
   */
  settleStaleAfter(flight: Flight, ms: number): void {
    const { clock } = this.#tiers
    if (flight.softTimer !== undefined) clock.clearTimeout(flight.softTimer)
    if (flight.fallback === undefined) return
    const settle = () => this.answerEarly(flight, this.stale(flight))
    if (ms === 0) settle()
    else flight.softTimer = after(clock, ms, settle)
  }

  /**
   * Answers before the work is over, as of now: readers that come later hold what is applied later against this answer.
   */
  answerEarly(flight: Flight, outcome: Outcome | undefined): void {
    if (outcome === undefined) return
    flight.answeredAt ??= this.#tiers.validity.revision
    flight.settle(outcome)
  }

  /** The stale value of a flight that failed, kept in memory so that nothing is tried again for a while. */
  afterFailure(flight: Flight): Outcome | undefined {
    const fallback = flight.fallback ?? flight.lastResort
    const stale = this.stale(flight, fallback)
    if (fallback === undefined || stale === undefined) return undefined
    fallback.entry.retryAt = this.#tiers.clock.now() + flight.family.options.graceThrottle
    if (!flight.fenced) this.#tiers.keep(flight.key, fallback.entry)
    return stale
  }

  /**
   * Whether a load of the key failed a moment ago: for reads that do not look into memory, which answers the others.
   */
  failedLately(key: string): boolean {
    return (this.#tiers.memory.peek(key)?.retryAt ?? 0) > this.#tiers.clock.now()
  }

  /** What a load would replace: a value past its ttl that may still be served, or the one that is refreshed. */
  previousOf(flight: Flight): PreviousLoad | undefined {
    const refreshed: Fallback | undefined = flight.refreshed && { entry: flight.refreshed, tier: 'memory' }
    const previous = this.stale(flight) === undefined ? refreshed : flight.fallback
    if (previous === undefined || this.stale(flight, previous) === undefined) return undefined
    const { value, tags, memo } = previous.entry
    return { value: isolated(value, this.#tiers.options.memory.isolate), tags, etag: memo?.etag }
  }
}

/** Whether memory may answer with a value past its ttl and refresh it behind: not what was softly invalidated. */
export function mayRevalidate(
  { freshUntil }: MemoryEntry,
  { staleWhileRevalidate }: ResolvedEntryOptions,
  loader: BoundLoader | undefined,
  now: number,
): boolean {
  return loader !== undefined && freshUntil > 0 && now < freshUntil + staleWhileRevalidate
}

/** The same for a value of the remote tier: within its ttl, it would be stale because somebody has said so. */
export function isWithinRevalidation(
  { createdAt, ttl, expired }: Entry,
  { staleWhileRevalidate }: ResolvedEntryOptions,
  now: number,
): boolean {
  const age = now - createdAt
  return !expired && age >= ttl && age < ttl + staleWhileRevalidate
}
