import type { Clock, Timer } from '../ports.js'
import type { Breaker } from './breaker.js'

export interface ProberOptions {
  readonly clock: Clock
  readonly breaker: Breaker
  /** Asks the backend something cheap; rejects when it fails or is late. */
  readonly probe: () => Promise<unknown>
}

/** A backend that answers once may be about to be paused again, or answer one call in three. */
const PROBES = 3
/** The share of a rest that is drawn at random, so that the nodes of a fleet do not ask all at once. */
const JITTER = 0.3

/**
 * Finds out in the background whether a backend that was given up is back: after each rest of the breaker a few probes,
 * one after the other, all of which must be answered in time.
 */
export class Prober {
  readonly #options: ProberOptions
  #timer: Timer
  #stopped = false

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** The breaker has opened (again): probe after its rest. */
  schedule(): void {
    if (this.#stopped) return
    const { clock, breaker } = this.#options
    clock.clearTimeout(this.#timer)
    const restMs = breaker.restMs * (1 - JITTER * clock.random())
    this.#timer = clock.setTimeout(() => void this.now(), restMs)
  }

  /** There is a sign that the backend is back: probe now instead of after the rest. Never rejects. */
  async now(): Promise<void> {
    const { clock, breaker, probe } = this.#options
    if (this.#stopped || !breaker.beginProbe()) return
    clock.clearTimeout(this.#timer)
    let answered = true
    for (let count = 0; answered && count < PROBES; count++) {
      answered = await probe().then(
        () => true,
        () => false,
      )
    }
    if (this.#stopped) return
    breaker.probed(answered)
  }

  stop(): void {
    this.#stopped = true
    this.#options.clock.clearTimeout(this.#timer)
  }
}
