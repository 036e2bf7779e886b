import type { MemoryEntry } from '../entry.js'

/** An entry as a memory tier is given it, of which only the value and its end matter (wall time, default: never). */
export function memoryEntry(value: unknown, staleUntil = Number.POSITIVE_INFINITY): MemoryEntry {
  return {
    value,
    createdAt: 0,
    tags: [],
    epoch: '',
    asOf: 0,
    freshUntil: staleUntil,
    staleUntil,
    grace: 0,
    refreshAt: Number.POSITIVE_INFINITY,
    judgedAt: 0,
    confirmedAt: 0,
    generation: 0,
    retryAt: 0,
  }
}
