import type { AuditRecord } from './audit-record.js'
import type { Strategy } from './rules.js'
import type { Targets } from './targets.js'

/** Who caused an event, and why, in words for the audit trail. */
export interface Cause {
  readonly actor?: string | undefined
  readonly reason?: string | undefined
}

/** The arguments of `raise` after the event's name: the payload, which events without one leave out, and the cause. */
export type RaiseArguments<Payload> = [Payload] extends [undefined]
  ? [payload?: undefined, cause?: Cause]
  : [payload: Payload, cause?: Cause]

/** What to look for in the audit trail; conditions are combined with "and". */
export interface TrailQuery {
  readonly event?: string
  readonly strategy?: Strategy
  readonly actor?: string
  /** Events that removed or updated exactly this key by name (not those that covered it by a tag or pattern). */
  readonly key?: string
  readonly tag?: string
  readonly outcome?: 'done' | 'failed'
  /** Raised at this wall time or later, in milliseconds since the Unix epoch. */
  readonly since?: number
  /** At most so many. Default 100. */
  readonly limit?: number
}

/** Turns domain events into invalidations, by rules, above a cache. */
export interface Invalidator<Events extends object> {
  /**
   * Does what the rules of `event` say and resolves with the record of it when the work is done. Rejects with an
   * `InvalidationError` that lists what failed when retries are exhausted; with `unknown-event` for an event without a
   * rule, `rule-failed` when a rule throws, `queue-full`, and `closed`.
   */
  raise<E extends keyof Events & string>(event: E, ...args: RaiseArguments<Events[E]>): Promise<AuditRecord>
  /** The same for targets that no rule names: strategy and event `manual`. */
  invalidate(targets: Targets, cause?: Cause): Promise<AuditRecord>
  /** Records of the audit trail, the latest first. */
  trail(query?: TrailQuery): readonly AuditRecord[]
  /** Events that have been raised and are not done. */
  readonly pending: number
  /** Takes no more events and resolves when all that were raised are done, with or without success. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
