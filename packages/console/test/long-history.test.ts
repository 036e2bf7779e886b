import { createCache, type Fleet, type HistorySeries } from '@tableforge/cache'
import { expect, onTestFinished, test } from 'vitest'
import { rates, seriesOf, windowOf } from '../page/src/figures.js'
import { historyOf, toldInFull } from '../page/src/long-history.js'
import { periodsOf } from '../page/src/periods.js'
import { clockTime } from '../src/format.js'
import type { History } from '../src/wire.js'

const START = Date.UTC(2026, 10, 28, 10)
const NO_HISTORY = { at: [], durationMs: [], intervalMs: 1_000, capacity: 600, namespace: 'n', node: 'a' }
const LIVE = NO_HISTORY as unknown as History

/** A series as the library tells it, with so many reads in each interval. */
async function seriesWith(
  reads: readonly number[],
  over: { resolutionMs: number; until: number; durationMs?: readonly number[]; nodes?: readonly number[] },
): Promise<HistorySeries> {
  const cache = createCache({ history: true })
  onTestFinished(() => cache.close())
  await cache.ready()
  const none = await cache.watch.history({ resolution: '1s', since: Date.now() + 60_000 })
  const columns = Object.fromEntries(Object.keys(none.total).map((name) => [name, reads.map(() => 0)]))
  const zeros = reads.map(() => 0)
  return {
    ...none,
    at: reads.map((_, row) => START + row * over.resolutionMs),
    durationMs: reads.map(() => over.resolutionMs),
    nodes: reads.map(() => 1),
    entries: zeros,
    bytes: zeros,
    flights: zeros,
    evictions: zeros,
    heat: reads.map(() => []),
    total: { ...(columns as unknown as HistorySeries['total']), reads },
    ...over,
  }
}

const fleetOf = (...toldAt: readonly number[]) =>
  ({ nodes: toldAt.map((at, index) => ({ node: `n${index}`, self: index === 0, at })) }) as unknown as Fleet

test('an interval under way is left out beside whole ones', async () => {
  const series = await seriesWith([3_000, 3_000, 30], { resolutionMs: 300_000, until: START + 603_000 })
  const history = historyOf(LIVE, toldInFull(series, 'node', undefined))
  expect(history.at).toEqual([START + 300_000, START + 600_000])
  expect(history.heat).toHaveLength(2)
  expect(periodsOf(history, false).usual).toEqual({ ms: 300_000, words: `5 min until ${clockTime(START + 600_000)}` })
  const window = windowOf(seriesOf(history, undefined), 300_000)
  expect(window.reads / window.seconds).toBe(10)
})

test('one that stands alone is of the time that has passed, and does not end in the future', async () => {
  const until = START + 30_000
  const series = await seriesWith([570], { resolutionMs: 300_000, until, durationMs: [30_000] })
  const history = historyOf(LIVE, toldInFull(series, 'node', undefined))
  expect(history.at).toEqual([until])
  expect(rates(history.total.reads, history.durationMs)).toEqual([19])
  expect(periodsOf(history, false).usual.words).toBe(`30 s until ${clockTime(until)}`)
})

test('of a fleet, the seconds that not every node has published are left out, whatever one of them knows already', async () => {
  const series = await seriesWith([19, 19, 19, 12, 8, 8], {
    resolutionMs: 1_000,
    until: START + 6_000,
    nodes: [2, 2, 2, 2, 1, 1],
  })
  const toldUntil = START + 3_400
  const shown = (fleet: Fleet | undefined) => toldInFull(series, 'fleet', fleet).total.reads
  expect(shown(fleetOf(START + 6_000, toldUntil))).toEqual([19, 19, 19])
  expect(shown(fleetOf(START + 6_000, START + 6_000)), 'told, but not yet read').toEqual([19, 19, 19, 12])
  expect(shown(fleetOf(START + 6_000)), 'nobody else is left').toEqual([19, 19, 19, 12, 8, 8])
  expect(toldInFull(series, 'node:n1', fleetOf(START + 6_000, toldUntil)).at).toHaveLength(3)
})

test('what is live is told as seconds up to now', () => {
  const { brief, usual, smoothed, each, shares } = periodsOf({ ...LIVE, at: [START], durationMs: [1_000] }, true)
  expect([brief.words, usual.words]).toEqual(['last 10 seconds', 'last minute'])
  expect([smoothed, each, shares]).toEqual([10, 'each second', 'sums of 10 s'])
  const coarse = periodsOf({ ...LIVE, intervalMs: 300_000 }, false)
  expect([coarse.smoothed, coarse.each, coarse.shares]).toEqual([1, 'each 5 min', 'each 5 min'])
})
