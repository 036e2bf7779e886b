import { useState } from 'react'
import { call } from '../server/call.js'
import { isLoading, useLoaded } from '../server/use-loaded.js'
import { Complaint } from '../ui/Complaint.js'
import { RoomCard } from './RoomCard.js'

/** One's own rooms, the popular ones, and all public ones page by page. */
export function Rooms() {
  const [page, setPage] = useState(0)
  const mine = useLoaded(() => call('rooms.mine', {}))
  const popular = useLoaded(() => call('rooms.popular', {}))
  const all = useLoaded(() => call('rooms.list', { page }), String(page))
  const roles = new Map(mine.value?.rooms.map((room) => [room.id, room.role]))
  const pages = all.value?.pages ?? 1
  return (
    <>
      <section aria-labelledby="my-rooms">
        <h2 id="my-rooms">Your tables</h2>
        <Complaint text={mine.complaint} />
        {isLoading(mine) && <Places />}
        {mine.value?.rooms.length === 0 && (
          <p className="empty">You have not sat down anywhere yet. Pick a table below, or set your own.</p>
        )}
        <ul className="room-grid">
          {mine.value?.rooms.map((room) => (
            <RoomCard key={room.id} room={room} role={room.role} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="popular-rooms">
        <h2 id="popular-rooms">Most played</h2>
        <Complaint text={popular.complaint} />
        {isLoading(popular) && <Places />}
        {popular.value?.rooms.length === 0 && <p className="empty">Nobody is playing in public yet.</p>}
        <ul className="room-grid">
          {popular.value?.rooms.slice(0, 6).map((room, index) => (
            <RoomCard key={room.id} room={room} role={roles.get(room.id)} rank={index + 1} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="all-rooms">
        <h2 id="all-rooms">All public tables</h2>
        <Complaint text={all.complaint} />
        {isLoading(all) && <Places />}
        <ul className="room-grid">
          {all.value?.rooms.map((room) => (
            <RoomCard key={room.id} room={room} role={roles.get(room.id)} />
          ))}
        </ul>
        {pages > 1 && (
          <nav className="pages" aria-label="Pages of public tables">
            <button type="button" className="button small" disabled={page === 0} onClick={() => setPage(page - 1)}>
              Newer
            </button>
            <span className="soft figure">
              {page + 1} of {pages}
            </span>
            <button
              type="button"
              className="button small"
              disabled={page + 1 >= pages}
              onClick={() => setPage(page + 1)}
            >
              Older
            </button>
          </nav>
        )}
      </section>
    </>
  )
}

/** Where rooms will be, while they are on their way. */
function Places() {
  return (
    <div className="room-grid" role="status">
      <span className="hidden-visually">Looking for tables…</span>
      <span className="room-place" />
      <span className="room-place" />
      <span className="room-place" />
    </div>
  )
}
