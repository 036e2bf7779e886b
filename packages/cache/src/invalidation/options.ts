import { systemClock } from '../clock.js'
import { invalidOption, refuseUnknown } from '../errors.js'
import type { Clock, Logger } from '../ports.js'
import { type Duration, milliseconds } from '../units.js'
import type { AuditRecord } from './audit-record.js'
import type { Rules } from './rules.js'

export interface InvalidatorOptions<Events extends object> {
  readonly rules: Rules<Events>
  /** How long events are collected into one step of the log. Default 0: until the next microtask. */
  readonly batchWindow?: Duration
  /** Events that may be under way at once; one more is refused with `queue-full`. Default 10,000. */
  readonly maxQueue?: number
  /** Attempts after the first for each step that fails. Default 5. */
  readonly retries?: number
  /** Pause before the first retry; doubles each time, shortened at random by up to half. Default `'50ms'`. */
  readonly retryDelay?: Duration
  /** The longest pause between retries. Default `'5s'`. */
  readonly maxRetryDelay?: Duration
  /** How long a patch may take before its entry is deleted instead. Default `'1s'`. */
  readonly patchTimeout?: Duration
  /** Records that the audit trail keeps, the latest ones. Default 1,000. */
  readonly trailSize?: number
  /** Called with each record as it is written; an error that it throws is logged and goes no further. */
  readonly onAudit?: (record: AuditRecord) => void
  /** Gets each record: `info` when done, `error` when failed. */
  readonly logger?: Logger
  readonly clock?: Clock
}

/** {@link InvalidatorOptions}, resolved: durations in milliseconds. */
export interface ResolvedInvalidatorOptions {
  readonly batchWindow: number
  readonly maxQueue: number
  readonly retries: number
  readonly retryDelay: number
  readonly maxRetryDelay: number
  readonly patchTimeout: number
  readonly trailSize: number
  readonly onAudit: ((record: AuditRecord) => void) | undefined
  readonly logger: Logger | undefined
  readonly clock: Clock
}

export const INVALIDATOR_DEFAULTS = Object.freeze({
  batchWindow: 0,
  maxQueue: 10_000,
  retries: 5,
  retryDelay: 50,
  maxRetryDelay: 5_000,
  patchTimeout: 1_000,
  trailSize: 1_000,
})

const OPTION_NAMES = new Set(['rules', ...Object.keys(INVALIDATOR_DEFAULTS), 'onAudit', 'logger', 'clock'])

export function resolveInvalidatorOptions(options: InvalidatorOptions<object>): ResolvedInvalidatorOptions {
  refuseUnknown('createInvalidator', options, OPTION_NAMES)
  const duration = (name: 'batchWindow' | 'retryDelay' | 'maxRetryDelay' | 'patchTimeout') =>
    milliseconds(name, options[name] ?? INVALIDATOR_DEFAULTS[name])
  const whole = (name: 'maxQueue' | 'retries' | 'trailSize', least: number) => {
    const value = options[name] ?? INVALIDATOR_DEFAULTS[name]
    if (!Number.isSafeInteger(value) || value < least)
      throw invalidOption(name, value, `a whole number of at least ${least}`)
    return value
  }
  if (options.onAudit !== undefined && typeof options.onAudit !== 'function') {
    throw invalidOption('onAudit', options.onAudit, 'a function (record) => void')
  }
  return Object.freeze({
    batchWindow: duration('batchWindow'),
    maxQueue: whole('maxQueue', 1),
    retries: whole('retries', 0),
    retryDelay: duration('retryDelay'),
    maxRetryDelay: duration('maxRetryDelay'),
    patchTimeout: duration('patchTimeout'),
    trailSize: whole('trailSize', 0),
    onAudit: options.onAudit,
    logger: options.logger,
    clock: options.clock ?? systemClock,
  })
}
