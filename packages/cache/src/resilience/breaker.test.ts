import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BreakerSettings } from '../breaker-options.js'
import { createVirtualClock, type VirtualClock } from '../testing/virtual-clock.js'
import { Breaker } from './breaker.js'

const SETTINGS: BreakerSettings = {
  failureRate: 0.5,
  slowRate: 0.8,
  slowAfterMs: 40,
  minimumCalls: 5,
  windowMs: 10_000,
  restMs: 500,
  maxRestMs: 4_000,
}

let clock: VirtualClock
let changes: string[]
beforeEach(() => {
  clock = createVirtualClock()
  changes = []
})

const closed = (settings: Partial<BreakerSettings> = {}) =>
  new Breaker({ ...SETTINGS, ...settings, clock, onState: (state, reason) => changes.push(`${state}: ${reason}`) })

function fail(breaker: Breaker, times: number): void {
  for (let count = 0; count < times; count++) breaker.ended(1, true)
}

function succeed(breaker: Breaker, times: number, durationMs = 1): void {
  for (let count = 0; count < times; count++) breaker.ended(durationMs, false)
}

describe('a closed breaker', () => {
  it('lets calls pass, and says nothing of it', () => {
    const breaker = closed()
    succeed(breaker, 100)
    expect([breaker.admits, breaker.state, breaker.restMs, changes]).toEqual([true, 'closed', 0, []])
  })

  it('does not open on fewer failures than prove something', () => {
    const breaker = closed()
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect([breaker.state, changes]).toEqual(['open', ['open: failures']])
  })

  it('opens at its failure rate and not below', () => {
    const breaker = closed()
    succeed(breaker, 10)
    fail(breaker, 9)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
  })

  it('opens at its rate of slow calls and not below, though every call is answered', () => {
    const breaker = closed()
    succeed(breaker, 2)
    succeed(breaker, 7, 41)
    expect(breaker.state).toBe('closed')
    succeed(breaker, 1, 41)
    expect([breaker.state, changes]).toEqual(['open', ['open: slow-calls']])
  })

  it('does not take a call for slow that takes as long as calls may take', () => {
    const breaker = closed()
    succeed(breaker, 100, 40)
    expect(breaker.state).toBe('closed')
  })

  it('forgets what is longer ago than its window', async () => {
    const breaker = closed()
    fail(breaker, 4)
    await clock.advance(10_000)
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
    await clock.advance(8_999)
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
  })

  it('forgets slice by slice', async () => {
    const breaker = closed({ minimumCalls: 3 })
    fail(breaker, 1)
    await clock.advance(5_000)
    fail(breaker, 1)
    await clock.advance(5_000)
    fail(breaker, 1)
    expect(breaker.state).toBe('closed')
  })

  it('opens at once when the backend is silent, whatever the rates say', () => {
    const breaker = closed()
    succeed(breaker, 1_000)
    breaker.trip(80)
    expect([breaker.admits, changes]).toEqual([false, ['open: silence']])
  })
})

describe('an open breaker', () => {
  it('admits no call, however long it has rested: only probes find out', async () => {
    const breaker = closed()
    breaker.trip(80)
    await clock.advance(1_000_000)
    expect(breaker.admits).toBe(false)
    expect(breaker.beginProbe()).toBe(true)
    expect([breaker.admits, breaker.state]).toEqual([false, 'half-open'])
    expect(breaker.beginProbe()).toBe(false)
  })

  it('closes when the probes are answered, and begins to count anew', () => {
    const breaker = closed()
    fail(breaker, 5)
    breaker.beginProbe()
    breaker.probed(true)
    expect(changes).toEqual(['open: failures', 'half-open: probe', 'closed: probe'])
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
  })

  it('rests twice as long after every failed probe, up to its longest rest, and from the beginning once it has closed', () => {
    const breaker = closed()
    breaker.trip(80)
    const rests = [breaker.restMs]
    for (let probe = 0; probe < 4; probe++) {
      breaker.beginProbe()
      breaker.probed(false)
      rests.push(breaker.restMs)
    }
    expect(rests).toEqual([500, 1_000, 2_000, 4_000, 4_000])
    breaker.beginProbe()
    breaker.probed(true)
    breaker.trip(80)
    expect(breaker.restMs).toBe(500)
  })

  it('learns nothing from calls that were under way when it opened', () => {
    const breaker = closed()
    breaker.trip(80)
    fail(breaker, 20)
    breaker.beginProbe()
    breaker.probed(true)
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
  })
})

it('a breaker admits calls exactly while it is closed, and a probe that is answered always closes it', () => {
  const step = fc.constantFrom('succeed', 'fail', 'slow', 'trip', 'beginProbe', 'answered', 'unanswered')
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const breaker = closed()
      for (const one of steps) {
        if (one === 'succeed') breaker.ended(1, false)
        else if (one === 'fail') breaker.ended(1, true)
        else if (one === 'slow') breaker.ended(100, false)
        else if (one === 'trip') breaker.trip(80)
        else if (one === 'beginProbe') breaker.beginProbe()
        else breaker.probed(one === 'answered')
        expect(breaker.admits).toBe(breaker.state === 'closed')
        expect(breaker.restMs > 0).toBe(breaker.state !== 'closed')
      }
      breaker.beginProbe()
      breaker.probed(true)
      expect(breaker.state).toBe('closed')
    }),
    { numRuns: 200 },
  )
})
