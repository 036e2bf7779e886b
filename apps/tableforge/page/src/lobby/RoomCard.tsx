import type { Role, RoomSummary } from '../../../src/protocol.js'
import { Icon } from '../ui/Icon.js'
import { PlaceLink } from '../ui/PlaceLink.js'

const titles: Record<Role, string> = { gm: 'Game master', player: 'Player', spectator: 'Spectator' }

interface Props {
  room: RoomSummary
  /** One's own role, when one is a member. */
  role?: Role | undefined
  /** Its place among the popular ones, from 1. */
  rank?: number | undefined
}

/** A table as seen from the lobby; the whole card leads to it. */
export function RoomCard({ room, role, rank }: Props) {
  return (
    <li className="room-card">
      <h3>
        <PlaceLink to={{ name: 'table', slug: room.slug }}>{room.name}</PlaceLink>
      </h3>
      <p className="soft">{room.systemName}</p>
      <p className="room-facts">
        <span className="figure" title="Members">
          <Icon name="people" size={17} /> {room.members} <span className="hidden-visually">members</span>
        </span>
        {rank !== undefined && <span className="tag brass">No. {rank} in play</span>}
        {room.visibility === 'private' && (
          <span className="tag">
            <Icon name="key" size={14} /> Private
          </span>
        )}
        {role !== undefined && <span className="tag accent">{titles[role]}</span>}
      </p>
    </li>
  )
}
