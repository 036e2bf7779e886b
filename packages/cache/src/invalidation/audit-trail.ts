import { invalidOption } from '../errors.js'
import type { Logger } from '../ports.js'
import type { AuditRecord } from './audit-record.js'
import type { Strategy } from './rules.js'

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
  /** How many at most. Default 100. */
  readonly limit?: number
}

const DEFAULT_LIMIT = 100

export interface AuditTrailOptions {
  readonly size: number
  readonly onAudit: ((record: AuditRecord) => void) | undefined
  readonly logger: Logger | undefined
}

/** The latest records, in a ring of fixed size, each also handed to the callback and the logger as it is written. */
export class AuditTrail {
  readonly #options: AuditTrailOptions
  readonly #ring: AuditRecord[] = []
  #next = 0

  constructor(options: AuditTrailOptions) {
    this.#options = options
  }

  write(record: AuditRecord): void {
    const { size, onAudit, logger } = this.#options
    if (size > 0) {
      this.#ring[this.#next] = record
      this.#next = (this.#next + 1) % size
    }
    const level = record.outcome === 'done' ? 'info' : 'error'
    logger?.[level]({ invalidation: record }, `invalidation ${record.event} ${record.outcome}`)
    try {
      onAudit?.(record)
    } catch (error) {
      logger?.error({ err: error }, 'onAudit threw')
    }
  }

  /** Latest written first. */
  query(query: TrailQuery = {}): AuditRecord[] {
    const limit = query.limit ?? DEFAULT_LIMIT
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw invalidOption('trail.limit', limit, 'a whole number of at least 1')
    const found: AuditRecord[] = []
    for (let step = 1; step <= this.#ring.length && found.length < limit; step++) {
      const record = this.#ring[(this.#next - step + this.#ring.length) % this.#ring.length] as AuditRecord
      if (matches(record, query)) found.push(record)
    }
    return found
  }
}

function matches(record: AuditRecord, { event, strategy, actor, key, tag, outcome, since }: TrailQuery): boolean {
  const { targets } = record
  return (
    (event === undefined || record.event === event) &&
    (strategy === undefined || record.strategies.includes(strategy)) &&
    (actor === undefined || record.actor === actor) &&
    (outcome === undefined || record.outcome === outcome) &&
    (since === undefined || record.at >= since) &&
    (tag === undefined || targets.tags.includes(tag)) &&
    (key === undefined ||
      targets.keys.includes(key) ||
      targets.patched.includes(key) ||
      targets.unpatched.some((one) => one.key === key))
  )
}
