import { useId, useState } from 'react'
import type { Picture } from '../feed.js'
import { Nothing, Panel } from '../parts/panel.js'
import { latestFirst, NoticeList, searchTextOf, Trail } from '../parts/trail.js'

const SHOWN = 200

/** Every invalidation and notice that is kept. */
export function Events({ picture: { invalidations, notices, stats } }: { picture: Picture }) {
  const id = useId()
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const found = wanted === '' ? invalidations : invalidations.filter((entry) => searchTextOf(entry).includes(wanted))
  return (
    <>
      <Panel
        area="main"
        title="Invalidations"
        note={wanted === '' ? `${invalidations.length} kept` : `${found.length} of ${invalidations.length}`}
        actions={
          <search className="search">
            <label htmlFor={id}>Search</label>
            <input
              id={id}
              type="search"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              placeholder="key, tag, pattern, node, #seq"
            />
          </search>
        }
      >
        {found.length === 0 ? (
          <Nothing>
            {invalidations.length === 0 ? 'None since the console started' : 'None of those that are kept'}
          </Nothing>
        ) : (
          <Trail entries={found.slice(-SHOWN).reverse()} now={stats.at} />
        )}
        {found.length > SHOWN && <p className="aside">The newest {SHOWN} are shown. Search to find the others.</p>}
      </Panel>
      <Panel area="side" title="Errors and changes" note={`${notices.length} kept`}>
        {notices.length === 0 ? (
          <Nothing>None since the console started</Nothing>
        ) : (
          <NoticeList notices={latestFirst(notices)} />
        )}
      </Panel>
    </>
  )
}
