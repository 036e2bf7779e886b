import { contain } from './contain.js'
import type { EntryState } from './entry.js'
import { invalidOption } from './errors.js'
import type { TierName } from './events.js'
import type { LogStats } from './stats.js'

/** A read that was answered with a value, as a sampling listener is told of it. */
export interface SampledRead {
  readonly key: string
  /** '' for a call without a definition. */
  readonly definition: string
  /** The arguments of the definition's key; empty for a call without a definition. */
  readonly args: readonly unknown[]
  /** What the reader got; a copy under `isolate: 'clone'`. Not to be changed. */
  readonly value: unknown
  readonly tier: TierName
  readonly state: EntryState
  /** Wall time of the answer. */
  readonly at: number
  /** How well this node heard the invalidation log at that time. */
  readonly log: LogStats
}

interface Subscriber {
  readonly share: number
  readonly listener: (read: SampledRead) => void
  /** Reads until the next one that it is given. */
  left: number
}

/** The longest gap between two samples: it still counts down as a small integer. */
const LONGEST_GAP = 1_000_000_000

/**
 * A draw among reads: each subscriber is given its share of them, every read with the same chance whatever came before
 * (gaps are geometrically distributed), so that traffic with a rhythm is not misjudged. Reads that nobody is
 * given are counted, one by one or many at a time.
 */
export class ReadSampling {
  readonly #random: () => number
  readonly #onListenerError: (error: unknown) => void
  #subscribers: readonly Subscriber[] = []
  /** Reads until the next that anybody is given, and what it was counted down from. */
  #left = 0
  #gap = 0

  constructor(random: () => number, onListenerError: (error: unknown) => void) {
    this.#random = random
    this.#onListenerError = onListenerError
  }

  get idle(): boolean {
    return this.#subscribers.length === 0
  }

  subscribe(share: number, listener: (read: SampledRead) => void): () => void {
    if (typeof share !== 'number' || !(share > 0 && share <= 1))
      throw invalidOption('share', share, 'a share of the reads above 0, at most 1')
    if (typeof listener !== 'function') throw invalidOption('listener', listener, 'a function (read) => void')
    const subscriber = { share, listener, left: this.#draw(share) }
    this.#settle()
    this.#subscribers = [...this.#subscribers, subscriber]
    this.#wind()
    return () => {
      this.#settle()
      this.#subscribers = this.#subscribers.filter((one) => one !== subscriber)
      this.#wind()
    }
  }

  /** Reads that nobody is given, before the next that somebody is. */
  get unclaimed(): number {
    return Math.max(0, this.#left - 1)
  }

  /** Counts reads that nobody is given. */
  pass(reads: number): void {
    this.#left -= reads
  }

  /** Counts one read; whether somebody is to be given it, by {@link give}. */
  isDue(): boolean {
    return --this.#left <= 0
  }

  give(read: SampledRead): void {
    this.#settle()
    const due = this.#subscribers.filter(({ left }) => left <= 0)
    for (const subscriber of due) subscriber.left = this.#draw(subscriber.share)
    this.#wind()
    for (const { listener } of due) contain(listener, read, this.#onListenerError)
  }

  /** Brings every subscriber's count up to date. */
  #settle(): void {
    const passed = this.#gap - this.#left
    for (const subscriber of this.#subscribers) subscriber.left -= passed
    this.#gap = this.#left
  }

  #wind(): void {
    this.#gap = this.#subscribers.reduce((least, { left }) => Math.min(least, left), LONGEST_GAP)
    this.#left = this.#gap
  }

  /** Reads up to and including the next success of trials that succeed with probability `share`. */
  #draw(share: number): number {
    if (share === 1) return 1
    return Math.min(LONGEST_GAP, 1 + Math.floor(Math.log(1 - this.#random()) / Math.log1p(-share)))
  }
}
