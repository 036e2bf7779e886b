import { describe, expect, it } from 'vitest'
import { LatestOnly } from '../src/live/latest-only.js'
import type { RoomState, Token } from '../src/protocol.js'
import { applyPatch } from '../src/room-state.js'

const token = (id: string, x: number): Token => ({
  id,
  name: id,
  x,
  y: 0,
  size: 1,
  color: '#000000',
  imageUrl: null,
  ownerId: null,
  flipped: false,
  hidden: false,
  version: 1,
})
const state: RoomState = {
  roomId: 'r',
  version: 4,
  name: 'Room',
  slug: 'room',
  systemId: 's',
  visibility: 'public',
  board: { width: 10, height: 10, background: '#ffffff' },
  tokens: [token('a', 1), token('b', 2)],
  decks: [],
}

describe('a patch of the room', () => {
  it('replaces, adds and removes tokens, and brings the version', () => {
    const after = applyPatch(state, {
      roomId: 'r',
      version: 5,
      changes: [
        { type: 'token.put', token: token('a', 7) },
        { type: 'token.put', token: token('c', 3) },
        { type: 'token.removed', tokenId: 'b' },
      ],
    })
    expect(after.version).toBe(5)
    expect(after.tokens.map(({ id, x }) => [id, x])).toEqual([
      ['a', 7],
      ['c', 3],
    ])
  })

  it('leaves the state that it was given as it was, since readers share it', () => {
    const before = structuredClone(state)
    applyPatch(state, {
      roomId: 'r',
      version: 5,
      changes: [
        { type: 'token.removed', tokenId: 'a' },
        { type: 'room.renamed', name: 'x', slug: 'x' },
      ],
    })
    expect(state).toEqual(before)
  })
})

describe('positions of a dragged token', () => {
  it('does the last of those that arrive while one is being stored, and gives its result to all of them', async () => {
    const moves = new LatestOnly<number>()
    const stored: number[] = []
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const first = moves.run('t', async () => {
      await gate
      stored.push(1)
      return 1
    })
    const later = [2, 3, 4].map((x) =>
      moves.run('t', async () => {
        stored.push(x)
        return x
      }),
    )
    release()
    expect(await first).toBe(1)
    expect(await Promise.all(later)).toEqual([4, 4, 4])
    expect(stored).toEqual([1, 4])
  })

  it('goes on after one that failed', async () => {
    const moves = new LatestOnly<number>()
    const failed = moves.run('t', () => Promise.reject(new Error('refused')))
    const next = moves.run('t', () => Promise.resolve(2))
    await expect(failed).rejects.toThrow('refused')
    expect(await next).toBe(2)
    expect(await moves.run('t', () => Promise.resolve(3))).toBe(3)
  })
})
