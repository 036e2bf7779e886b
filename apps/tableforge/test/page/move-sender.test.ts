import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Point } from '../../page/src/board/geometry.js'
import { type MoveOutcome, MoveSender } from '../../page/src/board/move-sender.js'
import type { Token } from '../../src/protocol.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function start(answerAfter = 10) {
  const sent: Point[] = []
  const settled: MoveOutcome[] = []
  const send = async (id: string, to: Point): Promise<Token> => {
    sent.push(to)
    await new Promise((resolve) => setTimeout(resolve, answerAfter))
    if (to.x < 0) throw new Error('off the board')
    return { id, ...to, version: sent.length } as Token
  }
  return { sent, settled, sender: new MoveSender(send, (_, outcome) => settled.push(outcome)) }
}

const at = (x: number): Point => ({ x, y: 0 })

describe('MoveSender', () => {
  it('sends at most 30 positions a second, always the last one', async () => {
    const { sent, sender } = start()
    for (let x = 0; x < 500; x++) {
      sender.drag('t', at(x))
      await vi.advanceTimersByTimeAsync(2)
    }
    sender.release('t', at(1_000))
    await vi.advanceTimersByTimeAsync(100)
    expect(sent.length).toBeGreaterThan(25)
    expect(sent.length).toBeLessThanOrEqual(32)
    expect(sent[0]).toEqual(at(0))
    expect(sent.at(-1)).toEqual(at(1_000))
  })

  it('settles once, after the last answer and not while the token is held', async () => {
    const { settled, sender } = start(60)
    sender.drag('t', at(1))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(settled).toEqual([])
    sender.release('t', at(2))
    await vi.advanceTimersByTimeAsync(50)
    expect(settled).toEqual([])
    await vi.advanceTimersByTimeAsync(50)
    expect(settled).toMatchObject([{ token: { x: 2 } }])
  })

  it('tells of a refusal', async () => {
    const { settled, sender } = start()
    sender.release('t', at(-1))
    await vi.advanceTimersByTimeAsync(100)
    expect(settled).toMatchObject([{ error: { message: 'off the board' } }])
  })

  it('sends nothing after it was stopped', async () => {
    const { sent, settled, sender } = start()
    sender.drag('t', at(1))
    sender.drag('t', at(2))
    sender.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sent).toEqual([at(1)])
    expect(settled).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
