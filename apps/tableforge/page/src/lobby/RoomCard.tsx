import type { Role, RoomSummary } from '../../../src/protocol.js'
import { addressOf } from '../navigation.js'
import { Icon } from '../ui/Icon.js'

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
        <a href={addressOf({ name: 'table', slug: room.slug })}>{room.name}</a>
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
