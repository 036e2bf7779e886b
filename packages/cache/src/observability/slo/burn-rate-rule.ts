import type { AlertFinding } from '../../watch-options.js'
import type { AlertSeverity } from '../../watching.js'
import type { ResolvedRule } from '../alerts/alert-rule.js'
import { percent, RULE_NAMES } from '../alerts/built-in-rules.js'
import type { LoadedHistory } from '../history/loaded-history.js'
import { burnRate, countersOf, goodReads, type Objective } from './objectives.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** One pair of windows: the long one says that much was lost, the short one that it is still being lost. */
export interface BurnWindow {
  readonly severity: AlertSeverity
  readonly longMs: number
  readonly shortMs: number
  /** Times the allowed rate, for an objective over 30 days. */
  readonly factor: number
  /**
   * So much of the long window must be recorded: what is said of days is not judged by the first minutes of a cold
   * cache.
   */
  readonly leastMs: number
}

/**
 * Multi-window, multi-burn-rate alerts (The Site Reliability Workbook, chapter 5): 2 % of the budget in an hour or 5 %
 * in six wake somebody, 10 % in a day or in three can wait for the morning.
 */
export const BURN_WINDOWS: readonly BurnWindow[] = [
  { severity: 'critical', longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, factor: 14.4, leastMs: 0 },
  { severity: 'critical', longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, factor: 6, leastMs: 0 },
  { severity: 'warning', longMs: DAY_MS, shortMs: 2 * HOUR_MS, factor: 3, leastMs: 2 * HOUR_MS },
  { severity: 'warning', longMs: 3 * DAY_MS, shortMs: 6 * HOUR_MS, factor: 1, leastMs: 6 * HOUR_MS },
]

/**
 * The rules that watch the budgets, one for each kind of objective. They need the history itself: their windows reach
 * over days.
 */
export function burnRateRules(
  objectives: readonly Objective[],
  history: () => LoadedHistory | undefined,
  minReads: number,
): ResolvedRule[] {
  return NAMES.flatMap((kind) => {
    const own = objectives.filter(({ objective }) => objective === kind)
    if (own.length === 0) return []
    return {
      name: RULE_NAMES.budget[kind],
      about: `an objective of ${KINDS[kind]} loses its error budget too fast`,
      pendingMs: 0,
      scope: 'fleet' as const,
      judge() {
        const loaded = history()
        if (loaded === undefined) return undefined
        return own.flatMap((objective) => judgeBurn(objective, loaded, minReads) ?? [])
      },
    }
  })
}

/** In words. */
const KINDS = { hitRate: 'hit rate', latency: 'latency', availability: 'availability' } as const
const NAMES = ['hitRate', 'latency', 'availability'] as const
/** A budget that is spent exactly as allowed is not lost too fast; sums of floats may say so by a hair. */
const HAIR = 1e-9

function judgeBurn(objective: Objective, history: LoadedHistory, minReads: number): AlertFinding | undefined {
  const { definition, target } = objective
  for (const { severity, longMs, shortMs, factor, leastMs } of BURN_WINDOWS) {
    if (history.over(longMs).coveredMs < leastMs) continue
    const threshold = attainable(factor, objective)
    const long = countersOf(objective, history, longMs)
    if (goodReads(objective, long).total < minReads) continue
    const value = burnRate(objective, long)
    const now = burnRate(objective, countersOf(objective, history, shortMs))
    if (Math.min(value, now) <= threshold + HAIR) continue
    const name = definition === '' ? 'all reads' : `"${definition}"`
    const speed = `${Math.round(value * 10) / 10} times as fast as allowed over the last ${hours(longMs)}`
    return {
      severity,
      value,
      threshold,
      summary: `the ${KINDS[objective.objective]} objective of ${name} (${percent(target)}) loses its budget ${speed}`,
      ...(definition === '' ? {} : { definition }),
    }
  }
  return undefined
}

/**
 * The workbook's factors suppose a target near 1. The worst that can be, all reads bad, burns 1 / (1 - target): a
 * promise such as a hit rate of 0.85 could never burn 14 times too fast. Its factor is kept below nine tenths of that
 * worst.
 */
function attainable(factor: number, { target }: Pick<Objective, 'target'>): number {
  return Math.min(factor, 0.9 / (1 - target))
}

function hours(ms: number): string {
  return ms >= DAY_MS ? `${ms / DAY_MS} d` : `${ms / HOUR_MS} h`
}
