import type { Clock, Timer } from '../../ports.js'
import type { CacheStats } from '../../stats.js'
import { type CacheCounters, COUNTERS, DefinitionCounters, DISTRIBUTIONS } from '../counters.js'
import { EVENTS, FrameSum, noProcessFigures, type ProcessFigures, SIZES } from './frame.js'
import { SERIES, Series } from './series.js'

const SAMPLE_MS = 1_000

/** What is sampled beside the counters; the figures of `cache.stats()` without its percentiles. */
export type ProcessStats = Pick<CacheStats, 'memory' | 'log' | 'flights'>

/** Takes the difference of the counters once a second, and adds it to every series. */
export class Sampler {
  readonly series: readonly Series[] = SERIES.map((shape) => new Series(shape))
  readonly #counters: CacheCounters
  readonly #process: () => ProcessStats
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  readonly #before = new Map<string, DefinitionCounters>()
  readonly #scratch = new FrameSum()
  #eventsBefore: ProcessFigures = noProcessFigures()
  #sampledAt: number
  #timer: Timer

  constructor(options: {
    readonly counters: CacheCounters
    readonly process: () => ProcessStats
    readonly clock: Clock
    readonly failed: (error: unknown) => void
  }) {
    this.#counters = options.counters
    this.#process = options.process
    this.#clock = options.clock
    this.#failed = options.failed
    // What was counted before this began is part of the first sample.
    this.#sampledAt = this.#clock.now() - Math.min(SAMPLE_MS, options.counters.uptimeMs())
    this.#schedule()
  }

  /** Samples now, so that the caller sees what has just happened. */
  sample(): void {
    const now = this.#clock.now()
    // A wall clock that was set back counts from here on.
    const durationMs = Math.max(0, now - this.#sampledAt)
    this.#takeDifference()
    for (const series of this.series) series.add(this.#scratch, now, durationMs)
    this.#sampledAt = now
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(): void {
    const untilNext = SAMPLE_MS - (this.#clock.now() % SAMPLE_MS)
    this.#timer = this.#clock.setTimeout(() => {
      try {
        this.sample()
      } catch (error) {
        this.#failed(error)
      }
      this.#schedule()
    }, untilNext)
  }

  #takeDifference(): void {
    const sum = this.#scratch
    sum.reset()
    for (const [name, now] of this.#counters.definitions) {
      const before = this.#before.get(name) ?? new DefinitionCounters()
      this.#before.set(name, before)
      const difference = sum.of(name)
      for (const counter of COUNTERS) difference[counter] = now[counter] - before[counter]
      for (const distribution of DISTRIBUTIONS) {
        difference[distribution].setDifference(now[distribution], before[distribution])
        before[distribution].copyFrom(now[distribution])
      }
      for (const counter of COUNTERS) before[counter] = now[counter]
      sum.total.add(difference)
    }
    const figures = processFigures(this.#process())
    for (const name of SIZES) sum.process[name] = figures[name]
    for (const name of EVENTS) sum.process[name] = figures[name] - this.#eventsBefore[name]
    this.#eventsBefore = figures
  }
}

function processFigures({ memory, log, flights }: ProcessStats): ProcessFigures {
  const { entries, bytes, maxEntries, maxBytes, evictions, expirations, refusals } = memory
  return {
    entries,
    bytes,
    maxEntries,
    maxBytes,
    flights,
    evictions,
    expirations,
    refusals,
    repairs: log.repairs,
    losses: log.losses,
  }
}
