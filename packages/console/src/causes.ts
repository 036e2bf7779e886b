import type { Operation } from '@tableforge/cache'
import type { Invalidation, WireAudit } from './wire.js'

/** An event that updates entries besides takes several places of the log; its record names the last. */
const PLACES_OF_ONE_EVENT = 4

/**
 * Finds the record of the audit trail that tells of an entry of the log: of this node, at the same place or just
 * behind, and naming what the entry removed. Several events may share one message: the last is found.
 */
export function causeFinder(audit: readonly WireAudit[]): (entry: Invalidation) => WireAudit | undefined {
  const bySeq = new Map(audit.flatMap((record) => (record.seq === null ? [] : [[record.seq, record] as const])))
  return ({ own, seq, operations }) => {
    if (!own || seq === null) return undefined
    for (let place = seq; place < seq + PLACES_OF_ONE_EVENT; place += 1) {
      const record = bySeq.get(place)
      if (record !== undefined && (place === seq || operations.some((operation) => names(record, operation))))
        return record
    }
    return undefined
  }
}

function names({ targets }: WireAudit, operation: Operation): boolean {
  switch (operation.type) {
    case 'clear':
      return targets.everything
    case 'tag':
      return targets.tags.includes(operation.tag)
    case 'pattern':
      return targets.patterns.some((pattern) => pattern.includes(operation.source))
    case 'key':
    case 'set':
      return targets.keys.includes(operation.key) || targets.patched.includes(operation.key)
  }
}
