import { cardFace } from './card-face.js'

/** A card, face up. */
export function PlayingCard({ face }: { face: string }) {
  const { rank, suit, red, spoken } = cardFace(face)
  return (
    <span className={`card ${red ? 'red' : ''} ${suit === undefined ? 'named' : ''}`}>
      <span className="hidden-visually">{spoken}</span>
      <span className="card-corner" aria-hidden="true">
        {rank}
      </span>
      {suit !== undefined && (
        <span className="card-suit" aria-hidden="true">
          {`${suit}\uFE0E`}
        </span>
      )}
    </span>
  )
}

/** A card, face down. */
export const CardBack = () => <span className="card back" aria-hidden="true" />
