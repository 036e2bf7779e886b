import { z } from 'zod'
import { fields, LIMITS } from './fields.js'
import type { Player, Role } from './people.js'
import type { Problem } from './problem.js'
import type { Card, ChatMessage, RoomPatch, SecretChange, Token, Whisper } from './table.js'

const { id, line, coordinate } = fields

/** What a client sends over the socket, each answered by {@link Ack}. A socket needs the session cookie to connect. */
export const clientEvents = {
  /** Subscribes this socket to a room that its user is a member of. */
  'room:enter': z.object({ roomId: id }),
  'room:exit': z.object({ roomId: id }),
  /**
   * While dragging, at most 60 a second; positions that arrive while an earlier one of the same token is being stored
   * replace each other, and the last one is always stored. All of them are acknowledged with what was stored.
   */
  'token:move': z.object({ roomId: id, tokenId: id, x: coordinate, y: coordinate }),
  'chat:say': z.object({ roomId: id, text: line(LIMITS.textLength) }),
  'chat:whisper': z.object({ roomId: id, to: id, text: line(LIMITS.textLength) }),
  'dice:roll': z.object({
    roomId: id,
    notation: z.string().trim().min(1).max(60),
    label: z.string().trim().max(60).default(''),
  }),
} as const

export type ClientEventName = keyof typeof clientEvents

/** The value of a successful acknowledgement. */
export interface ClientEventResults {
  /** `online`: ids of the users who have entered the room. `version`: of the room's state at this moment. */
  'room:enter': { role: Role; version: number; online: string[] }
  'room:exit': Record<string, never>
  'token:move': Token
  'chat:say': ChatMessage
  'chat:whisper': Whisper
  'dice:roll': ChatMessage
}

export type Ack<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Problem)

/** For `Socket<ServerToClient, ClientToServer>` of socket.io-client. */
export type ClientToServer = {
  [N in ClientEventName]: (
    payload: z.input<(typeof clientEvents)[N]>,
    acknowledge?: (answer: Ack<ClientEventResults[N]>) => void,
  ) => void
}

/** What the server sends. Room events reach only sockets that have entered the room. */
export interface ServerToClient {
  /** Everybody in the room. */
  'room:patch': (patch: RoomPatch) => void
  /** Game masters of the room. */
  'room:secret': (change: SecretChange) => void
  /** Joined, left, another role, name, colour or score. */
  'room:players': (event: { roomId: string; players: Player[] }) => void
  'room:presence': (event: { roomId: string; userId: string; online: boolean }) => void
  'room:deleted': (event: { roomId: string }) => void
  /** An asset was uploaded or deleted: ask for the list again. */
  'room:assets': (event: { roomId: string }) => void
  'chat:message': (message: ChatMessage) => void
  /** Author and target only. */
  'chat:whisper': (whisper: Whisper) => void
  /** The owner of the hand only: all cards in hand in this room. */
  'hand:changed': (event: { roomId: string; hand: Card[] }) => void
  /** The user concerned only; `null`: no longer a member. Ask for the state again, it may show more or less now. */
  'role:changed': (event: { roomId: string; role: Role | null }) => void
  /** The user concerned only, on all their sockets. */
  notification: (event: { unread: number }) => void
  /** This session was signed out; the socket is closed right after. */
  'session:ended': () => void
}
