import { Collector, SETTLED } from './batches.js'
import type { Flight } from './flights.js'
import type { Tiers } from './tiers.js'

/** Answers to this many questions at once, or more, are given in two halves. */
const LEAST_IN_HALVES = 16
/** Reads that follow each other at once, and share a reading of a clock: it costs more than looking into memory. */
const READS_PER_READING = 8

/** Who goes on from the answers. */
export interface Asker {
  /** What the remote tier holds, as read after `confirmedAt`, up to which the log was known; `now` is wall time. */
  answered(flight: Flight, bytes: Uint8Array | undefined, confirmedAt: number, now: number): void
  /** The remote tier failed. */
  unanswered(flight: Flight, error: unknown): void
}

/**
 * What flights ask the remote tier. The questions of one run of microtasks are asked together, and need no promise of
 * their own. While they gather, and while they are answered, one thing follows another at once: eight reads share a
 * reading of the clocks.
 */
export class Questions {
  readonly #tiers: Tiers
  readonly #asker: Asker
  readonly #gathering: Collector<Flight>
  /** Requests that are under way. */
  #asking = 0
  #beginsAt = 0
  #beginsAtMonotonic = 0
  /** 0 while no answers are being given. */
  #answersAt = 0

  constructor(tiers: Tiers, asker: Asker) {
    this.#tiers = tiers
    this.#asker = asker
    this.#gathering = new Collector((flights) => this.#ask(flights))
  }

  push(flight: Flight): void {
    this.#gathering.push(flight)
  }

  /** Wall time of a read that begins. */
  now(): number {
    if (this.#isTime(this.#gathering.size)) this.#beginsAt = this.#tiers.clock.now()
    return this.#beginsAt
  }

  /** Monotonic time of a read that begins. */
  beginning(): number {
    if (this.#isTime(this.#gathering.size)) this.#beginsAtMonotonic = this.#tiers.clock.monotonic()
    return this.#beginsAtMonotonic
  }

  /** Monotonic time of a read that is answered. */
  end(): number {
    return this.#answersAt === 0 ? this.#tiers.clock.monotonic() : this.#answersAt
  }

  #isTime(reads: number): boolean {
    return reads % READS_PER_READING === 0
  }

  #ask(flights: readonly Flight[]): void {
    const { clock, log, remote } = this.#tiers
    const { confirmedAt } = log
    const startedAt = clock.monotonic()
    for (const flight of flights) flight.begun = true
    const failed = (error: unknown) => {
      this.#asking--
      for (const flight of flights) this.#asker.unanswered(flight, error)
    }
    const answered = (answers: readonly (Uint8Array | undefined)[]) => {
      this.#asking--
      const durationMs = clock.monotonic() - startedAt
      for (const { family } of flights) family.counters.remoteTime.record(durationMs)
      // Readers send their next requests a few microtasks after they are answered. When no other request is under way,
      // the second half is decoded only then, while the remote tier works on those requests.
      const all = flights.length
      const first = this.#asking === 0 && all >= LEAST_IN_HALVES ? all >> 1 : all
      this.#answer(flights, answers, 0, first, confirmedAt)
      if (first < all)
        void SETTLED.then(() => SETTLED).then(() => this.#answer(flights, answers, first, all, confirmedAt))
    }
    this.#asking++
    try {
      remote.get(flights.map(({ key }) => key)).then(answered, failed)
    } catch (error) {
      failed(error)
    }
  }

  #answer(
    flights: readonly Flight[],
    answers: readonly (Uint8Array | undefined)[],
    from: number,
    to: number,
    confirmedAt: number,
  ): void {
    const { clock } = this.#tiers
    const now = clock.now()
    try {
      for (let at = from; at < to; at++) {
        if (this.#isTime(at - from)) this.#answersAt = clock.monotonic()
        this.#asker.answered(flights[at]!, answers[at], confirmedAt, now)
      }
    } finally {
      this.#answersAt = 0
    }
  }
}
