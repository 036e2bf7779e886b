import type { WireAudit } from './wire.js'

/**
 * The text by which a record of the audit trail is searched, in small letters: what happened, who and why, and what it
 * removed.
 */
export function auditText(record: WireAudit | undefined): string {
  if (record === undefined) return ''
  const { event, actor, reason, targets, seq, outcome } = record
  const unpatched = targets.unpatched.map(({ key }) => key)
  const names = [...targets.keys, ...targets.tags, ...targets.patterns, ...targets.patched, ...unpatched]
  return [event, actor, reason, outcome, ...names, `#${seq}`].join(' ').toLowerCase()
}
