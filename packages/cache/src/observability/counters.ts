import type { Clock, CounterSource, Counters } from '../ports.js'
import { DurationHistogram } from './histogram.js'

/** The counters of one definition. Plain numbers, which the core increments in place. */
export class DefinitionCounters implements Counters {
  memoryHits = 0
  remoteHits = 0
  staleHits = 0
  misses = 0
  memoryMisses = 0
  memoryBypasses = 0
  loads = 0
  loadErrors = 0
  fencedLoads = 0
  sets = 0
  invalidations = 0
  remoteErrors = 0
  damagedValues = 0
  readonly memoryTime = new DurationHistogram()
  readonly readTime = new DurationHistogram()
  readonly remoteTime = new DurationHistogram()
  readonly loadTime = new DurationHistogram()
}

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
