export interface CardFace {
  readonly rank: string
  readonly suit: '♠' | '♥' | '♦' | '♣' | undefined
  readonly red: boolean
  /** As one says it: `'ace of spades'`. */
  readonly spoken: string
}

const suits = {
  S: { suit: '♠', name: 'spades' },
  H: { suit: '♥', name: 'hearts' },
  D: { suit: '♦', name: 'diamonds' },
  C: { suit: '♣', name: 'clubs' },
} as const

const ranks: Record<string, string> = { A: 'ace', J: 'jack', Q: 'queen', K: 'king' }

/** Reads `'AS'`, `'10H'`; a card of another kind of deck is shown by its name. */
export function cardFace(face: string): CardFace {
  const match = /^(A|K|Q|J|10|[2-9])([SHDC])$/.exec(face)
  if (match === null) return { rank: face, suit: undefined, red: false, spoken: face }
  const rank = match[1]!
  const { suit, name } = suits[match[2] as keyof typeof suits]
  return { rank, suit, red: suit === '♥' || suit === '♦', spoken: `${ranks[rank] ?? rank} of ${name}` }
}
