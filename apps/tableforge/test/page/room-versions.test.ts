import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isBehind,
  receivePatch,
  receiveSecret,
  receiveState,
  receiveToken,
} from '../../page/src/table/room-versions.js'
import type { RoomPatch, RoomState, Token } from '../../src/protocol.js'

const token = (id: string, version: number, more: Partial<Token> = {}): Token => ({
  id,
  name: id,
  x: version,
  y: 0,
  size: 1,
  color: '#64748b',
  imageUrl: null,
  ownerId: null,
  flipped: false,
  hidden: false,
  version,
  ...more,
})

const room = (version: number, tokens: Token[] = []): RoomState => ({
  roomId: 'r',
  version,
  name: 'Room',
  slug: 'room',
  systemId: 's',
  visibility: 'public',
  board: { width: 20, height: 20, background: '#2c6650' },
  tokens,
  decks: [],
})

const moved = (version: number, one: Token): RoomPatch => ({
  roomId: 'r',
  version,
  changes: [{ type: 'token.put', token: one }],
})

describe('patches', () => {
  it('are applied when they are next, and ignored when they are old', () => {
    const held = receivePatch(receiveState(room(4, [token('a', 1)])), moved(5, token('a', 2)))
    expect(held.room).toMatchObject({ version: 5, tokens: [{ id: 'a', version: 2 }] })
    expect(receivePatch(held, moved(5, token('a', 9)))).toBe(held)
  })

  it('wait while one before them is missing', () => {
    const ahead = receivePatch(receiveState(room(4, [token('a', 1)])), moved(6, token('a', 3)))
    expect(isBehind(ahead)).toBe(true)
    expect(ahead.room.version).toBe(4)
    const filled = receivePatch(ahead, moved(5, token('a', 2)))
    expect(isBehind(filled)).toBe(false)
    expect(filled.room).toMatchObject({ version: 6, tokens: [{ version: 3 }] })
  })

  it('are laid on top of a state that travelled meanwhile', () => {
    const recent = [moved(5, token('a', 2)), moved(6, token('a', 3))]
    expect(receiveState(room(5, [token('a', 2)]), recent).room).toMatchObject({ version: 6, tokens: [{ version: 3 }] })
  })

  it('lead to the same room in whatever order they arrive, repeated or not', () => {
    const patches = Array.from({ length: 8 }, (_, index) => moved(index + 1, token(index % 2 ? 'a' : 'b', index + 2)))
    const start = receiveState(room(0, [token('a', 1), token('b', 1)]))
    const inOrder = patches.reduce(receivePatch, start)
    const shuffled = fc.shuffledSubarray([...patches, ...patches], { minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(shuffled, (arrived) => {
        expect(arrived.reduce(receivePatch, start)).toEqual(inOrder)
      }),
    )
  })
})

describe('reports of one token', () => {
  it('are ordered by its own version, not by when they arrive', () => {
    const held = receiveToken(receiveState(room(1, [token('a', 1)])), token('a', 5))
    expect(receivePatch(held, moved(2, token('a', 4))).room.tokens[0]?.version).toBe(5)
    expect(receiveState(room(2, [token('a', 4)]), [], held).room.tokens[0]?.version).toBe(5)
  })

  it('do not bring back a token that was removed', () => {
    expect(receiveToken(receiveState(room(1)), token('a', 5)).room.tokens).toEqual([])
  })
})

describe('a game master', () => {
  const removed: RoomPatch = { roomId: 'r', version: 2, changes: [{ type: 'token.removed', tokenId: 'a' }] }
  const put = { roomId: 'r', change: { type: 'token.put' as const, token: token('a', 2, { hidden: true }) } }

  it('keeps a token that was hidden from the players, whichever message comes first', () => {
    const start = receiveState(room(1, [token('a', 1)]))
    const tokens = [token('a', 2, { hidden: true })]
    expect(receivePatch(receiveSecret(start, put), removed).room.tokens).toEqual(tokens)
    expect(receiveSecret(receivePatch(start, removed), put).room.tokens).toEqual(tokens)
  })

  it('keeps a token that was revealed, whichever message comes first', () => {
    const start = receiveState(room(1, [token('a', 1, { hidden: true })]))
    const revealed = moved(2, token('a', 2))
    const gone = { roomId: 'r', change: { type: 'token.removed' as const, tokenId: 'a' } }
    expect(receiveSecret(receivePatch(start, revealed), gone).room.tokens).toEqual([token('a', 2)])
    expect(receivePatch(receiveSecret(start, gone), revealed).room.tokens).toEqual([token('a', 2)])
  })
})
