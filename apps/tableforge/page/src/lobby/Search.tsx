import { useEffect, useState } from 'react'
import type { SearchResults } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { Complaint } from '../ui/Complaint.js'
import { Icon } from '../ui/Icon.js'
import { RoomCard } from './RoomCard.js'

/** Asked once the typing pauses for this long, in milliseconds. */
const PAUSE = 250

/** Finds rooms, game systems and assets by name; its results take the place of the lists below it. */
export function Search({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const settled = useSettled(query.trim())
  return (
    <search>
      <label className="search-field">
        <Icon name="search" />
        <span className="hidden-visually">Search tables, game systems and assets</span>
        <input
          className="input"
          type="search"
          placeholder="Search tables, systems, assets"
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          maxLength={60}
        />
      </label>
      {settled !== '' && query.trim() !== '' && <Results query={settled} />}
    </search>
  )
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

function Results({ query }: { query: string }) {
  const { value, complaint } = useLoaded(() => call('search', { q: query }), query)
  const found = value === undefined ? 0 : value.rooms.length + value.systems.length + value.assets.length
  return (
    <div className="results">
      <Complaint text={complaint} />
      <p className="soft" role="status">
        {value === undefined ? 'Searching…' : `${found} ${found === 1 ? 'thing' : 'things'} found for “${query}”`}
      </p>
      {value !== undefined && <Found found={value} />}
    </div>
  )
}

function Found({ found: { rooms, systems, assets } }: { found: SearchResults }) {
  return (
    <>
      {rooms.length > 0 && (
        <section aria-label="Tables found">
          <h2>Tables</h2>
          <ul className="room-grid">
            {rooms.map((room) => (
              <RoomCard key={room.id} room={room} />
            ))}
          </ul>
        </section>
      )}
      {systems.length > 0 && (
        <section aria-label="Game systems found">
          <h2>Game systems</h2>
          <ul className="plain-list">
            {systems.map((system) => (
              <li key={system.id}>
                <strong>{system.name}</strong> <span className="soft">{system.description}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {assets.length > 0 && (
        <section aria-label="Assets found">
          <h2>Assets</h2>
          <ul className="plain-list">
            {assets.map((asset) => (
              <li key={asset.id}>
                <a href={asset.url}>{asset.name}</a> <span className="soft">{asset.kind}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
