import type { Clock, Timer } from '../ports.js'
import { WINDOW_MS } from './timer-wheel.js'

/** Timers do not notice that the wall clock leapt, as it does after a machine has slept: look at it now and then. */
const MAX_DELAY_MS = 3_600_000

/**
 * The one timer of a timer wheel: set for a moment of wall time, moved only to an earlier one, so that writes seldom
 * touch it. It may fire early (when what it was set for has gone, and at least once an hour): the wheel then says when
 * next.
 */
export class WakeTimer {
  readonly #clock: Clock
  readonly #onWake: () => void
  #timer: Timer | undefined
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock, onWake: () => void) {
    this.#clock = clock
    this.#onWake = onWake
  }

  /** Sees to it that the timer fires by `wakeAt`; not at all for Infinity. */
  arm(wakeAt: number, now: number): void {
    if (wakeAt === Number.POSITIVE_INFINITY) {
      this.disarm()
      return
    }
    if (wakeAt >= this.#wakeAt && !this.isOverdue(now)) return
    this.disarm()
    const delayMs = Math.min(Math.max(0, wakeAt - now), MAX_DELAY_MS)
    this.#wakeAt = now + delayMs
    this.#timer = this.#clock.setTimeout(this.#fire, delayMs)
  }

  /** Whether the wall clock has passed the moment without the timer: it has to be armed anew. */
  isOverdue(now: number): boolean {
    return now > this.#wakeAt + WINDOW_MS
  }

  disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
  }

  readonly #fire = (): void => {
    this.#timer = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#onWake()
  }
}
