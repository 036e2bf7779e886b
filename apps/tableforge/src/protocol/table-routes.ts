import { z } from 'zod'
import { fields, LIMITS } from './fields.js'
import { route } from './route.js'
import { Card, ChatMessage, ChatPage, Deck, Token, Whisper } from './table.js'

const { id, line, color, coordinate } = fields
const inRoom = z.object({ roomId: id })
const inToken = z.object({ roomId: id, tokenId: id })
const inDeck = z.object({ roomId: id, deckId: id })

/** What happens at a table: tokens, chat, dice, cards. For members of the room. */
export const tableRoutes = {
  /** Hidden tokens and tokens of others: for game masters. */
  'tokens.add': route('POST', '/api/rooms/:roomId/tokens', {
    params: inRoom,
    body: z.object({
      name: line(LIMITS.nameLength),
      x: coordinate,
      y: coordinate,
      size: z.number().int().min(1).max(6).default(1),
      color: color.default('#64748b'),
      imageUrl: z.string().startsWith('/files/').max(200).nullable().default(null),
      ownerId: id.nullable().default(null),
      hidden: z.boolean().default(false),
    }),
    response: Token,
  }),
  'tokens.move': route('POST', '/api/rooms/:roomId/tokens/:tokenId/move', {
    params: inToken,
    body: z.object({ x: coordinate, y: coordinate }),
    response: Token,
  }),
  'tokens.flip': route('POST', '/api/rooms/:roomId/tokens/:tokenId/flip', { params: inToken, response: Token }),
  /** For game masters: hide from players, or reveal. */
  'tokens.setHidden': route('PUT', '/api/rooms/:roomId/tokens/:tokenId/hidden', {
    params: inToken,
    body: z.object({ hidden: z.boolean() }),
    response: Token,
  }),
  'tokens.remove': route('DELETE', '/api/rooms/:roomId/tokens/:tokenId', { params: inToken }),

  /** Without `page`: the newest. */
  'chat.page': route('GET', '/api/rooms/:roomId/chat', {
    params: inRoom,
    query: z.object({ page: z.coerce.number().int().min(0).max(1_000_000).optional() }),
    response: ChatPage,
  }),
  'chat.say': route('POST', '/api/rooms/:roomId/chat', {
    params: inRoom,
    body: z.object({ text: line(LIMITS.textLength) }),
    response: ChatMessage,
  }),
  'chat.whisper': route('POST', '/api/rooms/:roomId/whispers', {
    params: inRoom,
    body: z.object({ to: id, text: line(LIMITS.textLength) }),
    response: Whisper,
  }),
  'dice.roll': route('POST', '/api/rooms/:roomId/rolls', {
    params: inRoom,
    body: z.object({ notation: z.string().trim().min(1).max(60), label: z.string().trim().max(60).default('') }),
    response: ChatMessage,
  }),

  /** For game masters: a standard deck of 52 cards, shuffled. */
  'decks.add': route('POST', '/api/rooms/:roomId/decks', {
    params: inRoom,
    body: z.object({ name: line(LIMITS.nameLength) }),
    response: Deck,
  }),
  'decks.remove': route('DELETE', '/api/rooms/:roomId/decks/:deckId', { params: inDeck }),
  /** `discards`: the discard pile back into the draw pile; `all` (for game masters): the hands too. */
  'decks.shuffle': route('POST', '/api/rooms/:roomId/decks/:deckId/shuffle', {
    params: inDeck,
    body: z.object({ gather: z.enum(['none', 'discards', 'all']).default('none') }),
    response: Deck,
  }),
  /** From the draw pile into one's own hand; the answer is what was drawn. */
  'decks.draw': route('POST', '/api/rooms/:roomId/decks/:deckId/draw', {
    params: inDeck,
    body: z.object({ count: z.number().int().min(1).max(LIMITS.handSize).default(1) }),
    response: z.object({ cards: z.array(Card) }),
  }),
  /** From one's own hand, face up onto the discard pile. */
  'decks.discard': route('POST', '/api/rooms/:roomId/decks/:deckId/discard', {
    params: inDeck,
    body: z.object({ cardIds: z.array(id).min(1).max(LIMITS.handSize) }),
    response: z.object({ hand: z.array(Card) }),
  }),
  /** One's own cards in this room, of all its decks. */
  'hand.get': route('GET', '/api/rooms/:roomId/hand', { params: inRoom, response: z.object({ hand: z.array(Card) }) }),
} as const
