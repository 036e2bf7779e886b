import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RecentTime, systemClock } from './clock.js'
import { createVirtualClock } from './testing/index.js'

/** A virtual clock that counts how often it is read, and ends turns when told to. */
function countingClock({ turns = true } = {}) {
  const clock = createVirtualClock()
  let readings = 0
  let over: (() => void)[] = []
  return {
    clock,
    endTurn() {
      const ending = over
      over = []
      for (const callback of ending) callback()
    },
    readings: () => readings,
    recent: new RecentTime({
      now: () => {
        readings++
        return clock.now()
      },
      monotonic: () => clock.monotonic(),
      setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
      clearTimeout: (timer) => clock.clearTimeout(timer),
      random: () => clock.random(),
      ...(turns ? { afterTurn: (callback: () => void) => void over.push(callback) } : {}),
    }),
  }
}

/** What a hit does to know the time. */
function read(recent: RecentTime): number {
  if (--recent.left < 0) recent.look()
  return recent.time
}

function burst(recent: RecentTime, reads = 40): void {
  for (let done = 0; done < reads; done++) read(recent)
}

describe('recent time', () => {
  it('is exact for each read while reads are few', async () => {
    const { clock, recent } = countingClock()
    for (let step = 0; step < 100; step++) {
      await clock.advance(1)
      expect(read(recent)).toBe(clock.now())
    }
  })

  it('shares a reading of the clock among 32 reads in a burst', () => {
    const { recent, readings } = countingClock()
    burst(recent, 100)
    const before = readings()
    burst(recent, 3_200)
    expect(readings() - before).toBe(100)
  })

  it('is exact again as soon as the turn of the event loop is over', async () => {
    const { clock, recent, endTurn } = countingClock()
    burst(recent)
    await clock.advance(5)
    endTurn()
    expect(read(recent)).toBe(clock.now())
  })

  it('lags for no more than 31 reads when the turn is blocked in the middle of a burst, and is exact then', async () => {
    const { clock, recent } = countingClock()
    burst(recent)
    await clock.advance(5_000)
    let late = 0
    while (read(recent) !== clock.now()) late++
    expect(late).toBeLessThan(32)
    await clock.advance(1)
    expect(read(recent)).toBe(clock.now())
  })

  it('is always exact with a clock that cannot tell when a turn is over', async () => {
    const { clock, recent } = countingClock({ turns: false })
    burst(recent, 1_000)
    await clock.advance(1)
    expect(read(recent)).toBe(clock.now())
  })

  it('is read for the very next read when a burst is interrupted, and the burst goes on', () => {
    const { recent, readings } = countingClock()
    burst(recent, 100)
    recent.interrupt()
    const before = readings()
    read(recent)
    expect(readings() - before).toBe(1)
    burst(recent, 31)
    expect(readings() - before).toBe(1)
    recent.limit(40)
    read(recent)
    recent.limit(3)
    burst(recent, 4)
    expect(readings() - before).toBe(3)
  })

  it('tells how many reads have gone by, whatever cut them short, and without those that were none', () => {
    const { recent } = countingClock()
    burst(recent, 100)
    recent.look()
    burst(recent, 20)
    recent.discount()
    recent.limit(5)
    burst(recent, 2)
    recent.interrupt()
    expect(recent.look()).toBe(21)
    expect(recent.look()).toBe(0)
  })

  it('follows a clock that is set back', () => {
    let now = 10_000_000
    const recent = new RecentTime({ ...systemClock, now: () => now })
    burst(recent)
    now = 5_000
    burst(recent, 32)
    expect(recent.time).toBe(5_000)
  })

  it('begins its ticks anew before they grow too large, and says so', () => {
    let now = 0
    const recent = new RecentTime({ ...systemClock, now: () => now })
    const { beginnings } = recent
    now = 2 ** 30 + 1
    recent.look()
    expect(recent.beginnings).toBe(beginnings + 1)
    expect(recent.tick).toBe(0)
    expect(recent.tickOf(now + 5)).toBe(5)
    expect(recent.tickOf(Number.POSITIVE_INFINITY)).toBe(2 ** 30)
  })

  it('knows the turns of the real event loop', async () => {
    const recent = new RecentTime(systemClock)
    burst(recent)
    const before = Date.now()
    await vi.waitFor(() => expect(read(recent)).toBeGreaterThan(before), 20_000)
  })
})

describe('timers of the machine', () => {
  const DAY_MS = 86_400_000
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([1, 24, 25, 60, 1_000])('fire after %s days, and not before', (days) => {
    const fired = vi.fn()
    systemClock.setTimeout(fired, days * DAY_MS)
    vi.advanceTimersByTime(days * DAY_MS - 1)
    expect(fired).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(fired).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([1, 25, 60])('of %s days are cleared, however far they have come', (days) => {
    const timer = systemClock.setTimeout(() => expect.fail('it was cleared'), days * DAY_MS)
    vi.advanceTimersByTime(days * DAY_MS - 1)
    systemClock.clearTimeout(timer)
    vi.advanceTimersByTime(days * DAY_MS)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('without an end are none', () => {
    systemClock.clearTimeout(systemClock.setTimeout(() => undefined, Number.POSITIVE_INFINITY))
    systemClock.setTimeout(() => undefined, Number.POSITIVE_INFINITY)
    expect(vi.getTimerCount()).toBe(0)
  })
})
