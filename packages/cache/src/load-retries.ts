import type { Clock } from './ports.js'

/** No pause is longer. */
const LONGEST_PAUSE_MS = 30_000

/**
 * Pauses before a load is tried again: drawn between 0 and a bound that doubles each time ("full jitter", Brooker,
 * "Exponential Backoff and Jitter", AWS 2015). Loads that ask in the same moment for the same attempt share one pause,
 * so that keys which one `loadMany` failed to load are asked for in one `loadMany` again.
 */
export class LoadRetries {
  readonly #clock: Clock
  readonly #shared = new Map<number, { readonly askedAt: number; readonly pause: Promise<void> }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves when the load may be tried again after its failure number `attempt` (1, 2, ...). `delayMs` bounds the
   * first.
   */
  pause(attempt: number, delayMs: number): Promise<void> {
    const askedAt = this.#clock.now()
    const shared = this.#shared.get(attempt)
    if (shared?.askedAt === askedAt) return shared.pause
    const most = Math.min(LONGEST_PAUSE_MS, delayMs * 2 ** (attempt - 1))
    const pause = new Promise<void>((resolve) => {
      this.#clock.setTimeout(resolve, this.#clock.random() * most)
    })
    this.#shared.set(attempt, { askedAt, pause })
    return pause
  }
}
