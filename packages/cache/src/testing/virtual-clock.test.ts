import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVirtualClock } from './virtual-clock.js'

describe('the virtual clock', () => {
  it('stands still until it is advanced', async () => {
    const clock = createVirtualClock({ start: 1_000 })
    let fired = false
    clock.setTimeout(() => {
      fired = true
    }, 5)
    await clock.flush()
    expect([clock.now(), clock.monotonic(), fired, clock.pending]).toEqual([1_000, 0, false, 1])
    await clock.advance(4)
    expect(fired).toBe(false)
    await clock.advance(1)
    expect([clock.now(), clock.monotonic(), fired, clock.pending]).toEqual([1_005, 5, true, 0])
  })

  it('fires timers by due time, equal ones in the order in which they were set', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(delays, async (delaysMs) => {
        const clock = createVirtualClock({ start: 0 })
        const fired: { delay: number; index: number; at: number }[] = []
        delaysMs.forEach((delay, index) => {
          clock.setTimeout(() => fired.push({ delay, index, at: clock.now() }), delay)
        })
        await clock.advance(20)
        const expected = delaysMs.map((delay, index) => ({ delay, index, at: delay }))
        expected.sort((a, b) => a.delay - b.delay || a.index - b.index)
        expect(fired).toEqual(expected)
      }),
    )
  })

  it('lets whole chains of promises run between two timers that are due at the same time', async () => {
    const clock = createVirtualClock()
    const order: string[] = []
    clock.setTimeout(async () => {
      order.push('first')
      for (let step = 0; step < 50; step++) await null
      order.push('the end of what first began')
    }, 10)
    clock.setTimeout(() => order.push('second'), 10)
    await clock.advance(10)
    expect(order).toEqual(['first', 'the end of what first began', 'second'])
  })

  it('fires timers that other timers set, when they fall within the same advance', async () => {
    const clock = createVirtualClock({ start: 0 })
    const at: number[] = []
    const again = () => {
      at.push(clock.now())
      clock.setTimeout(again, 10)
    }
    clock.setTimeout(again, 10)
    await clock.advance(35)
    expect(at).toEqual([10, 20, 30])
    expect([clock.now(), clock.pending]).toEqual([35, 1])
  })

  it('never fires a timer that was cleared', async () => {
    const clock = createVirtualClock()
    let fired = 0
    const first = clock.setTimeout(() => fired++, 1)
    const second = clock.setTimeout(() => fired++, 3)
    clock.setTimeout(() => clock.clearTimeout(second), 2)
    clock.clearTimeout(first)
    clock.clearTimeout(first)
    await clock.runAll()
    expect([fired, clock.pending]).toEqual([0, 0])
  })

  it('moves time until a promise settles and hands its outcome on', async () => {
    const clock = createVirtualClock({ start: 0 })
    const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms))
    const work = async () => {
      await sleep(100)
      await sleep(200)
      return 'done'
    }
    clock.setTimeout(() => undefined, 10_000)
    expect(await clock.runUntil(work())).toBe('done')
    expect(clock.now()).toBe(300)
    await expect(clock.runUntil(Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await expect(clock.runUntil(new Promise(() => undefined), 500)).rejects.toThrow('still pending after 500 ms')
    await clock.runAll()
    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toThrow('no timer is left')
  })

  it('gives the same random numbers for the same seed and others for another', () => {
    const draw = (seed: number) => {
      const clock = createVirtualClock({ seed })
      return Array.from({ length: 1_000 }, () => clock.random())
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(draw(7).every((number) => number >= 0 && number < 1)).toBe(true)
    const mean = draw(7).reduce((sum, number) => sum + number, 0) / 1_000
    expect(mean).toBeGreaterThan(0.45)
    expect(mean).toBeLessThan(0.55)
  })

  it('fires after any number of days, and never for a delay without end', async () => {
    const clock = createVirtualClock()
    const fired: string[] = []
    clock.setTimeout(() => fired.push('years'), 2 ** 40)
    clock.setTimeout(() => fired.push('never'), Number.POSITIVE_INFINITY)
    await clock.advance(2 ** 40 - 1)
    expect(fired).toEqual([])
    await clock.advance(2 ** 42)
    expect(fired).toEqual(['years'])
    expect(clock.pending).toBe(0)
  })

  it('reports a callback that throws, two moves at once, endless timers and impossible delays', async () => {
    const clock = createVirtualClock()
    clock.setTimeout(() => {
      throw new Error('broken callback')
    }, 1)
    await expect(clock.advance(1)).rejects.toThrow('broken callback')
    const moving = clock.advance(1)
    await expect(clock.advance(1)).rejects.toThrow('already moving')
    await moving
    const forever = () => {
      clock.setTimeout(forever, 0)
    }
    forever()
    await expect(clock.advance(1)).rejects.toThrow('keeps setting another')
    expect(() => clock.setTimeout(() => undefined, Number.NaN)).toThrow('a delay of NaN ms')
    await expect(clock.advance(-1)).rejects.toThrow('at least 0, got -1')
  })
})
