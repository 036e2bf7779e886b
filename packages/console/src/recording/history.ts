import type { CacheStats } from '@tableforge/cache'
import type { Columns, DefinitionInterval, Gauges, History, IntervalFigures, Sample } from '../wire.js'
import { intervalBetween } from './interval.js'
import { Ring } from './ring.js'

/** The samples of one node: one for each interval, the last `capacity` of them. */
export class SampleHistory {
  readonly #samples: Ring<Sample>
  readonly #intervalMs: number
  #before: CacheStats
  #id = 0

  constructor(first: CacheStats, intervalMs: number, capacity: number) {
    this.#before = first
    this.#intervalMs = intervalMs
    this.#samples = new Ring(capacity)
  }

  /** The `id` of the newest sample, 0 before the first. */
  get id(): number {
    return this.#id
  }

  /** The newest snapshot that was recorded. */
  get latest(): CacheStats {
    return this.#before
  }

  record(stats: CacheStats): Sample {
    this.#id += 1
    const sample = intervalBetween(this.#id, this.#before, stats)
    this.#before = stats
    this.#samples.push(sample)
    return sample
  }

  /** The samples after `id`, or `undefined` when some of them are no longer (or were never) kept. */
  since(id: number): Sample[] | undefined {
    const missing = this.#id - id
    return missing < 0 || missing > this.#samples.size ? undefined : this.#samples.last(missing)
  }

  columns(count: number = this.#samples.capacity): History {
    const samples = this.#samples.last(count)
    return {
      namespace: this.#before.namespace,
      node: this.#before.node,
      intervalMs: this.#intervalMs,
      capacity: this.#samples.capacity,
      at: samples.map((sample) => sample.at),
      durationMs: samples.map((sample) => sample.durationMs),
      total: transpose<IntervalFigures>(
        NO_FIGURES,
        samples.map((sample) => sample.total),
      ),
      gauges: transpose<Gauges>(
        NO_GAUGES,
        samples.map((sample) => sample.gauges),
      ),
      heat: samples.map((sample) => sample.heat),
      definitions: definitionColumns(samples),
    }
  }
}

const NO_INTERVAL: DefinitionInterval = { reads: 0, memoryHits: 0, remoteHits: 0, loads: 0, errors: 0 }
const NO_GAUGES: Gauges = { entries: 0, bytes: 0, flights: 0, applied: 0, unconfirmedMs: null, evictions: 0 }
const NO_FIGURES: IntervalFigures = {
  reads: 0,
  memoryHits: 0,
  remoteHits: 0,
  staleHits: 0,
  misses: 0,
  loads: 0,
  loadErrors: 0,
  remoteErrors: 0,
  damagedValues: 0,
  sets: 0,
  invalidations: 0,
  memoryMs: null,
  readMs: null,
  remoteMs: null,
  loadMs: null,
}

function definitionColumns(samples: readonly Sample[]): History['definitions'] {
  const names = new Set(samples.flatMap((sample) => Object.keys(sample.definitions)))
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      transpose<DefinitionInterval>(
        NO_INTERVAL,
        samples.map((sample) => (Object.hasOwn(sample.definitions, name) && sample.definitions[name]) || NO_INTERVAL),
      ),
    ]),
  )
}

/** Rows to columns; `shape` names the fields, so that no rows give empty columns. */
function transpose<T extends object>(shape: T, rows: readonly T[]): Columns<T> {
  const fields = Object.keys(shape) as (keyof T)[]
  return Object.fromEntries(fields.map((field) => [field, rows.map((row) => row[field])])) as Columns<T>
}
