import { type FormEvent, useState } from 'react'
import { LOBBY } from '../../../src/places.js'
import { LIMITS, type Role } from '../../../src/protocol.js'
import { go } from '../navigation.js'
import { call } from '../server/call.js'
import { Complaint } from '../ui/Complaint.js'
import { Dialog } from '../ui/Dialog.js'
import { useAction } from '../ui/use-action.js'

interface Props {
  room: { id: string; name: string }
  role: Role | null
  onClose: () => void
}

/** Leaving a table; for game masters also renaming and clearing it away. */
export function RoomSettings({ room, role, onClose }: Props) {
  const action = useAction()
  const roomId = room.id
  const leave = () => action.run(() => call('room.leave', { roomId }))
  return (
    <Dialog title="This table" onClose={onClose}>
      <div className="stack">
        {role === 'gm' && <Rename room={room} onRenamed={onClose} />}
        <div className="row">
          <button
            type="button"
            className="button grow"
            disabled={action.busy}
            onClick={() => void leave().then((left) => left && go(LOBBY))}
          >
            Leave this table
          </button>
          {role === 'gm' && <ClearAway roomId={roomId} />}
        </div>
        <Complaint text={action.complaint} />
      </div>
    </Dialog>
  )
}

function Rename({ room, onRenamed }: { room: Props['room']; onRenamed: () => void }) {
  const [name, setName] = useState(room.name)
  const renaming = useAction()
  const rename = async (event: FormEvent) => {
    event.preventDefault()
    const done = await renaming.run(async () => {
      const { slug } = await call('room.rename', { roomId: room.id, name })
      go({ name: 'table', slug })
    })
    if (done) onRenamed()
  }
  return (
    <form className="stack" onSubmit={rename}>
      <div className="row end">
        <label className="field grow">
          <span>Name</span>
          <input
            className="input"
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={LIMITS.nameLength}
            required
          />
        </label>
        <button type="submit" className="button primary" disabled={renaming.busy}>
          Rename
        </button>
      </div>
      <Complaint text={renaming.complaint} />
    </form>
  )
}

function ClearAway({ roomId }: { roomId: string }) {
  const [sure, setSure] = useState(false)
  const deleting = useAction()
  const clear = async () => {
    if (!sure) setSure(true)
    else if (await deleting.run(() => call('room.delete', { roomId }))) go(LOBBY)
  }
  return (
    <>
      <button type="button" className="button danger grow" disabled={deleting.busy} onClick={() => void clear()}>
        {sure ? 'Yes, delete everything' : 'Delete this table'}
      </button>
      <Complaint text={deleting.complaint} />
    </>
  )
}
