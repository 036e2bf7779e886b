import { expect, it } from 'vitest'
import { describe as describeReport, held } from '../../../../scripts/prove-real/report.mjs'
import { runReal } from '../../../../scripts/prove-real.mjs'

/** A short run of `npm run prove -- --real`, and that it would notice what it is there to notice. */

it('keeps the promise on real processes whose Redis and connections fail', { timeout: 120_000 }, async () => {
  const report = await runReal({ seconds: 10 })
  expect(held(report), describeReport(report).join('\n')).toBe(true)
  expect(report.reads.memory).toBeGreaterThan(500)
  expect(report.reads.remote).toBeGreaterThan(50)
  expect(Object.keys(report.faults).length).toBeGreaterThan(2)
  expect(report.longestStalenessMs).toBeLessThan(report.boundMs)
})

it('breaks the promise, and says how, without replay and heartbeat', { timeout: 120_000 }, async () => {
  const report = await runReal({ seconds: 10, without: ['replay', 'heartbeat'] })
  expect(held(report)).toBe(false)
  const told = describeReport(report).join('\n')
  expect(told).toMatch(/^Violation: /m)
  expect(told).toMatch(/^ +[\d.]+ {2}n\d+ began to read thing:\d+ /m)
})
