import type { Trend } from '../../watching.js'
import { DefinitionCounters } from '../counters.js'
import { errorRateOf, responseTimeOf } from '../window-stats.js'
import { FrameSum } from './frame.js'
import { addFrame } from './frame-codec.js'
import { type LoadedHistory, shapeOf, type WindowSum } from './loaded-history.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/**
 * Whole intervals that a direction is told from, half an hour of them: less is told of the first minutes, not of a
 * trend.
 */
const POINTS_OF_A_LINE = 6

/** What a figure is, given what was counted in some seconds; `undefined` when that says nothing. */
type Measure = (counters: DefinitionCounters, seconds: number, sum: FrameSum) => number | undefined

const MEASURES: readonly (readonly [Trend['figure'], Measure])[] = [
  ['hitRate', (counters) => ratio(counters.memoryHits + counters.remoteHits, readsOf(counters))],
  ['errorRate', (counters) => (readsOf(counters) === 0 ? undefined : errorRateOf(counters))],
  ['readsPerSecond', (counters, seconds) => ratio(readsOf(counters), seconds)],
  ['loadsPerSecond', (counters, seconds) => ratio(counters.loads, seconds)],
  [
    'responseP95Ms',
    (counters) => {
      const times = responseTimeOf(counters)
      return times.total === 0 ? undefined : times.percentile(0.95)
    },
  ],
  ['bytes', (_counters, seconds, sum) => (seconds === 0 ? undefined : sum.process.bytes)],
]

/** The last hour against the same hour yesterday, and where it is going. `definition`: of one definition alone. */
export function trendsOf(history: LoadedHistory, definition: string | undefined): Trend[] {
  const shape = shapeOf('5m')
  const countersOf = (sum: FrameSum) =>
    definition === undefined ? sum.total : (sum.definitions.get(definition) ?? new DefinitionCounters())
  const of = (measure: Measure, { sum, coveredMs }: WindowSum) => measure(countersOf(sum), coveredMs / 1_000, sum)
  const now = history.between(shape, history.at - HOUR_MS, history.at + 1)
  const yesterday = history.between(shape, history.at - DAY_MS - HOUR_MS, history.at - DAY_MS)
  const whole = history.slots('5m', now.from).filter(({ at }) => at + shape.widthMs <= history.at)
  const slots = whole.map(({ at, durationMs, bytes }) => {
    const sum = new FrameSum()
    addFrame(bytes, sum)
    return { hour: at / HOUR_MS, seconds: durationMs / 1_000, sum }
  })
  return MEASURES.map(([figure, measure]) => {
    const current = of(measure, now)
    const before = of(measure, yesterday)
    const points = slots.flatMap(({ hour, seconds, sum }) => {
      const value = measure(countersOf(sum), seconds, sum)
      return value === undefined ? [] : [[hour, value] as const]
    })
    return {
      figure,
      now: current ?? null,
      yesterday: before ?? null,
      change: current === undefined || before === undefined || before === 0 ? null : (current - before) / before,
      slopePerHour: points.length < POINTS_OF_A_LINE ? null : slope(points),
    }
  })
}

/** The least-squares line's rise for each unit of x; `null` for fewer than two points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number | null {
  if (points.length < 2) return null
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  let covariance = 0
  let variance = 0
  for (const [x, y] of points) {
    covariance += (x - meanX) * (y - meanY)
    variance += (x - meanX) ** 2
  }
  return variance === 0 ? null : covariance / variance
}

function readsOf({ memoryHits, remoteHits, misses }: DefinitionCounters): number {
  return memoryHits + remoteHits + misses
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole
}
