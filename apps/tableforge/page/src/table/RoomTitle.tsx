import { useState } from 'react'
import { LOBBY } from '../../../src/places.js'
import type { Role } from '../../../src/protocol.js'
import { roleTitles } from '../players/PlayerRow.js'
import { Icon } from '../ui/Icon.js'
import { PlaceLink } from '../ui/PlaceLink.js'
import { RoomSettings } from './RoomSettings.js'

interface Props {
  room: { id: string; name: string }
  role: Role | null
  systemName: string
}

/** Which table this is, what one is at it, and the way back. */
export function RoomTitle({ room, role, systemName }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <PlaceLink className="button quiet small icon" to={LOBBY} title="All tables">
        <Icon name="back" size={18} />
        <span className="hidden-visually">All tables</span>
      </PlaceLink>
      <div className="room-title">
        <h1>{room.name}</h1>
        <p className="soft fine">
          {role !== null && `${roleTitles[role]} · `}
          {systemName}
        </p>
      </div>
      <button type="button" className="button quiet small icon" onClick={() => setOpen(true)} title="This table">
        <Icon name="gear" size={18} />
        <span className="hidden-visually">Settings of this table</span>
      </button>
      {open && <RoomSettings room={room} role={role} onClose={() => setOpen(false)} />}
    </>
  )
}
