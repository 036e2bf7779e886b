import { describe, expect, it } from 'vitest'
import { addMessage, addNewest, addOlder, addWhisper, type ChatLog, emptyLog } from '../../page/src/chat/chat-log.js'
import type { ChatMessage, ChatPage, Whisper } from '../../src/protocol.js'

const author = { id: 'u', name: 'Ada', color: '#000000' }
const message = (seq: number): ChatMessage => ({
  id: `m${seq}`,
  roomId: 'r',
  seq,
  author,
  text: `${seq}`,
  roll: null,
  at: seq * 10,
})
const whisper = (at: number): Whisper => ({ id: `w${at}`, roomId: 'r', from: author, to: author, text: 'psst', at })
const page = (number: number, seqs: number[], whispers: Whisper[] = []): ChatPage => ({
  page: number,
  pages: number + 1,
  messages: seqs.map(message),
  whispers,
})
const ids = (log: ChatLog) => log.entries.map((entry) => entry.id)

describe('the talk that a page holds', () => {
  it('puts whispers among the messages by time, and holds everything once', () => {
    let log = addNewest(emptyLog, page(0, [1, 2, 3], [whisper(15)]))
    log = addMessage(addWhisper(log, whisper(15)), message(3))
    expect(ids(log)).toEqual(['m1', 'w15', 'm2', 'm3'])
  })

  it('grows at both ends without a gap', () => {
    const log = addMessage(addOlder(addNewest(emptyLog, page(1, [3, 4])), page(0, [1, 2])), message(5))
    expect(ids(log)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5'])
    expect(log.oldest).toBe(0)
  })

  it('keeps what it has when the newest page touches it', () => {
    const log = addNewest(addNewest(emptyLog, page(0, [1, 2])), page(1, [3, 4]))
    expect(ids(log)).toEqual(['m1', 'm2', 'm3', 'm4'])
    expect(log.oldest).toBe(0)
  })

  it('starts over when messages are missing in between', () => {
    const log = addNewest(addNewest(emptyLog, page(0, [1, 2])), page(4, [9, 10]))
    expect(ids(log)).toEqual(['m9', 'm10'])
    expect(log.oldest).toBe(4)
  })
})
