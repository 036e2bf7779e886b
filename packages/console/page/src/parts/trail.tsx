import type { Operation } from '@tableforge/cache'
import { clockTime, duration } from '../../../src/format.js'
import type { Invalidation, Notice, WireAudit } from '../../../src/wire.js'
import { hrefTo } from '../location.js'

/** What came with the last message or two is shown as new. */
const NEW_MS = 2_500

/** Invalidations, newest first: what, who, and where in the log. */
export function Trail({
  entries,
  now,
  causeOf = () => undefined,
}: {
  entries: readonly Invalidation[]
  now: number
  /** The record of the audit trail that tells of an entry. */
  causeOf?: (entry: Invalidation) => WireAudit | undefined
}) {
  return (
    <ol className="trail">
      {entries.map((entry) => (
        <li key={entry.id} data-new={now - entry.at < NEW_MS}>
          <time dateTime={new Date(entry.at).toISOString()}>{clockTime(entry.at)}</time>
          <span className="what">
            {entry.operations.map((operation, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the operations of an entry never change places.
              <OperationText key={index} operation={operation} />
            ))}
            {entry.more > 0 && <span className="detail">and {entry.more} more</span>}
          </span>
          <span className="who">
            <Who entry={entry} cause={causeOf(entry)} />
            {entry.durationMs !== null && <span className="detail"> in {duration(entry.durationMs)}</span>}
            {!entry.propagated && <span className="problem"> ▲ not sent yet</span>}
          </span>
          <span className="seq">{entry.seq === null ? 'waiting' : `#${entry.seq}`}</span>
        </li>
      ))}
    </ol>
  )
}

function Who({ entry, cause }: { entry: Invalidation; cause: WireAudit | undefined }) {
  if (cause === undefined) return entry.own ? 'this node' : entry.origin
  return (
    <>
      {cause.actor ?? 'this node'} <span className="detail">{cause.event}</span>
    </>
  )
}

function OperationText({ operation }: { operation: Operation }) {
  if (operation.type === 'clear')
    return (
      <span className="operation">
        <em>clear</em> everything
      </span>
    )
  if (operation.type === 'key' || operation.type === 'set') {
    return (
      <span className="operation">
        <em>{operation.type === 'set' ? 'set' : modeOf(operation.mode, 'key')}</em>{' '}
        <a href={hrefTo('keys', operation.key)}>{operation.key}</a>
      </span>
    )
  }
  const text =
    operation.type === 'tag'
      ? operation.tag
      : operation.syntax === 'regex'
        ? `/${operation.source}/${operation.flags}`
        : operation.source
  return (
    <span className="operation">
      <em>{modeOf(operation.mode, operation.type)}</em> <code>{text}</code>
    </span>
  )
}

function modeOf(mode: 'delete' | 'expire', what: string): string {
  return mode === 'expire' ? `expire ${what}` : what
}

const SIGNS = { error: '✕', warning: '▲', info: '·' } as const

/** Errors and changes of state, newest first. */
export function NoticeList({ notices }: { notices: readonly Notice[] }) {
  return (
    <ol className="notices">
      {notices.map((notice) => (
        <li key={notice.id} data-level={notice.level}>
          <time dateTime={new Date(notice.at).toISOString()}>{clockTime(notice.at)}</time>
          <span className="sign">
            <span aria-hidden="true">{SIGNS[notice.level]}</span> <span className="unseen">{notice.level}: </span>
          </span>
          <span className="text">
            {notice.definition !== null && notice.definition !== '' && <code>{notice.definition}</code>}{' '}
            {notice.message}
          </span>
          {notice.count > 1 && <span className="times">{notice.count}×</span>}
        </li>
      ))}
    </ol>
  )
}

/** By when they happened last: a notice that was repeated comes up again. */
export function latestFirst(notices: readonly Notice[]): Notice[] {
  return notices.toSorted((left, right) => right.at - left.at)
}

/** The text by which an invalidation is searched. */
export function searchTextOf({ operations, origin, seq }: Invalidation): string {
  const texts = operations.map((operation) =>
    operation.type === 'clear'
      ? 'clear'
      : operation.type === 'tag'
        ? operation.tag
        : operation.type === 'pattern'
          ? operation.source
          : operation.key,
  )
  return [...texts, origin, seq === null ? '' : `#${seq}`].join(' ').toLowerCase()
}
