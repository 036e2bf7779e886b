import type { Change, RoomPatch, RoomState } from './protocol.js'

/** The state after a patch; the given one is left as it was. Nothing is checked: the caller compares versions. */
export function applyPatch(state: RoomState, patch: RoomPatch): RoomState {
  return { ...patch.changes.reduce(applyChange, state), version: patch.version }
}

function applyChange(state: RoomState, change: Change): RoomState {
  switch (change.type) {
    case 'token.put':
      return { ...state, tokens: put(state.tokens, change.token) }
    case 'token.removed':
      return { ...state, tokens: state.tokens.filter(({ id }) => id !== change.tokenId) }
    case 'deck.put':
      return { ...state, decks: put(state.decks, change.deck) }
    case 'deck.removed':
      return { ...state, decks: state.decks.filter(({ id }) => id !== change.deckId) }
    case 'room.renamed':
      return { ...state, name: change.name, slug: change.slug }
  }
}

function put<T extends { readonly id: string }>(items: readonly T[], item: T): T[] {
  const known = items.some(({ id }) => id === item.id)
  return known ? items.map((one) => (one.id === item.id ? item : one)) : [...items, item]
}
