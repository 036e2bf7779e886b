import { describe, expect, it } from 'vitest'
import { Evidence } from './evidence.js'

const HUNDRED = 100

/** Of two candidates the second one hits `ahead` of a hundred reads more than the first, which rules. */
function evidence(ahead: number, leastDifference = 0.002): Evidence {
  const known = new Evidence([0.002, leastDifference])
  known.rescale(1_000, 1)
  for (let read = 0; read < 10 * HUNDRED; read++) known.record(read % HUNDRED < ahead ? 0b10 : 0b11)
  return known
}

describe('what is known of candidates', () => {
  it('speaks for a change when one was better than the change costs, by what only it would hold', () => {
    expect(evidence(3).judge(0, () => 500)).toMatchObject({ candidate: 1, hits: 30, reads: 1_000 })
    expect(evidence(3).judge(0, () => 700)).toBeUndefined()
  })

  it('asks more of whoever would replace what has itself been chosen', () => {
    const known = evidence(3)
    expect(known.judge(0, () => 500)?.candidate).toBe(1)
    // From here on the first one catches up.
    for (let read = 0; read < 180; read++) known.record(0b01)
    expect(known.judge(1, () => 500)).toBeUndefined()
    for (let read = 0; read < 200; read++) known.record(0b01)
    expect(known.judge(1, () => 500)?.candidate).toBe(0)
  })

  it('goes on from what a rehearsal has shown', () => {
    const known = evidence(0)
    known.inherit(evidence(4))
    expect(known.hitRatio(0)).toBeCloseTo(0.96)
    expect(known.judge(0, () => 500)).toMatchObject({ candidate: 1, hits: 40, reads: 1_000 })
  })

  it('asks more of what is fragile', () => {
    expect(evidence(1, 0.002).judge(0, () => 0)?.candidate).toBe(1)
    expect(evidence(1, 0.02).judge(0, () => 0)).toBeUndefined()
  })

  it('is due for judgement until it is judged', () => {
    const known = evidence(0)
    expect(known.record(0b11)).toBe(true)
    expect(known.record(0b11)).toBe(true)
    known.judge(0, () => 0)
    expect(known.record(0b11)).toBe(false)
  })
})
