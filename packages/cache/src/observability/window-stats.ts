import type { WindowFigures, WindowStats } from '../watching.js'
import type { DefinitionCounters } from './counters.js'
import { DurationHistogram } from './histogram.js'
import type { WindowSum } from './history/loaded-history.js'
import { definitionStats } from './stats.js'

/** The figures of a window, for people and rules. */
export function windowFigures({ from, to, coveredMs, nodes, sum }: WindowSum): WindowFigures {
  return {
    from,
    to,
    coveredMs,
    nodes,
    total: windowStats(sum.total),
    definitions: Object.fromEntries([...sum.definitions].map(([name, counters]) => [name, windowStats(counters)])),
    memory: sum.memory,
    log: { repairs: sum.process.repairs, losses: sum.process.losses },
  }
}

export function windowStats(counters: DefinitionCounters): WindowStats {
  const stats = definitionStats(counters)
  const times = responseTimeOf(counters)
  return {
    ...stats,
    errorRate: errorRateOf(counters),
    availability: stats.reads === 0 ? 1 : Math.max(0, 1 - counters.failedReads / stats.reads),
    loadsSaved: stats.reads === 0 ? 1 : Math.max(0, 1 - counters.loads / stats.reads),
    responseTime: times.figures(),
    responseP95Ms: times.percentile(0.95),
  }
}

/** Failures per operation. One read may fail more than once on its way, so that the share is capped. */
export function errorRateOf(counters: DefinitionCounters): number {
  const { memoryHits, remoteHits, misses, sets, invalidations } = counters
  const operations = memoryHits + remoteHits + misses + sets + invalidations
  const errors = counters.loadErrors + counters.remoteErrors + counters.damagedValues
  if (operations === 0) return errors === 0 ? 0 : 1
  return Math.min(1, errors / operations)
}

/**
 * How long readers waited: every read that memory could not answer, and the memory hits as their sample has them, each
 * standing for as many as there were for one that was timed.
 */
export function responseTimeOf(counters: DefinitionCounters): DurationHistogram {
  const all = new DurationHistogram()
  all.add(counters.readTime)
  const { memoryHits, memoryTime } = counters
  if (memoryTime.total > 0) all.addScaled(memoryTime, Math.max(1, memoryHits / memoryTime.total))
  return all
}

/** Reads that were answered within a time. */
export function readsWithin(counters: DefinitionCounters, thresholdMs: number): { good: number; total: number } {
  const times = responseTimeOf(counters)
  return { good: times.countAtMost(thresholdMs), total: times.total }
}
