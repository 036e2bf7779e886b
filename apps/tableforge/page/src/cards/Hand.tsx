import { useState } from 'react'
import type { Card } from '../../../src/protocol.js'
import { PlayingCard } from './PlayingCard.js'

interface Props {
  hand: readonly Card[]
  off: boolean
  onPlay: (card: Card) => void
}

/** One's own cards, fanned out. Choosing one lifts it; playing it lays it face up on the discard pile. */
export function Hand({ hand, off, onPlay }: Props) {
  const [lifted, setLifted] = useState<string>()
  const chosen = hand.find((card) => card.id === lifted)
  return (
    <section className="hand" aria-label="Your hand">
      <div className="hand-head">
        <h3>
          Your hand <span className="soft figure">{hand.length}</span>
        </h3>
        <button
          type="button"
          className="button small primary"
          disabled={off || chosen === undefined}
          onClick={() => {
            if (chosen !== undefined) onPlay(chosen)
            setLifted(undefined)
          }}
        >
          Play card
        </button>
      </div>
      {hand.length === 0 ? (
        <p className="empty">Draw a card. Only you will see it.</p>
      ) : (
        <ul className="fan">
          {hand.map((card) => (
            <li key={card.id}>
              <button
                type="button"
                className="hand-card"
                aria-pressed={card.id === lifted}
                onClick={() => setLifted(card.id === lifted ? undefined : card.id)}
                onDoubleClick={() => !off && onPlay(card)}
              >
                <PlayingCard face={card.face} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
