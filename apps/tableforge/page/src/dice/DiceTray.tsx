import { type FormEvent, useEffect, useState } from 'react'
import type { ChatMessage } from '../../../src/protocol.js'
import { send } from '../server/socket.js'
import { useSession } from '../session/session.js'
import { Complaint } from '../ui/Complaint.js'
import { useAction } from '../ui/use-action.js'
import { Die } from './Die.js'
import { diceOf, RollDice } from './RollResult.js'

const KINDS = [4, 6, 8, 10, 12, 20] as const
/** As many dice lie in one row of the tray at their full size, with a constant beside them. */
const FEW = 4

interface Props {
  roomId: string
  /** The usual roll of the room's game system. */
  usual: string
  /** The newest roll at this table, whoever made it. */
  latest: ChatMessage | undefined
  disabled: boolean
}

/** Dice to throw with a click, a line for anything fancier, and the newest throw lying in the tray. */
export function DiceTray({ roomId, usual, latest, disabled }: Props) {
  const { socket } = useSession()
  const [written, setWritten] = useState('')
  const rolling = useAction()
  const roll = (notation: string) => void rolling.run(() => send(socket, 'dice:roll', { roomId, notation }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    roll(written.trim() === '' ? usual : written)
  }
  return (
    <section className="dice" aria-label="Dice">
      <div className="dice-kinds">
        {KINDS.map((sides) => (
          <button
            key={sides}
            type="button"
            className="die-button"
            disabled={disabled || rolling.busy}
            onClick={() => roll(`1d${sides}`)}
            title={`Roll a d${sides}`}
          >
            <Die sides={sides} size={38} />
            <span className="hidden-visually">Roll a d{sides}</span>
          </button>
        ))}
      </div>
      <form className="row" onSubmit={submit}>
        <label className="grow">
          <span className="hidden-visually">Dice to roll</span>
          <input
            className="input small"
            value={written}
            onChange={(event) => setWritten(event.target.value)}
            placeholder={`${usual}, 2d6+3, 4d6kh3`}
            maxLength={60}
          />
        </label>
        <button type="submit" className="button small primary" disabled={disabled || rolling.busy}>
          Roll
        </button>
      </form>
      <Complaint text={rolling.complaint} />
      <Tray latest={latest} />
    </section>
  )
}

function Tray({ latest }: { latest: ChatMessage | undefined }) {
  const tumbling = useTumble(latest?.id)
  return (
    <div className="tray" role="status">
      {latest?.roll == null ? (
        <p>The tray is empty. Throw something.</p>
      ) : (
        <div key={latest.id} className={tumbling ? 'thrown tumbling' : 'thrown'}>
          <p className="fine">
            {latest.author.name} rolled {latest.roll.notation}
            {latest.text === '' ? '' : ` for ${latest.text}`}
            <span className="hidden-visually"> and got </span>
          </p>
          <strong className="figure">{latest.roll.total}</strong>
          <RollDice roll={latest.roll} size={diceOf(latest.roll).length > FEW ? 25 : 40} />
        </div>
      )}
    </div>
  )
}

/** Whether the roll arrived just now, not with the page: only then do its dice tumble. */
function useTumble(id: string | undefined): boolean {
  const [first, setFirst] = useState<{ id: string | undefined; known: boolean }>({ id, known: id !== undefined })
  useEffect(() => {
    if (!first.known && id !== undefined) setFirst({ id, known: true })
  }, [first, id])
  return first.known && id !== first.id
}
