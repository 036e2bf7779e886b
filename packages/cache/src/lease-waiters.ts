import type { Clock, Timer } from './ports.js'

/** Reads that wait for the end of another node's lease: woken by the remote tier, or when the lease must have ended. */
export class LeaseWaiters {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wake(key: string): void {
    for (const resume of [...(this.#waiting.get(key) ?? [])]) resume()
  }

  wakeAll(): void {
    for (const key of [...this.#waiting.keys()]) this.wake(key)
  }

  /**
   * Begins to listen at once, so that a lease that ends between the refusal and the wait is not missed. Call `within`
   * to wait for the end, at most that many milliseconds, or `cancel`.
   */
  listen(key: string): { within(ms: number): Promise<void>; cancel(): void } {
    let timer: Timer
    let resume: () => void = () => undefined
    const woken = new Promise<void>((resolve) => {
      resume = resolve
    })
    const wake = () => {
      cancel()
      resume()
    }
    const cancel = () => {
      this.#clock.clearTimeout(timer)
      const waiting = this.#waiting.get(key)
      waiting?.delete(wake)
      if (waiting?.size === 0) this.#waiting.delete(key)
    }
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting.add(wake))
    return {
      cancel,
      within: (ms) => {
        if (this.#waiting.get(key)?.has(wake)) timer = this.#clock.setTimeout(wake, ms)
        return woken
      },
    }
  }
}
