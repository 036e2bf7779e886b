import type { Bulkhead } from './bulkhead.js'
import { CacheError } from './errors.js'
import type { Family } from './family.js'
import type { Flight } from './flights.js'
import type { Tiers } from './tiers.js'

/** What counters and listeners are told of loads. */
export class LoadReports {
  readonly #tiers: Tiers

  constructor(tiers: Tiers) {
    this.#tiers = tiers
  }

  loaded({ key, family, overdue }: Flight, durationMs: number, notModified: boolean): void {
    const { events } = this.#tiers
    family.counters.loadTime.record(durationMs)
    if (notModified) family.counters.notModified++
    if (events.listens('load'))
      events.emit({ type: 'load', key, definition: family.name, durationMs, notModified, late: overdue })
  }

  failed({ key, family }: Flight, durationMs: number, error: unknown): void {
    const { events } = this.#tiers
    family.counters.loadErrors++
    if (events.listens('load-error'))
      events.emit({ type: 'load-error', key, definition: family.name, durationMs, error })
  }

  retried({ key, family }: Flight, attempt: number, error: unknown): void {
    const { events } = this.#tiers
    family.counters.loadRetries++
    if (events.listens('load-retry')) events.emit({ type: 'load-retry', key, definition: family.name, attempt, error })
  }

  /** An overdue load ended without a value; callers and counters already know of its timeout. */
  abandoned({ key, family }: Flight, durationMs: number, error: unknown): void {
    const { events } = this.#tiers
    if (!events.listens('load-abandoned')) return
    const reason = error instanceof CacheError && error.code === 'load-failed' ? 'failed' : 'given-up'
    events.emit({ type: 'load-abandoned', key, definition: family.name, durationMs, reason })
  }

  /** A full bulkhead refused the loads of these keys. */
  overloaded(keys: readonly string[], { running, waiting }: Bulkhead, { counters, name }: Family): void {
    const { events } = this.#tiers
    counters.overloads += keys.length
    if (!events.listens('overload')) return
    for (const key of keys) events.emit({ type: 'overload', key, definition: name, running, waiting })
  }
}
