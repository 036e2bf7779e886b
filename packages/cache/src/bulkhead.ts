import { CacheOverloadedError, invalidOption, refuseUnknown } from './errors.js'

/** How many loads of a definition may be under way at a time. */
export interface BulkheadOptions {
  /** Loads under way at most (calls of `loadMany`, where there is one): a whole number of at least 1. */
  concurrency: number
  /** Loads that wait for their turn at most; a further one is refused. Default: four times `concurrency`. */
  queue?: number
}

export interface BulkheadLimits {
  readonly concurrency: number
  readonly queue: number
}

const QUEUE_PER_PLACE = 4
/** Nothing is refused and nothing waits. */
export const UNLIMITED: BulkheadLimits = Object.freeze({ concurrency: Number.POSITIVE_INFINITY, queue: 0 })
const OPTION_NAMES = new Set(['concurrency', 'queue'])

/** Validates and completes the option; `undefined` leaves it as it was, `false` lifts the limits. */
export function resolveBulkhead(
  where: string,
  options: BulkheadOptions | false | undefined,
  before: BulkheadLimits = UNLIMITED,
): BulkheadLimits {
  if (options === undefined) return before
  if (options === false) return UNLIMITED
  if (typeof options !== 'object' || options === null)
    throw invalidOption(where, options, 'false or { concurrency, queue }')
  refuseUnknown(where, options, OPTION_NAMES)
  const { concurrency, queue = concurrency * QUEUE_PER_PLACE } = options
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw invalidOption(`${where}.concurrency`, concurrency, 'a whole number of at least 1')
  if (!Number.isSafeInteger(queue) || queue < 0)
    throw invalidOption(`${where}.queue`, queue, 'a whole number of at least 0')
  return Object.freeze({ concurrency, queue })
}

/** A load's place among those of its definition: under way, or in the queue until its turn comes. */
export interface Place {
  readonly admitted: boolean
  /** Resolves when it is admitted, or will never be because it left or the bulkhead closed. */
  readonly turn: Promise<void>
  /** Gives the place to the next in the queue. Idempotent. */
  leave(): void
}

/**
 * Bounds the loads of one definition, so that a slow origin holds up its own readers and not the process (Nygard,
 * "Release It!"): a fixed number at a time, then a queue of bounded length, first come first served. A place is given
 * back when the load has really ended, also when nobody waits for it any more.
 */
export class Bulkhead {
  readonly #definition: string
  readonly #limits: BulkheadLimits
  readonly #queue = new Set<QueuedPlace>()
  #running = 0

  constructor(definition: string, limits: BulkheadLimits) {
    this.#definition = definition
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** A place under way or in the queue; throws a `CacheOverloadedError` when there is neither. */
  enter(): Place {
    const place = new QueuedPlace((left) => this.#leave(left))
    if (this.#running < this.#limits.concurrency) this.#admit(place)
    else if (this.#queue.size < this.#limits.queue) this.#queue.add(place)
    else throw new CacheOverloadedError(this.#definition, this.#running, this.#queue.size)
    return place
  }

  /** Sends everybody in the queue away, not admitted. */
  close(): void {
    for (const place of [...this.#queue]) place.leave()
  }

  #admit(place: QueuedPlace): void {
    this.#running++
    place.admit()
  }

  #leave(place: QueuedPlace): void {
    if (!place.admitted) {
      this.#queue.delete(place)
      return
    }
    this.#running--
    for (const next of this.#queue) {
      this.#queue.delete(next)
      this.#admit(next)
      return
    }
  }
}

class QueuedPlace implements Place {
  readonly #leave: (place: QueuedPlace) => void
  #call: () => void = () => undefined
  #admitted = false
  #left = false

  constructor(leave: (place: QueuedPlace) => void) {
    this.#leave = leave
  }

  /** Made when it is asked for: most places are admitted at once. */
  get turn(): Promise<void> {
    if (this.#admitted || this.#left) return Promise.resolve()
    return new Promise((resolve) => {
      const others = this.#call
      this.#call = () => {
        others()
        resolve()
      }
    })
  }

  get admitted(): boolean {
    return this.#admitted
  }

  admit(): void {
    this.#admitted = true
    this.#call()
  }

  leave(): void {
    if (this.#left) return
    this.#left = true
    this.#leave(this)
    this.#call()
  }
}
