import { CacheError, type CacheErrorCode } from '../errors.js'
import type { AuditRecord } from './audit-record.js'

/** One thing that an event could not do, with the error that stood in the way. */
export interface Failure {
  /** A rule, an operation or a patch: `rule room`, `key "room:state:r1"`, `tag "room:r1"`, `patch "room:state:r1"`. */
  readonly step: string
  readonly error: unknown
}

/**
 * An event that was not, or not wholly, carried out. `code`: `unknown-event` (no rule), `queue-full`, `closed`,
 * `rule-failed` (a rule threw; the targets of the others were invalidated), `invalidation-failed` (the cache refused,
 * or retries are exhausted). `failures` lists what failed; everything else of the event has been done.
 */
export class InvalidationError extends CacheError {
  override readonly name = 'InvalidationError'
  readonly event: string
  readonly failures: readonly Failure[]
  /** What the audit trail says; `undefined` for `unknown-event` and `closed`, of which there is no record. */
  readonly record: AuditRecord | undefined

  constructor(
    code: CacheErrorCode,
    message: string,
    details: { event: string; failures?: readonly Failure[]; record?: AuditRecord },
  ) {
    super(code, message, details.failures?.[0] === undefined ? {} : { cause: details.failures[0].error })
    this.event = details.event
    this.failures = details.failures ?? []
    this.record = details.record
  }
}

/** An error by name and code, for records that must not quote what a message may hold. */
export function nameOf(error: unknown): string {
  if (error instanceof CacheError) return `${error.name} ${error.code}`
  if (error instanceof Error)
    return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name
  return typeof error
}
