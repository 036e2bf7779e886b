import { describe, expect, it } from 'vitest'
import type { ProtocolPart } from '../../src/testing/compose.js'
import { broken, describeAction, shrink, simulate } from '../../src/testing/simulation/index.js'

const SEEDS = 300
/** It only computes: a starved machine takes as long as it takes. */
const PATIENCE_MS = 600_000

describe('the promise of coherence', () => {
  it(
    `holds for ${SEEDS} seeds of random interleavings and faults`,
    async () => {
      let reads = 0
      let repairs = 0
      let losses = 0
      for (let seed = 0; seed < SEEDS; seed++) {
        const report = await simulate({ seed })
        if (broken(report)) {
          const { violation, unsettled, actions } = await shrink(report, { seed })
          expect.fail(
            [`seed ${seed}`, ...actions.map(describeAction), JSON.stringify(violation), ...unsettled].join('\n'),
          )
        }
        reads += report.reads
        repairs += report.repairs
        losses += report.losses
      }
      // The proof is worth something only if there was something to prove.
      expect(reads).toBeGreaterThan(SEEDS * 50)
      expect(repairs).toBeGreaterThan(SEEDS)
      expect(losses).toBeGreaterThan(SEEDS / 2)
    },
    PATIENCE_MS,
  )

  it(
    'holds while loads outlive their timeouts, fail, queue and run behind answers',
    async () => {
      let reads = 0
      for (let seed = 0; seed < 70; seed++) {
        const report = await simulate({ seed, loads: 'eventful' })
        if (broken(report)) {
          const { violation, unsettled, actions } = await shrink(report, { seed, loads: 'eventful' })
          expect.fail(
            [`seed ${seed}`, ...actions.map(describeAction), JSON.stringify(violation), ...unsettled].join('\n'),
          )
        }
        reads += report.reads
      }
      expect(reads).toBeGreaterThan(70 * 30)
    },
    PATIENCE_MS,
  )

  it('gives the same history for the same seed', async () => {
    const [first, second] = [await simulate({ seed: 7 }), await simulate({ seed: 7 })]
    expect(second).toEqual(first)
    expect((await simulate({ seed: 8 })).actions).not.toEqual(first.actions)
  })

  it.each<ProtocolPart>(['fence', 'lease', 'replay', 'heartbeat'])(
    'is broken without %s, and the checker sees it',
    async (part) => {
      for (let seed = 0; seed < 300; seed++) {
        const report = await simulate({ seed, without: [part] })
        if (report.violation === undefined) continue
        const smallest = await shrink(report, { seed, without: [part] })
        expect(smallest.actions.length).toBeLessThan(report.actions.length)
        expect(broken(await simulate({ seed, without: [part], replay: smallest.actions }))).toBe(true)
        return
      }
      expect.fail(`300 seeds without ${part} and no violation: the checker is blind`)
    },
    PATIENCE_MS,
  )
})
