import { type FormEvent, useState } from 'react'
import { type Asset, LIMITS, type Player, type Role, type RoomState } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { useLoaded } from '../server/use-loaded.js'
import { useSession } from '../session/session.js'
import { Complaint } from '../ui/Complaint.js'
import { Dialog } from '../ui/Dialog.js'
import { useAction } from '../ui/use-action.js'
import { onBoard, type Point } from './geometry.js'

const NOBODY = ''

/** Everybody at the table sees a token, so that its picture must be public. */
const isTokenPicture = ({ kind, access, contentType }: Asset) =>
  kind === 'token' && access === 'public' && contentType.startsWith('image/')

interface Props {
  room: RoomState
  role: Role | null
  players: readonly Player[]
  /** The cell where it will be put. */
  at: Point
  onClose: () => void
}

/** The questions about a new token. Game masters may give it to anybody and hide it. */
export function AddToken({ room, role, players, at, onClose }: Props) {
  const { me } = useSession()
  const assets = useLoaded(() => call('assets.ofRoom', { roomId: room.roomId }))
  const [name, setName] = useState('')
  const [color, setColor] = useState(me.color)
  const [size, setSize] = useState(1)
  const [ownerId, setOwnerId] = useState(role === 'gm' ? NOBODY : me.id)
  const [imageUrl, setImageUrl] = useState(NOBODY)
  const [hidden, setHidden] = useState(false)
  const adding = useAction()
  const pictures = assets.value?.assets.filter(isTokenPicture)

  const add = async (event: FormEvent) => {
    event.preventDefault()
    const added = await adding.run(() =>
      call('tokens.add', {
        roomId: room.roomId,
        name,
        color,
        size,
        hidden,
        ownerId: ownerId === NOBODY ? null : ownerId,
        imageUrl: imageUrl === NOBODY ? null : imageUrl,
        ...onBoard(at, { size }, room.board),
      }),
    )
    if (added) onClose()
  }
  return (
    <Dialog title="A new token" onClose={onClose}>
      <form className="stack" onSubmit={add}>
        <div className="row">
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
          <label className="field">
            <span>Colour</span>
            <input className="swatch" type="color" value={color} onChange={(event) => setColor(event.target.value)} />
          </label>
        </div>
        <div className="row">
          <label className="field grow">
            <span>Size in cells</span>
            <input
              className="input"
              type="number"
              min={1}
              max={6}
              value={size}
              onChange={(event) => setSize(Math.max(1, Math.min(6, event.target.valueAsNumber || 1)))}
            />
          </label>
          <label className="field grow">
            <span>Moved by</span>
            <select className="input" value={ownerId} onChange={(event) => setOwnerId(event.target.value)}>
              <option value={NOBODY}>Any player</option>
              {players
                .filter((player) => role === 'gm' || player.id === me.id)
                .map((player) => (
                  <option key={player.id} value={player.id}>
                    {player.name}
                  </option>
                ))}
            </select>
          </label>
        </div>
        {pictures !== undefined && pictures.length > 0 && (
          <label className="field">
            <span>Picture</span>
            <select className="input" value={imageUrl} onChange={(event) => setImageUrl(event.target.value)}>
              <option value={NOBODY}>Initials</option>
              {pictures.map((asset) => (
                <option key={asset.id} value={asset.url}>
                  {asset.name}
                </option>
              ))}
            </select>
          </label>
        )}
        {role === 'gm' && (
          <label className="check">
            <input type="checkbox" checked={hidden} onChange={(event) => setHidden(event.target.checked)} />
            Hidden: only game masters see it
          </label>
        )}
        <Complaint text={adding.complaint} />
        <button type="submit" className="button primary" disabled={adding.busy}>
          Put it on the board
        </button>
      </form>
    </Dialog>
  )
}
