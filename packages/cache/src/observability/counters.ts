import type { Clock, CounterSource, Counters } from '../ports.js'
import { DurationHistogram } from './histogram.js'

/** The counters of one definition. Plain numbers, which the core increments in place. */
export class DefinitionCounters implements Counters {
  memoryHits = 0
  remoteHits = 0
  staleHits = 0
  misses = 0
  failedReads = 0
  memoryMisses = 0
  memoryBypasses = 0
  leases = 0
  leaseWaits = 0
  loads = 0
  loadErrors = 0
  fencedLoads = 0
  loadTimeouts = 0
  loadRetries = 0
  notModified = 0
  refreshes = 0
  overloads = 0
  sets = 0
  invalidations = 0
  remoteErrors = 0
  damagedValues = 0
  readonly memoryTime = new DurationHistogram()
  readonly readTime = new DurationHistogram()
  readonly remoteTime = new DurationHistogram()
  readonly loadTime = new DurationHistogram()
  readonly staleAge = new DurationHistogram()

  /** Adds what `other` has counted; the same as if it had been counted here. */
  add(other: DefinitionCounters): void {
    for (const name of COUNTERS) this[name] += other[name]
    for (const name of DISTRIBUTIONS) this[name].add(other[name])
  }

  /** Back to 0. */
  reset(): void {
    for (const name of COUNTERS) this[name] = 0
    for (const name of DISTRIBUTIONS) this[name].reset()
  }
}

/**
 * The names of what is counted, in the order in which frames are written: append only, and raise the frame's version.
 */
export const COUNTERS = [
  'memoryHits',
  'remoteHits',
  'staleHits',
  'misses',
  'failedReads',
  'memoryMisses',
  'memoryBypasses',
  'leases',
  'leaseWaits',
  'loads',
  'loadErrors',
  'fencedLoads',
  'sets',
  'invalidations',
  'remoteErrors',
  'damagedValues',
  'loadTimeouts',
  'loadRetries',
  'notModified',
  'refreshes',
  'overloads',
] as const satisfies readonly (keyof Counters)[]

export const DISTRIBUTIONS = [
  'memoryTime',
  'readTime',
  'remoteTime',
  'loadTime',
  'staleAge',
] as const satisfies readonly (keyof Counters)[]

/** The counters of a cache, by definition; they live as long as the cache and only ever grow. */
export interface CacheCounters extends CounterSource {
  /** The same object each time. */
  of(definition: string): DefinitionCounters
  /** By definition name, '' for calls without one. Live: reading it takes no copy. */
  readonly definitions: ReadonlyMap<string, DefinitionCounters>
  /** Milliseconds since the counters began at 0. */
  uptimeMs(): number
}

/** Counters that begin at 0 now. */
export function createCounterSource(clock: Pick<Clock, 'monotonic'>): CacheCounters {
  const startedAt = clock.monotonic()
  const definitions = new Map<string, DefinitionCounters>()
  return {
    definitions,
    of(definition) {
      let counters = definitions.get(definition)
      if (counters === undefined) {
        counters = new DefinitionCounters()
        definitions.set(definition, counters)
      }
      return counters
    },
    uptimeMs: () => clock.monotonic() - startedAt,
  }
}
