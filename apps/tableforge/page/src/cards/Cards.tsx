import { type Dispatch, useState } from 'react'
import type { Card, Deck, Role } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import type { TableEvent } from '../table/table-state.js'
import { Complaint } from '../ui/Complaint.js'
import { type Action, useAction } from '../ui/use-action.js'
import { DeckPiles } from './DeckPiles.js'
import { Hand } from './Hand.js'

interface Props {
  roomId: string
  decks: readonly Deck[]
  hand: readonly Card[]
  role: Role | null
  disabled: boolean
  dispatch: Dispatch<TableEvent>
}

/** The decks on the table and one's own hand, which nobody else ever receives. */
export function Cards({ roomId, decks, hand, role, disabled, dispatch }: Props) {
  const action = useAction()
  const off = disabled || action.busy || role === 'spectator'
  const discard = (card: Card) =>
    void action.run(async () => {
      const answer = await call('decks.discard', { roomId, deckId: card.deckId, cardIds: [card.id] })
      dispatch({ type: 'hand', hand: answer.hand })
    })
  return (
    <section className="cards" aria-label="Cards">
      <div className="decks">
        {decks.map((deck) => (
          <DeckPiles key={deck.id} roomId={roomId} deck={deck} role={role} off={off} action={action} />
        ))}
        {decks.length === 0 && <p className="empty">No deck on the table{role === 'gm' ? '' : ' yet'}.</p>}
        {role === 'gm' && <AddDeck roomId={roomId} count={decks.length} action={action} />}
      </div>
      <Hand hand={hand} off={off} onPlay={discard} />
      <Complaint text={action.complaint} />
    </section>
  )
}

function AddDeck({ roomId, count, action }: { roomId: string; count: number; action: Action }) {
  const [name, setName] = useState('')
  const usual = count === 0 ? 'Deck' : `Deck ${count + 1}`
  return (
    <form
      className="row add-deck"
      onSubmit={(event) => {
        event.preventDefault()
        void action.run(() => call('decks.add', { roomId, name: name.trim() || usual }))
        setName('')
      }}
    >
      <label>
        <span className="hidden-visually">Name of a new deck</span>
        <input
          className="input small"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder={usual}
          maxLength={40}
        />
      </label>
      <button type="submit" className="button small" disabled={action.busy}>
        Add a deck
      </button>
    </form>
  )
}
