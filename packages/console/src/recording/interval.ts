import type { CacheStats, DefinitionStats, DurationFigures } from '@tableforge/cache'
import type { DefinitionInterval, IntervalFigures, Sample } from '../wire.js'

/** What happened between two snapshots of one cache. Counters only grow; one that shrank counts as 0. */
export function intervalBetween(id: number, before: CacheStats, after: CacheStats): Sample {
  return {
    id,
    at: after.at,
    durationMs: Math.max(1, after.at - before.at),
    total: figuresBetween(before.total, after.total),
    gauges: {
      entries: after.memory.entries,
      bytes: after.memory.bytes,
      flights: after.flights,
      applied: after.log.applied,
      unconfirmedMs: finite(after.log.unconfirmedMs),
      evictions: grown(before.memory.evictions, after.memory.evictions),
    },
    heat: heatBetween(before.total, after.total),
    definitions: definitionsBetween(before.definitions, after.definitions),
  }
}

function figuresBetween(before: DefinitionStats, after: DefinitionStats): IntervalFigures {
  return {
    reads: grown(before.reads, after.reads),
    memoryHits: grown(before.memoryHits, after.memoryHits),
    remoteHits: grown(before.remoteHits, after.remoteHits),
    staleHits: grown(before.staleHits, after.staleHits),
    misses: grown(before.misses, after.misses),
    loads: grown(before.loads, after.loads),
    loadErrors: grown(before.loadErrors, after.loadErrors),
    remoteErrors: grown(before.remoteErrors, after.remoteErrors),
    damagedValues: grown(before.damagedValues, after.damagedValues),
    sets: grown(before.sets, after.sets),
    invalidations: grown(before.invalidations, after.invalidations),
    memoryMs: meanBetween(before.memoryTime, after.memoryTime),
    readMs: meanBetween(before.readTime, after.readTime),
    remoteMs: meanBetween(before.remoteTime, after.remoteTime),
    loadMs: meanBetween(before.loadTime, after.loadTime),
  }
}

/**
 * All reads of the interval by how long they took. Memory hits are timed by sample: what was timed stands for all of
 * them, and where none was, what was timed since the start.
 */
function heatBetween(before: DefinitionStats, after: DefinitionStats): number[] {
  const timed = after.memoryTime.buckets.map((count, index) => grown(before.memoryTime.buckets[index], count))
  const sample = sum(timed) > 0 ? timed : after.memoryTime.buckets
  const weight = sum(sample) === 0 ? 0 : grown(before.memoryHits, after.memoryHits) / sum(sample)
  return after.readTime.buckets.map(
    (count, index) => grown(before.readTime.buckets[index], count) + Math.round((sample[index] ?? 0) * weight),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function definitionsBetween(
  before: CacheStats['definitions'],
  after: CacheStats['definitions'],
): Sample['definitions'] {
  const changed = Object.entries(after)
    .map(
      ([name, now]) => [name, definitionBetween(Object.hasOwn(before, name) ? before[name] : undefined, now)] as const,
    )
    .filter(([, interval]) => Object.values(interval).some((count) => count > 0))
  return Object.fromEntries(changed)
}

function definitionBetween(before: DefinitionStats | undefined, after: DefinitionStats): DefinitionInterval {
  return {
    reads: grown(before?.reads, after.reads),
    memoryHits: grown(before?.memoryHits, after.memoryHits),
    remoteHits: grown(before?.remoteHits, after.remoteHits),
    loads: grown(before?.loads, after.loads),
    errors: grown(before && errorsOf(before), errorsOf(after)),
  }
}

function errorsOf(stats: DefinitionStats): number {
  return stats.loadErrors + stats.remoteErrors + stats.damagedValues
}

function grown(before: number | undefined, after: number): number {
  return Math.max(0, after - (before ?? 0))
}

/** The mean of what was recorded in between, from two running means. */
function meanBetween(before: DurationFigures, after: DurationFigures): number | null {
  const count = after.count - before.count
  if (count <= 0) return null
  return Math.max(0, (after.mean * after.count - before.mean * before.count) / count)
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
