import { Collector, SETTLED } from './batches.js'
import type { Flight } from './flights.js'
import type { BoundLoader } from './load-context.js'
import type { Family, Tiers } from './tiers.js'

/** Answers to this many questions at once, or more, are given in two halves. */
const LEAST_IN_HALVES = 16
/** Reads that follow each other at once, and share a reading of a clock: it costs more than looking into memory. */
const READS_PER_READING = 8

/** A flight that asks the remote tier at once, with all that is needed to go on from its answer. */
export class Question {
  readonly flight: Flight
  readonly family: Family
  readonly bound: BoundLoader | undefined
  readonly args: readonly unknown[]

  constructor(flight: Flight, family: Family, bound: BoundLoader | undefined, args: readonly unknown[]) {
    this.flight = flight
    this.family = family
    this.bound = bound
    this.args = args
  }
}

/** Who goes on from the answers. */
export interface Asker {
  /** What the remote tier holds, as read after `confirmedAt`, up to which the log was known; `now` is wall time. */
  answered(question: Question, bytes: Uint8Array | undefined, confirmedAt: number, now: number): void
  /** The remote tier failed. */
  unanswered(question: Question, error: unknown): void
}

/**
 * Questions to the remote tier. Those of one run of microtasks are asked together, and need no promise of their own.
 * While they gather, and while they are answered, one thing follows another at once: eight reads share a reading of the
 * clocks.
 */
export class Questions {
  readonly #tiers: Tiers
  readonly #asker: Asker
  readonly #gathering: Collector<Question>
  /** Requests that are under way. */
  #asking = 0
  #beginsAt = 0
  #beginsAtMonotonic = 0
  /** 0 while no answers are being given. */
  #answersAt = 0

  constructor(tiers: Tiers, asker: Asker) {
    this.#tiers = tiers
    this.#asker = asker
    this.#gathering = new Collector((questions) => this.#ask(questions))
  }

  push(question: Question): void {
    this.#gathering.push(question)
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

  #ask(questions: readonly Question[]): void {
    const { clock, log, remote } = this.#tiers
    const { confirmedAt } = log
    const startedAt = clock.monotonic()
    for (const { flight } of questions) flight.begun = true
    const failed = (error: unknown) => {
      this.#asking--
      for (const question of questions) this.#asker.unanswered(question, error)
    }
    const answered = (answers: readonly (Uint8Array | undefined)[]) => {
      this.#asking--
      const durationMs = clock.monotonic() - startedAt
      for (const { family } of questions) family.counters.remoteTime.record(durationMs)
      // Readers send their next requests a few microtasks after they are answered. When no other request is under way,
      // the second half is decoded only then, while the remote tier works on those requests.
      const all = questions.length
      const first = this.#asking === 0 && all >= LEAST_IN_HALVES ? all >> 1 : all
      this.#answer(questions, answers, 0, first, confirmedAt)
      if (first < all)
        void SETTLED.then(() => SETTLED).then(() => this.#answer(questions, answers, first, all, confirmedAt))
    }
    this.#asking++
    try {
      remote.get(questions.map(({ flight }) => flight.key)).then(answered, failed)
    } catch (error) {
      failed(error)
    }
  }

  #answer(
    questions: readonly Question[],
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
        this.#asker.answered(questions[at]!, answers[at], confirmedAt, now)
      }
    } finally {
      this.#answersAt = 0
    }
  }
}
