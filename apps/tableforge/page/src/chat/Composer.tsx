import { type FormEvent, useId, useState } from 'react'
import { LIMITS, type Player } from '../../../src/protocol.js'
import { send } from '../server/socket.js'
import { useSession } from '../session/session.js'
import { Complaint } from '../ui/Complaint.js'
import { Icon } from '../ui/Icon.js'
import { useAction } from '../ui/use-action.js'

const EVERYBODY = ''

interface Props {
  roomId: string
  players: readonly Player[]
  disabled: boolean
}

/** Where one writes, to everybody or to one person's ear. */
export function Composer({ roomId, players, disabled }: Props) {
  const { me, socket } = useSession()
  const [text, setText] = useState('')
  const [to, setTo] = useState(EVERYBODY)
  const listeners = useId()
  const saying = useAction()
  const target = players.find((player) => player.id === to)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() === '') return
    const said = await saying.run(() =>
      target === undefined
        ? send(socket, 'chat:say', { roomId, text })
        : send(socket, 'chat:whisper', { roomId, to: target.id, text }),
    )
    if (said) setText('')
  }
  return (
    <form className={`composer ${target === undefined ? '' : 'whispering'}`} onSubmit={submit}>
      <Complaint text={saying.complaint} />
      <div className="composer-to">
        <label htmlFor={listeners}>To</label>
        <select
          id={listeners}
          className="input small"
          value={target === undefined ? EVERYBODY : to}
          onChange={(event) => setTo(event.target.value)}
        >
          <option value={EVERYBODY}>everybody</option>
          {players
            .filter((player) => player.id !== me.id)
            .map((player) => (
              <option key={player.id} value={player.id}>
                {player.name} only
              </option>
            ))}
        </select>
      </div>
      <div className="row">
        <label className="grow">
          <span className="hidden-visually">{target === undefined ? 'Message' : `Whisper to ${target.name}`}</span>
          <input
            className="input"
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={target === undefined ? 'Say something' : `Whisper to ${target.name}`}
            maxLength={LIMITS.textLength}
            autoComplete="off"
          />
        </label>
        <button type="submit" className="button primary icon" disabled={disabled || saying.busy} title="Send">
          <Icon name="send" size={18} />
          <span className="hidden-visually">{target === undefined ? 'Say it' : 'Whisper it'}</span>
        </button>
      </div>
    </form>
  )
}
