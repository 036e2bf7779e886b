import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../seeded-random.js'
import { samplingError } from './sampling-error.js'

describe('the error of a sample', () => {
  it('holds the truth in 95 of 100 cases, also of few events', () => {
    const random = seededRandom(7)
    for (const sample of [0.01, 0.1, 0.5]) {
      for (const truth of [1, 93, 400, 5_000]) {
        let held = 0
        const runs = 400
        for (let run = 0; run < runs; run += 1) {
          let drawn = 0
          for (let event = 0; event < truth; event += 1) if (random() < sample) drawn += 1
          const estimate = drawn / sample
          if (Math.abs(estimate - truth) <= samplingError(estimate, sample)) held += 1
        }
        expect(held / runs, `${truth} events, 1 in ${1 / sample}`).toBeGreaterThan(0.93)
      }
    }
  })

  it('is nothing where each event is counted', () => {
    expect(samplingError(1_000, 1)).toBe(0)
  })
})
