import type {
  Card,
  ChatMessage,
  ChatPage,
  Player,
  Role,
  RoomPatch,
  RoomState,
  SecretChange,
  Token,
  Whisper,
} from '../../../src/protocol.js'
import { addMessage, addNewest, addOlder, addWhisper, type ChatLog, emptyLog } from '../chat/chat-log.js'
import { type HeldRoom, receivePatch, receiveSecret, receiveState, receiveToken } from './room-versions.js'

/** What this page knows of one table. `held` is missing until the state has been loaded once. */
export interface TableState {
  readonly held: HeldRoom | undefined
  /** The last patches since one entered, to be laid on top of a state that was on its way meanwhile. */
  readonly recent: readonly RoomPatch[]
  readonly role: Role | null
  readonly players: readonly Player[]
  /** Ids of the users who sit at the table now. */
  readonly online: readonly string[]
  readonly hand: readonly Card[]
  readonly chat: ChatLog
  readonly deleted: boolean
}

export type TableEvent =
  | { readonly type: 'entered'; readonly role: Role; readonly online: readonly string[] }
  | { readonly type: 'state'; readonly room: RoomState }
  | { readonly type: 'patch'; readonly patch: RoomPatch }
  | { readonly type: 'secret'; readonly secret: SecretChange }
  | { readonly type: 'token'; readonly token: Token }
  | { readonly type: 'players'; readonly players: readonly Player[] }
  | { readonly type: 'presence'; readonly userId: string; readonly online: boolean }
  | { readonly type: 'hand'; readonly hand: readonly Card[] }
  | { readonly type: 'role'; readonly role: Role | null }
  | { readonly type: 'chat.newest'; readonly page: ChatPage }
  | { readonly type: 'chat.older'; readonly page: ChatPage }
  | { readonly type: 'chat.message'; readonly message: ChatMessage }
  | { readonly type: 'chat.whisper'; readonly whisper: Whisper }
  | { readonly type: 'deleted' }

const RECENT = 200

export const emptyTable = (role: Role): TableState => ({
  held: undefined,
  recent: [],
  role,
  players: [],
  online: [],
  hand: [],
  chat: emptyLog,
  deleted: false,
})

export function reduceTable(state: TableState, event: TableEvent): TableState {
  const { held } = state
  switch (event.type) {
    case 'entered':
      return { ...state, role: event.role, online: event.online, recent: [] }
    case 'state':
      return { ...state, held: receiveState(event.room, state.recent, held) }
    case 'patch':
      return {
        ...state,
        recent: [...state.recent, event.patch].slice(-RECENT),
        held: held && receivePatch(held, event.patch),
      }
    case 'secret':
      return held === undefined ? state : { ...state, held: receiveSecret(held, event.secret) }
    case 'token':
      return held === undefined ? state : { ...state, held: receiveToken(held, event.token) }
    case 'players':
      return { ...state, players: event.players }
    case 'presence': {
      const others = state.online.filter((id) => id !== event.userId)
      return { ...state, online: event.online ? [...others, event.userId] : others }
    }
    case 'hand':
      return { ...state, hand: event.hand }
    case 'role':
      return { ...state, role: event.role }
    case 'chat.newest':
      return { ...state, chat: addNewest(state.chat, event.page) }
    case 'chat.older':
      return { ...state, chat: addOlder(state.chat, event.page) }
    case 'chat.message':
      return { ...state, chat: addMessage(state.chat, event.message) }
    case 'chat.whisper':
      return { ...state, chat: addWhisper(state.chat, event.whisper) }
    case 'deleted':
      return { ...state, deleted: true }
  }
}
