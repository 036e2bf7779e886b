import { CacheError, type CacheErrorCode, reasonOf, show } from '../errors.js'
import type { AuditRecord } from './audit-record.js'
import { AuditTrail, type TrailQuery } from './audit-trail.js'
import { Dispatcher, type StepResult } from './dispatcher.js'
import { type Failure, InvalidationError, nameOf } from './errors.js'
import type { InvalidatingCache } from './invalidating-cache.js'
import { auditTargets, keyLane, type Plan, plan } from './operations.js'
import { type InvalidatorOptions, type ResolvedInvalidatorOptions, resolveInvalidatorOptions } from './options.js'
import { Patching, type PatchResult } from './patching.js'
import { withRetry } from './retry.js'
import { RuleSet } from './rule-set.js'
import type { Rule } from './rules.js'
import { flatten, type Targets } from './targets.js'

/** Who caused an event, and why, in words for the audit trail. */
export interface Cause {
  readonly actor?: string | undefined
  readonly reason?: string | undefined
}

/** The arguments of `raise` after the event's name: the payload, which events without one leave out, and the cause. */
export type RaiseArguments<Payload> = [Payload] extends [undefined]
  ? [payload?: undefined, cause?: Cause]
  : [payload: Payload, cause?: Cause]

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

/** An {@link Invalidator} above `cache`. Closes nothing but itself. */
export function createInvalidator<Events extends object>(
  cache: InvalidatingCache,
  options: InvalidatorOptions<Events>,
): Invalidator<Events> {
  return new EventInvalidator<Events>(cache, options)
}

/** One event on its way from being raised to its record. */
interface Raised {
  readonly id: number
  readonly event: string
  readonly rules: readonly Rule<unknown>[]
  readonly payload: unknown
  readonly cause: Cause
  readonly at: number
  readonly startedAt: number
}

class EventInvalidator<Events extends object> implements Invalidator<Events> {
  readonly #cache: InvalidatingCache
  readonly #options: ResolvedInvalidatorOptions
  readonly #rules: RuleSet
  readonly #trail: AuditTrail
  readonly #dispatcher: Dispatcher
  readonly #patching: Patching
  readonly #underWay = new Set<Promise<unknown>>()
  #raised = 0
  #closing = false

  constructor(cache: InvalidatingCache, options: InvalidatorOptions<Events>) {
    this.#options = resolveInvalidatorOptions(options as InvalidatorOptions<object>)
    this.#cache = cache
    this.#rules = new RuleSet(options.rules)
    this.#trail = new AuditTrail({ ...this.#options, size: this.#options.trailSize })
    this.#dispatcher = new Dispatcher(cache, this.#options, this.#options.batchWindow)
    this.#patching = new Patching(cache, this.#dispatcher, this.#options.clock, this.#options.patchTimeout)
  }

  get pending(): number {
    return this.#underWay.size
  }

  raise<E extends keyof Events & string>(
    event: E,
    ...[payload, cause]: RaiseArguments<Events[E]>
  ): Promise<AuditRecord> {
    const rules = this.#rules.of(event)
    if (rules === undefined) {
      const known = this.#rules.events.join(', ') || 'none'
      return Promise.reject(
        new InvalidationError('unknown-event', `event ${show(event)} has no rule; known: ${known}`, { event }),
      )
    }
    return this.#accept(event, rules, payload, cause)
  }

  invalidate(targets: Targets, cause?: Cause): Promise<AuditRecord> {
    return this.#accept('manual', [{ strategy: 'manual', invalidates: () => targets }], undefined, cause)
  }

  trail(query?: TrailQuery): readonly AuditRecord[] {
    return this.#trail.query(query)
  }

  async close(): Promise<void> {
    this.#closing = true
    await Promise.allSettled([...this.#underWay])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #accept(event: string, rules: readonly Rule<unknown>[], payload: unknown, cause: Cause = {}): Promise<AuditRecord> {
    const { clock, maxQueue } = this.#options
    if (this.#closing) {
      return Promise.reject(
        new InvalidationError('closed', `event ${show(event)}: the invalidator is closed`, { event }),
      )
    }
    const raised = { id: ++this.#raised, event, rules, payload, cause, at: clock.now(), startedAt: clock.monotonic() }
    if (this.#underWay.size >= maxQueue) {
      const failures = [
        { step: 'queue', error: new CacheError('queue-full', `${maxQueue} events are under way (maxQueue)`) },
      ]
      return Promise.reject(this.#failed('queue-full', raised, EMPTY_PLAN, [], failures))
    }
    const work = this.#carryOut(raised)
    this.#underWay.add(work)
    const leave = () => this.#underWay.delete(work)
    work.then(leave, leave)
    return work
  }

  async #carryOut(raised: Raised): Promise<AuditRecord> {
    const failures: Failure[] = []
    // Rules that answer at once take their place in the order at once; only a promise is waited for.
    const answers = raised.rules.map((rule) => this.#ask(rule, raised, failures))
    const targets = answers.some(isPromise) ? await Promise.all(answers) : (answers as Targets[])
    const ruleFailures = failures.length
    const planned = plan(targets)
    const results = await this.#execute(planned, failures)
    if (failures.length === 0) return this.#record(raised, planned, results, [])
    throw this.#failed(ruleFailures > 0 ? 'rule-failed' : 'invalidation-failed', raised, planned, results, failures)
  }

  /** What a rule says; nothing, and a failure on the list, when it throws. A rejected promise is retried. */
  #ask(rule: Rule<unknown>, { payload }: Raised, failures: Failure[]): Targets | Promise<Targets> {
    const fail = (error: unknown) => {
      failures.push({ step: `rule ${rule.strategy}`, error })
      return undefined
    }
    const checked = (targets: Targets) => {
      flatten(targets)
      return targets
    }
    try {
      const first = rule.invalidates(payload)
      if (!isPromise(first)) return checked(first)
      return withRetry(this.#options, async (number) => (number === 1 ? first : rule.invalidates(payload)))
        .then(checked)
        .catch(fail)
    } catch (error) {
      return fail(error)
    }
  }

  /** Everything is sent before anything is waited for, so that each name's order is the order of raising. */
  async #execute({ operations, patches }: Plan, failures: Failure[]): Promise<readonly (StepResult | PatchResult)[]> {
    const attempt = <T>(step: string, work: Promise<T>): Promise<T | undefined> =>
      work.catch((error) => {
        failures.push({ step, error })
        return undefined
      })
    const sent = [...operations].map(([lane, operation]) => attempt(lane, this.#dispatcher.send(operation)))
    const patched = [...patches].flatMap(([key, list]) =>
      list.map((patch) =>
        attempt(
          `patch ${JSON.stringify(key)}`,
          this.#dispatcher.work(keyLane(key), async () => {
            // What the event itself invalidates must not overtake its patch.
            await Promise.all(sent)
            return this.#patching.run(key, patch)
          }),
        ),
      ),
    )
    const results = await Promise.all([...sent, ...patched])
    return results.filter((result) => result !== undefined)
  }

  #failed(
    code: CacheErrorCode,
    raised: Raised,
    planned: Plan,
    results: readonly (StepResult | PatchResult)[],
    failures: readonly Failure[],
  ): InvalidationError {
    const record = this.#record(raised, planned, results, failures)
    const shown = failures.slice(0, 5).map(({ step, error }) => `${step}: ${reasonOf(error)}`)
    const rest = failures.length > shown.length ? ` and ${failures.length - shown.length} more` : ''
    const message = `event ${show(raised.event)}: ${failures.length} failed: ${shown.join('; ')}${rest}`
    return new InvalidationError(code, message, { event: raised.event, failures, record })
  }

  #record(
    { id, event, rules, cause, at, startedAt }: Raised,
    planned: Plan,
    results: readonly (StepResult | PatchResult)[],
    failures: readonly Failure[],
  ): AuditRecord {
    const unpatched = results.flatMap((result) =>
      'failure' in result && result.failure !== undefined ? [{ key: result.key, reason: result.failure }] : [],
    )
    const seqs = results.flatMap(({ seq }) => (seq === undefined ? [] : [seq]))
    const record: AuditRecord = Object.freeze({
      id,
      node: this.#cache.node,
      event,
      strategies: Object.freeze([...new Set(rules.map(({ strategy }) => strategy))]),
      actor: cause.actor,
      reason: cause.reason,
      at,
      durationMs: this.#options.clock.monotonic() - startedAt,
      attempts: results.reduce((most, { attempts }) => Math.max(most, attempts), 0),
      outcome: failures.length === 0 ? 'done' : 'failed',
      targets: auditTargets(planned, unpatched),
      seq: seqs.length === 0 ? undefined : seqs.reduce((highest, seq) => Math.max(highest, seq)),
      propagated: failures.length === 0 && results.every(({ propagated }) => propagated),
      failures: Object.freeze(
        failures.slice(0, FAILURES_PER_RECORD).map(({ step, error }) => ({ step, error: nameOf(error) })),
      ),
    })
    this.#trail.write(record)
    return record
  }
}

const EMPTY_PLAN: Plan = { operations: new Map(), patches: new Map() }
const FAILURES_PER_RECORD = 256

/** Query builders of ORMs are thenables, not promises. */
function isPromise<T>(answer: T | Promise<T>): answer is Promise<T> {
  return typeof (answer as Partial<Promise<T>> | null | undefined)?.then === 'function'
}
