import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createVirtualClock, type VirtualClock } from '../testing/virtual-clock.js'
import { Breaker, type BreakerOptions, type BreakerState } from './breaker.js'

let clock: VirtualClock
let states: BreakerState[]
beforeEach(() => {
  clock = createVirtualClock()
  states = []
})

const open = (options: Partial<BreakerOptions> = {}) =>
  new Breaker({ clock, onState: (state) => states.push(state), ...options })

function fail(breaker: Breaker, times: number): void {
  for (let count = 0; count < times; count++) {
    expect(breaker.admits()).toBe(true)
    breaker.failed()
  }
}

describe('a closed breaker', () => {
  it('lets calls pass, and says nothing of it', () => {
    const breaker = open()
    for (let count = 0; count < 100; count++) {
      expect(breaker.admits()).toBe(true)
      breaker.succeeded()
    }
    expect([breaker.state, states]).toEqual(['closed', []])
  })

  it('does not open on fewer failures than prove something', () => {
    const breaker = open()
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect([breaker.state, states]).toEqual(['open', ['open']])
  })

  it('opens at its failure rate and not below', () => {
    const breaker = open()
    for (let count = 0; count < 10; count++) breaker.succeeded()
    fail(breaker, 9)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
  })

  it('forgets what is longer ago than its window', async () => {
    const breaker = open()
    fail(breaker, 4)
    await clock.advance(10_000)
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
    await clock.advance(8_999)
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
  })

  it('forgets slice by slice', async () => {
    const breaker = open({ minimumCalls: 3 })
    fail(breaker, 1)
    await clock.advance(5_000)
    fail(breaker, 1)
    await clock.advance(5_000)
    fail(breaker, 1)
    expect(breaker.state).toBe('closed')
  })

  it('forgets everything after a silence of many windows', async () => {
    const breaker = open()
    fail(breaker, 4)
    await clock.advance(1_000_000)
    fail(breaker, 4)
    expect(breaker.state).toBe('closed')
  })
})

describe('an open breaker', () => {
  it('refuses calls until it has rested, then lets one probe', async () => {
    const breaker = open()
    fail(breaker, 5)
    expect(breaker.admits()).toBe(false)
    await clock.advance(499)
    expect(breaker.admits()).toBe(false)
    await clock.advance(1)
    expect(breaker.admits()).toBe(true)
    expect(breaker.state).toBe('half-open')
    expect(breaker.admits()).toBe(false)
  })

  it('closes when the probe succeeds, and begins to count anew', async () => {
    const breaker = open()
    fail(breaker, 5)
    await clock.advance(500)
    breaker.admits()
    breaker.succeeded()
    expect(states).toEqual(['open', 'half-open', 'closed'])
    // With the probe, these are one call fewer than prove something.
    fail(breaker, 3)
    expect(breaker.state).toBe('closed')
  })

  it('rests twice as long after every failed probe, up to its longest rest, and from the beginning once it has closed', async () => {
    const breaker = open()
    fail(breaker, 5)
    for (const restMs of [500, 1_000, 2_000, 4_000, 8_000, 8_000]) {
      await clock.advance(restMs - 1)
      expect(breaker.admits()).toBe(false)
      await clock.advance(1)
      expect(breaker.admits()).toBe(true)
      breaker.failed()
    }
    await clock.advance(8_000)
    breaker.admits()
    breaker.succeeded()
    fail(breaker, 4)
    expect(breaker.state).toBe('open')
    await clock.advance(500)
    expect(breaker.admits()).toBe(true)
  })

  it('is not held open longer by calls that were under way when it opened', async () => {
    const breaker = open()
    fail(breaker, 5)
    await clock.advance(400)
    breaker.failed()
    await clock.advance(100)
    expect(breaker.admits()).toBe(true)
    expect(states).toEqual(['open', 'half-open'])
  })
})

it('a breaker is never open for ever, and never admits two probes at once', async () => {
  const step = fc.constantFrom<'succeed' | 'fail' | 'wait'>('succeed', 'fail', 'fail', 'wait')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const breaker = open()
      for (const one of steps) {
        if (one === 'wait') await clock.advance(700)
        else if (breaker.admits()) {
          if (breaker.state === 'half-open') expect(breaker.admits()).toBe(false)
          if (one === 'fail') breaker.failed()
          else breaker.succeeded()
          expect(breaker.state).not.toBe('half-open')
        }
      }
      await clock.advance(8_000)
      expect(breaker.admits()).toBe(true)
    }),
    { numRuns: 200 },
  )
})
