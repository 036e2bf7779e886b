import type { AuditRecord } from '@tableforge/cache/invalidation'
import type { ConsoleInvalidator } from '../options.js'
import type { WireAudit } from '../wire.js'
import { Ring } from './ring.js'

/** Looked at each second: more than this many new ones in a second are not all shown live, but found by asking. */
const LOOKED_AT = 200

/** The latest records of an audit trail, noticed as they are written, by asking for the newest at each sample. */
export class AuditFeed {
  readonly #invalidator: ConsoleInvalidator
  readonly #records: Ring<{ record: WireAudit; tick: number }>
  #seen = new Set<number>()

  constructor(invalidator: ConsoleInvalidator, capacity: number) {
    this.#invalidator = invalidator
    this.#records = new Ring(capacity)
  }

  /** Takes in what was written since it was last called. */
  poll(tick: number): void {
    const latest = this.#invalidator.trail({ limit: LOOKED_AT })
    const fresh = latest.filter(({ id }) => !this.#seen.has(id))
    for (const record of fresh.reverse()) this.#records.push({ record: wireAudit(record), tick })
    this.#seen = new Set(latest.map(({ id }) => id))
  }

  since(tick: number): WireAudit[] {
    return this.#records.toArray().flatMap((one) => (one.tick > tick ? [one.record] : []))
  }

  /** The newest `count`, oldest first. */
  last(count: number): WireAudit[] {
    return this.#records.last(count).map(({ record }) => record)
  }
}

/** JSON leaves out what is undefined: here it is `null`. */
export function wireAudit(record: AuditRecord): WireAudit {
  return { ...record, actor: record.actor ?? null, reason: record.reason ?? null, seq: record.seq ?? null }
}
