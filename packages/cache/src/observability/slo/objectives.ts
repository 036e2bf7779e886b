import type { ObjectiveReport } from '../../watching.js'
import { DefinitionCounters } from '../counters.js'
import type { LoadedHistory } from '../history/loaded-history.js'
import { readsWithin } from '../window-stats.js'

/** One promise about reads, resolved. */
export interface Objective {
  /** '' is about all reads together. */
  readonly definition: string
  readonly objective: ObjectiveReport['objective']
  readonly target: number
  readonly thresholdMs?: number
  readonly windowMs: number
}

const HOUR_MS = 3_600_000

/** Reads that were good by an objective, of all that count for it. */
export function goodReads(objective: Objective, counters: DefinitionCounters): { good: number; total: number } {
  const { memoryHits, remoteHits, misses, failedReads } = counters
  const total = memoryHits + remoteHits + misses
  switch (objective.objective) {
    case 'hitRate':
      return { good: memoryHits + remoteHits, total }
    case 'availability':
      return { good: Math.max(0, total - failedReads), total }
    case 'latency':
      return readsWithin(counters, objective.thresholdMs ?? Number.POSITIVE_INFINITY)
  }
}

/**
 * How many times faster than allowed the error budget is spent: 1 spends all of it in exactly the objective's window.
 */
export function burnRate(objective: Objective, counters: DefinitionCounters): number {
  const { good, total } = goodReads(objective, counters)
  return total === 0 ? 0 : (total - good) / total / (1 - objective.target)
}

export function countersOf(objective: Objective, history: LoadedHistory, windowMs: number): DefinitionCounters {
  const { sum } = history.over(windowMs)
  return objective.definition === ''
    ? sum.total
    : (sum.definitions.get(objective.definition) ?? new DefinitionCounters())
}

export function judgeObjective(objective: Objective, history: LoadedHistory, windowMs: number): ObjectiveReport {
  const { definition, target, thresholdMs } = objective
  const { good, total } = goodReads(objective, countersOf(objective, history, windowMs))
  const actual = total === 0 ? null : good / total
  return {
    definition,
    objective: objective.objective,
    target,
    ...(thresholdMs === undefined ? {} : { thresholdMs }),
    actual,
    good,
    total,
    met: actual === null ? null : actual >= target,
    budgetLeft: actual === null ? 1 : 1 - (1 - actual) / (1 - target),
    burnRate: burnRate(objective, countersOf(objective, history, HOUR_MS)),
  }
}
