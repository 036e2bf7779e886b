import { z } from 'zod'
import { fields } from './fields.js'
import { User, Visibility } from './people.js'

const { id, time, color } = fields

/** Width and height in cells. */
export const Board = z.object({ width: z.number(), height: z.number(), background: color })
export type Board = z.infer<typeof Board>

/**
 * A piece on the board; `x`, `y` is its top left corner, `size` its side in cells. `ownerId`: the player who may move
 * it besides game masters; `null`: any player may. `hidden`: only game masters ever receive it. `version` grows with
 * every change of this token, so that of two reports about it the newer can be told.
 */
export const Token = z.object({
  id,
  name: z.string(),
  x: z.number(),
  y: z.number(),
  size: z.number(),
  color,
  imageUrl: z.string().nullable(),
  ownerId: id.nullable(),
  flipped: z.boolean(),
  hidden: z.boolean(),
  version: z.number(),
})
export type Token = z.infer<typeof Token>

/** `face`: rank and suit, `'AS'`, `'10H'`, `'KD'`, `'QC'`; of another kind of deck, whatever its cards are called. */
export const Card = z.object({ id, deckId: id, face: z.string() })
export type Card = z.infer<typeof Card>

/** What everybody may know of a deck: how many cards lie where, and the face of the uppermost discarded card. */
export const Deck = z.object({
  id,
  name: z.string(),
  drawCount: z.number(),
  discardCount: z.number(),
  topDiscard: Card.nullable(),
  /** Number of cards in hand by user id. */
  handCounts: z.record(z.string(), z.number()),
})
export type Deck = z.infer<typeof Deck>

/** The table as one viewer may see it. `version` grows by one with each change that everybody sees. */
export const RoomState = z.object({
  roomId: id,
  version: z.number(),
  name: z.string(),
  slug: z.string(),
  systemId: id,
  visibility: Visibility,
  board: Board,
  /** With hidden ones for game masters only. */
  tokens: z.array(Token),
  decks: z.array(Deck),
})
export type RoomState = z.infer<typeof RoomState>

export const Change = z.discriminatedUnion('type', [
  z.object({ type: z.literal('token.put'), token: Token }),
  z.object({ type: z.literal('token.removed'), tokenId: id }),
  z.object({ type: z.literal('deck.put'), deck: Deck }),
  z.object({ type: z.literal('deck.removed'), deckId: id }),
  z.object({ type: z.literal('room.renamed'), name: z.string(), slug: z.string() }),
])
export type Change = z.infer<typeof Change>

/**
 * Leads from `version - 1` to `version`. A client applies it when it holds exactly `version - 1`, ignores it when it
 * holds `version` or newer, and otherwise asks for the state again ('room.state').
 */
export const RoomPatch = z.object({ roomId: id, version: z.number(), changes: z.array(Change) })
export type RoomPatch = z.infer<typeof RoomPatch>

/** A change of hidden tokens, sent to game masters only, outside the version of the room. `token.version` orders it. */
export const SecretChange = z.object({
  roomId: id,
  change: z.discriminatedUnion('type', [
    z.object({ type: z.literal('token.put'), token: Token }),
    z.object({ type: z.literal('token.removed'), tokenId: id }),
  ]),
})
export type SecretChange = z.infer<typeof SecretChange>

/** A roll made by the server. `dropped` dice were rolled but do not count (`4d6kh3`). */
export const Roll = z.object({
  notation: z.string(),
  total: z.number(),
  terms: z.array(
    z.object({
      sign: z.union([z.literal(1), z.literal(-1)]),
      /** 0 for a constant. */
      sides: z.number(),
      rolls: z.array(z.object({ value: z.number(), dropped: z.boolean() })),
    }),
  ),
})
export type Roll = z.infer<typeof Roll>

/** `seq` counts 1, 2, 3, ... in a room. A roll has `roll` and perhaps a label in `text`. */
export const ChatMessage = z.object({
  id,
  roomId: id,
  seq: z.number(),
  author: User,
  text: z.string(),
  roll: Roll.nullable(),
  at: time,
})
export type ChatMessage = z.infer<typeof ChatMessage>

/** Received by its author and its target only. */
export const Whisper = z.object({ id, roomId: id, from: User, to: User, text: z.string(), at: time })
export type Whisper = z.infer<typeof Whisper>

/** Page 0 holds the oldest messages; only the newest page (`pages - 1`) still grows. Both lists oldest first. */
export const ChatPage = z.object({
  page: z.number(),
  pages: z.number(),
  messages: z.array(ChatMessage),
  /** The viewer's own, of the same stretch of time. */
  whispers: z.array(Whisper),
})
export type ChatPage = z.infer<typeof ChatPage>

export const RoomFigures = z.object({
  roomId: id,
  members: z.number(),
  tokens: z.number(),
  messages: z.number(),
  rolls: z.number(),
  lastMoveAt: time.nullable(),
})
export type RoomFigures = z.infer<typeof RoomFigures>
