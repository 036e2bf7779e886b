import type { ChatMessage, ChatPage, Whisper } from '../../../src/protocol.js'

export type ChatEntry =
  | { readonly kind: 'message'; readonly id: string; readonly at: number; readonly message: ChatMessage }
  | { readonly kind: 'whisper'; readonly id: string; readonly at: number; readonly whisper: Whisper }

/** The part of a room's talk that this page has, oldest first, without gaps from page `oldest` to the present. */
export interface ChatLog {
  readonly entries: readonly ChatEntry[]
  /** The oldest page that is held; 0: everything is. */
  readonly oldest: number
}

export const emptyLog: ChatLog = { entries: [], oldest: 0 }

const ofMessage = (message: ChatMessage): ChatEntry => ({ kind: 'message', id: message.id, at: message.at, message })
const ofWhisper = (whisper: Whisper): ChatEntry => ({ kind: 'whisper', id: whisper.id, at: whisper.at, whisper })
const ofPage = (page: ChatPage): ChatEntry[] => [...page.messages.map(ofMessage), ...page.whispers.map(ofWhisper)]
const seqOf = (entry: ChatEntry): number => (entry.kind === 'message' ? entry.message.seq : 0)

export const addMessage = (log: ChatLog, message: ChatMessage): ChatLog => merge(log, [ofMessage(message)])
export const addWhisper = (log: ChatLog, whisper: Whisper): ChatLog => merge(log, [ofWhisper(whisper)])

/** Adds the newest page. When messages are missing between it and what is held (a long absence), it replaces that. */
export function addNewest(log: ChatLog, page: ChatPage): ChatLog {
  const held = Math.max(0, ...log.entries.map(seqOf))
  const first = page.messages[0]?.seq ?? 1
  return held > 0 && first <= held + 1
    ? merge(log, ofPage(page))
    : merge({ entries: [], oldest: page.page }, ofPage(page))
}

/** Adds the page before the oldest that is held. */
export const addOlder = (log: ChatLog, page: ChatPage): ChatLog => merge({ ...log, oldest: page.page }, ofPage(page))

function merge(log: ChatLog, added: readonly ChatEntry[]): ChatLog {
  const byId = new Map(log.entries.map((entry) => [entry.id, entry]))
  for (const entry of added) byId.set(entry.id, entry)
  return { ...log, entries: [...byId.values()].sort((a, b) => a.at - b.at || seqOf(a) - seqOf(b)) }
}
