import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimerWheel, WINDOW_MS } from './timer-wheel.js'

const START = 1_767_225_600_123
const MINUTE = 60_000
const DAY = 86_400_000

/** A wheel with an owner that remembers what it has scheduled, and counts how often it is asked. */
class OwnedWheel extends TimerWheel {
  readonly #deadlines: number[]
  asked = 0

  constructor(now: number) {
    const deadlines: number[] = []
    super(now, (slot) => {
      this.asked++
      return deadlines[slot]!
    })
    this.#deadlines = deadlines
  }

  override schedule(slot: number, deadline: number, now: number): void {
    this.#deadlines[slot] = deadline
    super.schedule(slot, deadline, now)
  }

  /** As `reschedule`, from what it was scheduled for. */
  move(slot: number, deadline: number, now: number): boolean {
    const before = this.#deadlines[slot]!
    this.#deadlines[slot] = deadline
    return this.reschedule(slot, before, deadline, now)
  }
}

function wheelOf(capacity: number, now = START): OwnedWheel {
  const wheel = new OwnedWheel(now)
  wheel.grow(capacity)
  return wheel
}

function expired(wheel: TimerWheel, now: number): number[] {
  const slots: number[] = []
  do {
    for (let slot = wheel.expire(now); slot !== -1; slot = wheel.expire(now)) slots.push(slot)
  } while (wheel.isBehind)
  return slots.sort((a, b) => a - b)
}

describe('the timer wheel', () => {
  it('gives a slot at its deadline and not a millisecond before, near or years ahead', () => {
    for (const ahead of [1, 63, 64, 65, 4_095, 4_096, MINUTE, 262_144, DAY, 13 * DAY, 800 * DAY, 5_000 * DAY]) {
      const wheel = wheelOf(1)
      wheel.schedule(0, START + ahead, START)
      expect(expired(wheel, START + ahead - 1)).toEqual([])
      expect(expired(wheel, START + ahead)).toEqual([0])
      expect([wheel.size, wheel.nextWake()]).toEqual([0, Number.POSITIVE_INFINITY])
    }
  })

  it('is due at once for a deadline that has passed', () => {
    const wheel = wheelOf(2)
    wheel.schedule(0, START, START)
    wheel.schedule(1, 5, START)
    expect(wheel.nextWake()).toBeLessThanOrEqual(START)
    expect(expired(wheel, START)).toEqual([0, 1])
  })

  it('holds nothing for a deadline that never comes', () => {
    const wheel = wheelOf(1)
    wheel.schedule(0, START + 10, START)
    wheel.schedule(0, Number.POSITIVE_INFINITY, START)
    expect([wheel.size, wheel.nextWake()]).toEqual([0, Number.POSITIVE_INFINITY])
    expect(expired(wheel, START + 1_000 * DAY)).toEqual([])
  })

  it('gives thousands of equal deadlines, each slot once', () => {
    const count = 50_000
    const wheel = wheelOf(count)
    for (let slot = 0; slot < count; slot++) wheel.schedule(slot, START + 5 * MINUTE, START)
    expect(expired(wheel, START + 5 * MINUTE - 1)).toEqual([])
    expect(expired(wheel, START + 5 * MINUTE)).toEqual(Array.from({ length: count }, (_, slot) => slot))
  })

  it('gives what a long sleep has left behind in one go', () => {
    const wheel = wheelOf(1_000)
    for (let slot = 0; slot < 1_000; slot++) wheel.schedule(slot, START + slot * 7 * MINUTE, START)
    expect(expired(wheel, START + 30 * DAY)).toHaveLength(1_000)
  })

  it('does little at a time, however many slots have waited, and asks to be woken at once until all are given', () => {
    const wheel = wheelOf(1_000)
    for (let slot = 0; slot < 1_000; slot++) wheel.schedule(slot, START + 5 * MINUTE, START)
    const given: number[] = []
    while (wheel.size > 0) {
      wheel.asked = 0
      const slot = wheel.expire(START + 5 * MINUTE)
      expect(wheel.asked).toBeLessThanOrEqual(4)
      if (slot !== -1) given.push(slot)
      else expect(wheel.isBehind).toBe(true)
      if (wheel.size > 0) expect(wheel.nextWake()).toBeLessThanOrEqual(START + 5 * MINUTE)
    }
    expect(given).toHaveLength(1_000)
    expect(wheel.isBehind).toBe(false)
  })

  it('is not behind any more when nothing is left, or when the clock is set back to before the moment', () => {
    for (const catchUp of [
      (wheel: OwnedWheel) => {
        for (let slot = 0; slot < 100; slot++) wheel.cancel(slot)
        return Number.POSITIVE_INFINITY
      },
      (wheel: OwnedWheel) => {
        wheel.schedule(0, START + 6 * MINUTE, START)
        return START + MINUTE
      },
    ]) {
      const wheel = wheelOf(100)
      for (let slot = 0; slot < 100; slot++) wheel.schedule(slot, START + 5 * MINUTE, START)
      expect([wheel.expire(START + 5 * MINUTE), wheel.isBehind]).toEqual([-1, true])
      const least = catchUp(wheel)
      expect(wheel.isBehind).toBe(false)
      expect(wheel.nextWake()).toBeGreaterThanOrEqual(least)
    }
  })

  it('leaves a slot whose deadline is put off where it is, and gives it at the later one', () => {
    const wheel = wheelOf(1)
    wheel.schedule(0, START + MINUTE, START)
    const wake = wheel.nextWake()
    expect(wheel.move(0, START + 3 * MINUTE, START + 1)).toBe(false)
    expect(wheel.nextWake()).toBe(wake)
    expect(expired(wheel, START + 3 * MINUTE - 1)).toEqual([])
    expect(expired(wheel, START + 3 * MINUTE)).toEqual([0])
  })

  it('places a slot anew whose deadline comes sooner, is due already, or never came', () => {
    const wheel = wheelOf(3)
    wheel.schedule(0, START + DAY, START)
    wheel.schedule(1, START, START)
    wheel.schedule(2, Number.POSITIVE_INFINITY, START)
    expect([0, 1, 2].map((slot) => wheel.move(slot, START + MINUTE, START))).toEqual([true, true, true])
    expect(expired(wheel, START + MINUTE - 1)).toEqual([])
    expect(expired(wheel, START + MINUTE)).toEqual([0, 1, 2])
  })

  it('keeps every deadline when the clock is set back, and when it comes forward again', () => {
    const wheel = wheelOf(2)
    wheel.schedule(0, START + DAY, START)
    expect(expired(wheel, START + DAY - 1)).toEqual([])
    const back = START - 30 * DAY
    wheel.schedule(1, back + 100, back)
    expect(expired(wheel, back + 99)).toEqual([])
    expect(expired(wheel, back + 100)).toEqual([1])
    expect(expired(wheel, START + DAY - 1)).toEqual([])
    expect(expired(wheel, START + DAY)).toEqual([0])
  })

  it('agrees with a list of deadlines, whatever is scheduled, cancelled, and however time moves', () => {
    const ahead = fc.oneof(
      fc.integer({ min: -50, max: 300 }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: 0, max: 10 * DAY }),
      fc.integer({ min: 0, max: 3_000 * DAY }),
      fc.constantFrom(64, 128, 4_096, 262_144, Number.POSITIVE_INFINITY),
      fc.double({ min: 0, max: 1_000, noNaN: true }),
    )
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ slot: fc.nat(19), ahead }) },
      { weight: 4, arbitrary: fc.record({ again: fc.nat(19), ahead }) },
      { weight: 1, arbitrary: fc.record({ cancel: fc.nat(19) }) },
      {
        weight: 3,
        arbitrary: fc.record({ move: fc.oneof(ahead.filter(Number.isFinite), fc.integer({ min: -DAY, max: 0 })) }),
      },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let now = START
        const wheel = wheelOf(8, now)
        wheel.grow(20)
        const deadlines = new Map<number, number>()
        for (const one of steps) {
          if ('slot' in one) {
            wheel.schedule(one.slot, now + one.ahead, now)
            if (one.ahead === Number.POSITIVE_INFINITY) deadlines.delete(one.slot)
            else deadlines.set(one.slot, Math.ceil(now + one.ahead))
          } else if ('again' in one) {
            if (!deadlines.has(one.again)) continue
            wheel.move(one.again, now + one.ahead, now)
            if (one.ahead === Number.POSITIVE_INFINITY) deadlines.delete(one.again)
            else deadlines.set(one.again, Math.ceil(now + one.ahead))
          } else if ('cancel' in one) {
            wheel.cancel(one.cancel)
            deadlines.delete(one.cancel)
          } else {
            now += one.move
            const due = [...deadlines].filter(([, deadline]) => deadline <= Math.floor(now)).map(([slot]) => slot)
            expect(expired(wheel, now)).toEqual(due.sort((a, b) => a - b))
            for (const slot of due) deadlines.delete(slot)
          }
          expect(wheel.size).toBe(deadlines.size)
          const first = Math.min(Number.POSITIVE_INFINITY, ...deadlines.values())
          expect(wheel.nextWake()).toBeLessThanOrEqual(Math.max(now, first) + WINDOW_MS)
          if (deadlines.size === 0) expect(wheel.nextWake()).toBe(Number.POSITIVE_INFINITY)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('asks to be woken seldom: a few times for a deadline, however far', () => {
    for (const deadline of [START + 100, START + MINUTE, START + 40 * DAY]) {
      const wheel = wheelOf(1)
      wheel.schedule(0, deadline, START)
      let wakes = 0
      let now = START
      while (wheel.size > 0) {
        now = Math.max(now, wheel.nextWake())
        wakes++
        wheel.expire(now)
      }
      expect(wakes).toBeLessThanOrEqual(6)
      expect(now - deadline).toBeLessThanOrEqual(WINDOW_MS)
    }
  })
})
