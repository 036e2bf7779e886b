import { type FormEvent, useState } from 'react'
import { type Deck, LIMITS, type Player, type Role } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import { useSession } from '../session/session.js'
import { Complaint } from '../ui/Complaint.js'
import { type Action, useAction } from '../ui/use-action.js'
import { PlayerRow } from './PlayerRow.js'

interface Props {
  roomId: string
  players: readonly Player[]
  online: readonly string[]
  decks: readonly Deck[]
  role: Role | null
}

const order: Record<Role, number> = { gm: 0, player: 1, spectator: 2 }

/** Who sits at the table. Game masters change roles, give points and bring people in. */
export function Players({ roomId, players, online, decks, role }: Props) {
  const { me } = useSession()
  const action = useAction()
  const sorted = [...players].sort((a, b) => order[a.role] - order[b.role] || a.name.localeCompare(b.name))
  const cardsOf = (userId: string) => decks.reduce((sum, deck) => sum + (deck.handCounts[userId] ?? 0), 0)
  return (
    <section className="players" aria-label="Players">
      <Complaint text={action.complaint} />
      <ul>
        {sorted.map((player) => (
          <PlayerRow
            key={player.id}
            roomId={roomId}
            player={player}
            here={online.includes(player.id)}
            self={player.id === me.id}
            cards={cardsOf(player.id)}
            mayGovern={role === 'gm'}
            action={action}
          />
        ))}
      </ul>
      {role === 'gm' && <AddPlayer roomId={roomId} action={action} />}
    </section>
  )
}

function AddPlayer({ roomId, action }: { roomId: string; action: Action }) {
  const [name, setName] = useState('')
  const add = async (event: FormEvent) => {
    event.preventDefault()
    if (await action.run(() => call('players.add', { roomId, name }))) setName('')
  }
  return (
    <form className="row add-player" onSubmit={add}>
      <label className="grow">
        <span className="hidden-visually">Name of the player to add</span>
        <input
          className="input small"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="Add a player by name"
          maxLength={LIMITS.nameLength}
          required
        />
      </label>
      <button type="submit" className="button small" disabled={action.busy}>
        Add
      </button>
    </form>
  )
}
