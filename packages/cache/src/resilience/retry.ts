import { CacheError } from '../errors.js'
import type { Clock } from '../ports.js'

const LEAST_DELAY_MS = 5
const MOST_DELAY_MS = 20
/** Retries that calls pay for: each call earns a tenth of one, and at most ten are saved up. */
const EARNED_PER_CALL = 0.1
const MOST_SAVED = 10

/** Makes an answer of a failure, or fails with it. */
export type Recover<T> = (error: unknown) => Promise<T>

/**
 * A second attempt for calls that are safe to repeat, after a random delay ("full jitter", Brooker, AWS 2015) and
 * within a budget: in the long run one call in ten, so that a backend in trouble does not get twice the load (Dean and
 * Barroso, "The Tail at Scale"). Only a backend that answered that it cannot serve *now* (loading, a failover under
 * way) is asked again: one that is late has had its time, and a refusal would be the same.
 */
export class Retry {
  readonly #clock: Clock
  #saved = MOST_SAVED

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * `act` makes an attempt and answers as it does; when it fails, as what `recover` makes of the failure, if there is
   * one. `stillWanted` is asked after the delay: not when the backend was given up meanwhile.
   */
  run<T>(act: (recover?: Recover<T>) => Promise<T>, stillWanted: () => boolean): Promise<T> {
    this.#saved = Math.min(MOST_SAVED, this.#saved + EARNED_PER_CALL)
    return act((error) => this.#again(error, act, stillWanted))
  }

  async #again<T>(error: unknown, act: () => Promise<T>, stillWanted: () => boolean): Promise<T> {
    if (!(error instanceof CacheError) || error.code !== 'remote-unavailable') throw error
    if (this.#saved < 1 || !stillWanted()) throw error
    this.#saved--
    const delayMs = LEAST_DELAY_MS + this.#clock.random() * (MOST_DELAY_MS - LEAST_DELAY_MS)
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, delayMs))
    if (!stillWanted()) throw error
    return act()
  }
}
