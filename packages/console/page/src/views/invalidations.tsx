import { useEffect, useId, useState } from 'react'
import { auditText } from '../../../src/audit-text.js'
import { causeFinder } from '../../../src/causes.js'
import type { Invalidation, WireAudit } from '../../../src/wire.js'
import type { Picture } from '../feed.js'
import { noteInAddress, usePlace } from '../location.js'
import { AuditList } from '../parts/audit.js'
import { Nothing, Panel } from '../parts/panel.js'
import { searchTextOf, Trail } from '../parts/trail.js'
import { usePolled } from '../polled.js'

const PAGE = 40
/** Of the audit trail, the most that a search brings. */
const MOST_FOUND = 500
/** Who types is not yet asking. */
const TYPING_MS = 250

/** What was invalidated on any node, and what caused it here: the log, and the audit trail, searched together. */
export function Invalidations({ picture: { invalidations, audit, stats } }: { picture: Picture }) {
  const id = useId()
  const [search, setSearch] = useState(usePlace().noted.get('search') ?? '')
  const [shown, setShown] = useState(PAGE)
  const wanted = search.trim().toLowerCase()
  const causeOf = causeFinder(audit)
  const matchesLog = (entry: Invalidation) => `${searchTextOf(entry)} ${auditText(causeOf(entry))}`.includes(wanted)
  const log = wanted === '' ? invalidations : invalidations.filter(matchesLog)
  const found = useFound(wanted)
  const records =
    wanted === ''
      ? audit
      : latestOf(
          audit.filter((record) => auditText(record).includes(wanted)),
          found,
        )
  return (
    <>
      <search className="search wide-search">
        <label htmlFor={id}>Search</label>
        <input
          id={id}
          type="search"
          value={search}
          onChange={(event) => {
            setSearch(event.target.value)
            noteInAddress({ search: event.target.value })
          }}
          placeholder="key, tag, pattern, who, why, event, node, #seq"
        />
      </search>
      <Panel area="main" title="The log" note={noteOf(log.length, invalidations.length, 'of every node')}>
        {log.length === 0 ? (
          <Nothing>
            {invalidations.length === 0
              ? 'None since the console started'
              : `None of the last ${invalidations.length} that are kept`}
          </Nothing>
        ) : (
          <Trail entries={log.slice(-shown).reverse()} now={stats.at} causeOf={causeOf} />
        )}
      </Panel>
      <Panel area="side" title="Who and why" note={auditNote(records.length, wanted !== '')}>
        {records.length === 0 ? (
          <Nothing>
            {wanted === ''
              ? 'No event since the console started'
              : found === undefined
                ? 'Asking…'
                : 'Nothing in the audit trail of this node'}
          </Nothing>
        ) : (
          <AuditList records={records.slice(-shown).reverse()} now={stats.at} />
        )}
      </Panel>
      {Math.max(log.length, records.length) > shown && (
        <p className="more">
          <button type="button" onClick={() => setShown(shown + PAGE)}>
            Show older ones
          </button>
        </p>
      )}
    </>
  )
}

/** What the whole audit trail holds of a search; the page was sent only the latest records. */
function useFound(wanted: string): readonly WireAudit[] | undefined {
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), TYPING_MS)
    return () => clearTimeout(timer)
  }, [wanted])
  const path = `audit?search=${encodeURIComponent(wanted)}&limit=${MOST_FOUND}`
  const { data } = usePolled<{ readonly records: readonly WireAudit[] }>(
    wanted === '' || wanted !== asked ? undefined : path,
    5_000,
  )
  return data?.records
}

/** Both, each record once, oldest first. */
function latestOf(sent: readonly WireAudit[], found: readonly WireAudit[] = []): readonly WireAudit[] {
  const byId = new Map([...found.toReversed(), ...sent].map((record) => [record.id, record]))
  return [...byId.values()].sort((a, b) => a.id - b.id)
}

function auditNote(records: number, searched: boolean): string {
  if (!searched) return `the last ${records}, of this node`
  return `${records < MOST_FOUND ? records : `the last ${records}`} found, of this node`
}

function noteOf(found: number, all: number, whose: string): string {
  return found === all ? `${all} kept, ${whose}` : `${found} of ${all}`
}
