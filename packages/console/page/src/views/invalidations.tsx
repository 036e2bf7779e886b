import { useId, useState } from 'react'
import { causeFinder } from '../../../src/causes.js'
import type { Invalidation } from '../../../src/wire.js'
import type { Picture } from '../feed.js'
import { AuditList, auditText } from '../parts/audit.js'
import { Nothing, Panel } from '../parts/panel.js'
import { searchTextOf, Trail } from '../parts/trail.js'

const PAGE = 40

/** What was invalidated on any node, and what caused it here: the log, and the audit trail, searched together. */
export function Invalidations({ picture: { invalidations, audit, stats } }: { picture: Picture }) {
  const id = useId()
  const [search, setSearch] = useState('')
  const [shown, setShown] = useState(PAGE)
  const wanted = search.trim().toLowerCase()
  const causeOf = causeFinder(audit)
  const matchesLog = (entry: Invalidation) => `${searchTextOf(entry)} ${auditText(causeOf(entry))}`.includes(wanted)
  const log = wanted === '' ? invalidations : invalidations.filter(matchesLog)
  const records = wanted === '' ? audit : audit.filter((record) => auditText(record).includes(wanted))
  return (
    <>
      <search className="search wide-search">
        <label htmlFor={id}>Search</label>
        <input
          id={id}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          placeholder="key, tag, pattern, who, why, event, node, #seq"
        />
      </search>
      <Panel area="main" title="The log" note={noteOf(log.length, invalidations.length, 'of every node')}>
        {log.length === 0 ? (
          <Nothing>
            {invalidations.length === 0 ? 'None since the console started' : 'None of those that are kept'}
          </Nothing>
        ) : (
          <Trail entries={log.slice(-shown).reverse()} now={stats.at} causeOf={causeOf} />
        )}
      </Panel>
      <Panel area="side" title="Who and why" note={noteOf(records.length, audit.length, 'of this node')}>
        {records.length === 0 ? (
          <Nothing>{audit.length === 0 ? 'No event since the console started' : 'None of those that are kept'}</Nothing>
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

function noteOf(found: number, all: number, whose: string): string {
  return found === all ? `${all} kept, ${whose}` : `${found} of ${all}`
}
