import { useState } from 'react'
import { LOBBY } from '../../../src/places.js'
import type { Role, RoomSummary } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { Header } from '../session/Header.js'
import { Complaint } from '../ui/Complaint.js'
import { Icon } from '../ui/Icon.js'
import { PlaceLink } from '../ui/PlaceLink.js'
import { useAction } from '../ui/use-action.js'
import { TableView } from './TableView.js'

async function find(slug: string): Promise<{ room: RoomSummary; role: Role | null }> {
  const { roomId } = await call('rooms.bySlug', { slug })
  const [room, { role }] = await Promise.all([call('room.get', { roomId }), call('room.role', { roomId })])
  return { room, role }
}

/** The place of one table: its door for strangers, the table itself for members. */
export function TablePage({ slug }: { slug: string }) {
  const { value, complaint, reload } = useLoaded(() => find(slug), slug)
  if (value !== undefined && value.role !== null) {
    return <TableView room={value.room} role={value.role} onLost={reload} />
  }
  return (
    <>
      <Header>
        <PlaceLink className="button quiet small" to={LOBBY}>
          <Icon name="back" size={16} /> All tables
        </PlaceLink>
      </Header>
      <main className="door">
        {complaint !== undefined && <NotFound complaint={complaint} />}
        {value !== undefined && <Door room={value.room} onJoined={reload} />}
      </main>
    </>
  )
}

function NotFound({ complaint }: { complaint: string }) {
  return (
    <>
      <h1>No table here</h1>
      <Complaint text={complaint} />
      <p className="soft">It may have been cleared away, renamed, or be private.</p>
    </>
  )
}

function Door({ room, onJoined }: { room: RoomSummary; onJoined: () => void }) {
  const [as, setAs] = useState<'player' | 'spectator'>('player')
  const joining = useAction()
  return (
    <>
      <h1>{room.name}</h1>
      <p className="soft">
        {room.systemName} · {room.members} {room.members === 1 ? 'member' : 'members'}
      </p>
      <fieldset className="choice">
        <legend className="label">Join as</legend>
        {(['player', 'spectator'] as const).map((option) => (
          <label key={option}>
            <input type="radio" name="as" checked={as === option} onChange={() => setAs(option)} />
            {option === 'player' ? 'a player' : 'a spectator'}
          </label>
        ))}
      </fieldset>
      <Complaint text={joining.complaint} />
      <button
        type="button"
        className="button primary"
        disabled={joining.busy}
        onClick={() =>
          void joining.run(() => call('room.join', { roomId: room.id, as })).then((done) => done && onJoined())
        }
      >
        Sit down
      </button>
    </>
  )
}
