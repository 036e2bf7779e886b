import { clockTime, duration } from '../../../src/format.js'
import type { WireAudit } from '../../../src/wire.js'
import { hrefTo } from '../location.js'

const SHOWN_NAMES = 6
const NEW_MS = 2_500

/** Records of the audit trail: what happened, who caused it and why, and what that removed. */
export function AuditList({ records, now }: { records: readonly WireAudit[]; now: number }) {
  return (
    <ol className="records audit">
      {records.map((record) => (
        <li key={record.id} data-new={now - record.at < NEW_MS}>
          <time dateTime={new Date(record.at).toISOString()}>{clockTime(record.at)}</time>
          <span className="what">
            <b>{record.event}</b>{' '}
            {record.outcome === 'failed' && (
              <span className="problem">
                ▲ failed: {record.failures.map(({ step, error }) => `${step} (${error})`).join(', ')}
              </span>
            )}
            {record.reason !== null && <span className="reason">“{record.reason}”</span>}
            <Removed record={record} />
          </span>
          <span className="who">
            {record.actor ?? 'nobody named'}
            <span className="detail">
              {record.seq === null ? '' : ` #${record.seq}`} in {duration(record.durationMs)}
              {record.attempts > 1 && `, ${record.attempts} attempts`}
              {!record.propagated && ', waits'}
            </span>
          </span>
        </li>
      ))}
    </ol>
  )
}

function Removed({ record: { targets } }: { record: WireAudit }) {
  const names = [
    ...targets.keys.map((name) => ({ kind: 'key', name })),
    ...targets.patched.map((name) => ({ kind: 'updated', name })),
    ...targets.unpatched.map(({ key }) => ({ kind: 'key', name: key })),
    ...targets.tags.map((name) => ({ kind: 'tag', name })),
    ...targets.patterns.map((name) => ({ kind: 'pattern', name })),
    ...(targets.everything ? [{ kind: 'clear', name: 'everything' }] : []),
  ]
  const more = names.length - SHOWN_NAMES + targets.omitted
  if (names.length === 0) return <span className="detail block">nothing to remove</span>
  return (
    <span className="removed">
      {names.slice(0, SHOWN_NAMES).map(({ kind, name }) => (
        <span key={`${kind} ${name}`} className="operation">
          <em>{kind}</em>{' '}
          {kind === 'key' || kind === 'updated' ? <a href={hrefTo('keys', name)}>{name}</a> : <code>{name}</code>}
        </span>
      ))}
      {more > 0 && <span className="detail">and {more} more</span>}
    </span>
  )
}
