import type { MemoryFigures } from '../../ports.js'
import { DefinitionCounters } from '../counters.js'

/** What is known of a process beside its counters. Sizes are of one moment; the rest grows. */
export interface ProcessFigures {
  readonly entries: number
  readonly bytes: number
  readonly maxEntries: number
  readonly maxBytes: number
  readonly flights: number
  readonly evictions: number
  readonly expirations: number
  readonly refusals: number
  readonly repairs: number
  readonly losses: number
}

/** Sizes of one moment, in the order in which frames are written. */
export const SIZES = ['entries', 'bytes', 'maxEntries', 'maxBytes', 'flights'] as const
/** What a process counts beside its reads, in the order in which frames are written. */
export const EVENTS = ['evictions', 'expirations', 'refusals', 'repairs', 'losses'] as const

export type MutableProcessFigures = { -readonly [K in keyof ProcessFigures]: number }

export function noProcessFigures(): MutableProcessFigures {
  return {
    entries: 0,
    bytes: 0,
    maxEntries: 0,
    maxBytes: 0,
    flights: 0,
    evictions: 0,
    expirations: 0,
    refusals: 0,
    repairs: 0,
    losses: 0,
  }
}

/**
 * What was counted in an interval, by one process or by several: the sum of any number of frames. Adding is exact for
 * counters and, as buckets are added to buckets, within the error of the histogram for durations.
 */
export class FrameSum {
  readonly total = new DefinitionCounters()
  readonly definitions = new Map<string, DefinitionCounters>()
  readonly process = noProcessFigures()

  of(definition: string): DefinitionCounters {
    let counters = this.definitions.get(definition)
    if (counters === undefined) {
      counters = new DefinitionCounters()
      this.definitions.set(definition, counters)
    }
    return counters
  }

  /** Adds a sum of other processes, or of an interval whose sizes come in addition. */
  add(other: FrameSum): void {
    for (const [name, counters] of other.definitions) this.of(name).add(counters)
    this.total.add(other.total)
    for (const name of SIZES) this.process[name] += other.process[name]
    for (const name of EVENTS) this.process[name] += other.process[name]
  }

  /** Forgets the sizes, before those of a later moment are added. */
  forgetSizes(): void {
    for (const name of SIZES) this.process[name] = 0
  }

  reset(): void {
    this.total.reset()
    for (const counters of this.definitions.values()) counters.reset()
    for (const name of SIZES) this.process[name] = 0
    for (const name of EVENTS) this.process[name] = 0
  }

  get memory(): MemoryFigures {
    const { entries, bytes, maxEntries, maxBytes, evictions, expirations, refusals } = this.process
    return { entries, bytes, maxEntries, maxBytes, evictions, expirations, refusals }
  }
}
