import type { Deck, Role } from '../../../src/protocol.js'
import { call } from '../server/call.js'
import type { Action } from '../ui/use-action.js'
import { cardFace } from './card-face.js'
import { CardBack, PlayingCard } from './PlayingCard.js'

interface Props {
  roomId: string
  deck: Deck
  role: Role | null
  off: boolean
  action: Action
}

/** One deck: the pile to draw from, the discard pile with its uppermost card, and how to put them together again. */
export function DeckPiles({ roomId, deck, role, off, action }: Props) {
  const at = { roomId, deckId: deck.id }
  const shuffle = (gather: 'discards' | 'all') => void action.run(() => call('decks.shuffle', { ...at, gather }))
  return (
    <section className="deck" aria-label={deck.name}>
      <h3>{deck.name}</h3>
      <div className="piles">
        <button
          type="button"
          className="pile"
          disabled={off || deck.drawCount === 0}
          onClick={() => void action.run(() => call('decks.draw', at))}
        >
          {deck.drawCount === 0 ? <span className="card gap" /> : <CardBack />}
          <span className="pile-label">
            Draw <span className="figure">{deck.drawCount}</span>
            <span className="hidden-visually"> left in {deck.name}</span>
          </span>
        </button>
        <div className="pile">
          {deck.topDiscard === null ? (
            <span className="card gap" />
          ) : (
            <PlayingCard key={deck.topDiscard.id} face={deck.topDiscard.face} />
          )}
          <span className="pile-label">
            Played <span className="figure">{deck.discardCount}</span>
            {deck.topDiscard !== null && (
              <span className="hidden-visually">, on top the {cardFace(deck.topDiscard.face).spoken}</span>
            )}
          </span>
        </div>
      </div>
      <div className="deck-acts">
        <button
          type="button"
          className="button small"
          disabled={off || deck.discardCount === 0}
          onClick={() => shuffle('discards')}
        >
          Reshuffle
        </button>
        {role === 'gm' && (
          <button
            type="button"
            className="button small"
            disabled={off}
            onClick={() => shuffle('all')}
            title="Hands too"
          >
            Gather all
          </button>
        )}
      </div>
    </section>
  )
}
