import type { Change, RoomPatch, RoomState, SecretChange, Token } from '../../../src/protocol.js'

/**
 * The table as this page holds it. `waiting` are patches that arrived ahead of one that is missing; while there are
 * any, the page is behind and must ask for the state.
 */
export interface HeldRoom {
  readonly room: RoomState
  readonly waiting: readonly RoomPatch[]
}

export const isBehind = (held: HeldRoom): boolean => held.waiting.length > 0

/**
 * The server's state replaces what is held. What was heard while it travelled is kept: `recent` patches are applied on
 * top of it, and a token of which a newer report has arrived stays at that.
 */
export function receiveState(room: RoomState, recent: readonly RoomPatch[] = [], held?: HeldRoom): HeldRoom {
  const heard = new Map(held?.room.tokens.map((token) => [token.id, token]))
  const tokens = room.tokens.map((token) => {
    const other = heard.get(token.id)
    return other !== undefined && other.version > token.version ? other : token
  })
  return drain({ room: { ...room, tokens }, waiting: [...recent].sort((a, b) => a.version - b.version) })
}

/** An older patch is ignored, the next one applied, a later one kept until the gap before it is filled. */
export function receivePatch(held: HeldRoom, patch: RoomPatch): HeldRoom {
  if (patch.version <= held.room.version) return held
  const waiting = [...held.waiting, patch].sort((a, b) => a.version - b.version)
  return drain({ room: held.room, waiting })
}

function drain({ room, waiting }: HeldRoom): HeldRoom {
  let next = room
  let index = 0
  for (const patch of waiting) {
    if (patch.version > next.version + 1) break
    if (patch.version === next.version + 1) next = applyPatch(next, patch)
    index++
  }
  return { room: next, waiting: waiting.slice(index) }
}

const applyPatch = (room: RoomState, patch: RoomPatch): RoomState => ({
  ...patch.changes.reduce(applyChange, room),
  version: patch.version,
})

function applyChange(room: RoomState, change: Change): RoomState {
  switch (change.type) {
    case 'token.put':
      return { ...room, tokens: putToken(room.tokens, change.token) }
    case 'token.removed':
      // A token that became hidden is removed for players; a game master holds it as hidden by then and keeps it.
      return { ...room, tokens: room.tokens.filter((token) => token.id !== change.tokenId || token.hidden) }
    case 'deck.put':
      return { ...room, decks: putById(room.decks, change.deck) }
    case 'deck.removed':
      return { ...room, decks: room.decks.filter((deck) => deck.id !== change.deckId) }
    case 'room.renamed':
      return { ...room, name: change.name, slug: change.slug }
  }
}

/** Game masters' tokens travel outside the version of the room; the token's own version orders them. */
export function receiveSecret(held: HeldRoom, { change }: SecretChange): HeldRoom {
  const { room } = held
  const tokens =
    change.type === 'token.put'
      ? putToken(room.tokens, change.token)
      : // A token that was revealed leaves the secret ones; everybody's report of it must survive that.
        room.tokens.filter((token) => token.id !== change.tokenId || !token.hidden)
  return { ...held, room: { ...room, tokens } }
}

/** Puts a token that the server acknowledged; its patch may arrive earlier or later. */
export function receiveToken(held: HeldRoom, token: Token): HeldRoom {
  if (!held.room.tokens.some((one) => one.id === token.id)) return held
  return { ...held, room: { ...held.room, tokens: putToken(held.room.tokens, token) } }
}

function putToken(tokens: readonly Token[], token: Token): Token[] {
  const known = tokens.find((one) => one.id === token.id)
  return known !== undefined && known.version >= token.version ? [...tokens] : putById(tokens, token)
}

function putById<T extends { readonly id: string }>(items: readonly T[], item: T): T[] {
  return items.some((one) => one.id === item.id)
    ? items.map((one) => (one.id === item.id ? item : one))
    : [...items, item]
}
