import type { DefinitionStats } from '../stats.js'
import { DefinitionCounters } from './counters.js'

/** The figures of one set of counters at this moment; rates are 1 before any traffic. */
export function definitionStats(counters: DefinitionCounters): DefinitionStats {
  const { memoryHits, remoteHits, staleHits, misses, memoryMisses, memoryBypasses } = counters
  const reads = memoryHits + remoteHits + misses
  return {
    reads,
    memoryHits,
    remoteHits,
    staleHits,
    misses,
    failedReads: counters.failedReads,
    leases: counters.leases,
    leaseWaits: counters.leaseWaits,
    memoryBypasses,
    loads: counters.loads,
    loadErrors: counters.loadErrors,
    fencedLoads: counters.fencedLoads,
    loadTimeouts: counters.loadTimeouts,
    loadRetries: counters.loadRetries,
    notModified: counters.notModified,
    refreshes: counters.refreshes,
    overloads: counters.overloads,
    sets: counters.sets,
    invalidations: counters.invalidations,
    remoteErrors: counters.remoteErrors,
    damagedValues: counters.damagedValues,
    hitRate: rate(memoryHits + remoteHits, reads),
    memoryHitRate: rate(memoryHits, reads - memoryBypasses),
    remoteHitRate: rate(remoteHits, memoryMisses),
    memoryTime: counters.memoryTime.figures(),
    readTime: counters.readTime.figures(),
    remoteTime: counters.remoteTime.figures(),
    loadTime: counters.loadTime.figures(),
    staleAge: counters.staleAge.figures(),
  }
}

/** One set of counters with the sum of all, distributions of durations included. */
export function sumCounters(all: Iterable<DefinitionCounters>): DefinitionCounters {
  const sum = new DefinitionCounters()
  for (const one of all) sum.add(one)
  return sum
}

/** `total` and `definitions` of `CacheStats`. */
export function statsOf(counters: ReadonlyMap<string, DefinitionCounters>): {
  readonly total: DefinitionStats
  readonly definitions: Readonly<Record<string, DefinitionStats>>
} {
  return {
    total: definitionStats(sumCounters(counters.values())),
    definitions: Object.fromEntries([...counters].map(([name, one]) => [name, definitionStats(one)])),
  }
}

/** `part / whole`, at most 1: while a read is under way its parts are counted at different moments. */
function rate(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.min(1, part / whole)
}
