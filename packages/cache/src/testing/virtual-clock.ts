import type { Clock, Timer } from '../ports.js'
import { seededRandom } from '../seeded-random.js'

export interface VirtualClockOptions {
  /** Wall time at the beginning, in milliseconds since the Unix epoch. Default: 2026-01-01T00:00:00Z. */
  readonly start?: number
  /** Seed of `random()`. Default 1. */
  readonly seed?: number
}

/**
 * A {@link Clock} that stands still until it is told to move. Timers fire in the order of their due time, and in the
 * order in which they were set when that is equal. Before the first timer, after each, and at the end, everything that
 * was waiting only for promises (not for sockets or threads) has run: a test sees the same interleaving every time.
 */
export interface VirtualClock extends Clock {
  /** Timers that have neither fired nor been cleared. */
  readonly pending: number
  /** Moves time forward by `ms`, firing what falls due. Rejects with the error of a callback that throws. */
  advance(ms: number): Promise<void>
  /** Moves time to each timer in turn until none is left; rejects after 100,000 (a timer that always sets another). */
  runAll(): Promise<void>
  /**
   * Moves time, timer by timer, until `promise` settles, and settles as it does. Rejects when no timer is left that
   * could settle it, or after `withinMs` of virtual time (default: one hour).
   */
  runUntil<T>(promise: Promise<T>, withinMs?: number): Promise<T>
  /** Lets everything that waits only for promises run, without moving time. */
  flush(): Promise<void>
}

interface ScheduledTimer {
  readonly dueAt: number
  readonly callback: () => void
}

const MAX_TIMERS_PER_RUN = 100_000
const DEFAULT_START = Date.UTC(2026, 0, 1)

export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new SteppedClock(options.start ?? DEFAULT_START, seededRandom(options.seed ?? 1))
}

class SteppedClock implements VirtualClock {
  readonly random: () => number
  readonly #start: number
  #now: number
  /** In firing order. */
  readonly #timers: ScheduledTimer[] = []
  #running = false

  constructor(start: number, random: () => number) {
    this.#start = start
    this.#now = start
    this.random = random
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#start
  }

  get pending(): number {
    return this.#timers.length
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('setTimeout: a delay of NaN ms would fire at once on a real clock')
    if (delayMs === Number.POSITIVE_INFINITY) return undefined
    const timer: ScheduledTimer = { dueAt: this.#now + Math.max(0, delayMs), callback }
    this.#timers.splice(this.#firstDueAfter(timer.dueAt), 0, timer)
    return timer
  }

  clearTimeout(timer: Timer): void {
    const index = this.#timers.indexOf(timer as ScheduledTimer)
    if (index >= 0) this.#timers.splice(index, 1)
  }

  /** Time moves only after a flush, which ends the turn. */
  afterTurn(callback: () => void): void {
    setImmediate(callback)
  }

  advance(ms: number): Promise<void> {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      return Promise.reject(
        new RangeError(`advance: expected a finite number of milliseconds of at least 0, got ${ms}`),
      )
    }
    return this.#exclusively('advance', async () => {
      const until = this.#now + ms
      await this.#fire(() => (this.#timers[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= until)
      this.#now = until
    })
  }

  runAll(): Promise<void> {
    return this.#exclusively('runAll', () => this.#fire(() => this.#timers.length > 0))
  }

  async runUntil<T>(promise: Promise<T>, withinMs = 3_600_000): Promise<T> {
    let settled = false
    const settle = () => {
      settled = true
    }
    promise.then(settle, settle)
    const until = this.#now + withinMs
    await this.#exclusively('runUntil', () =>
      this.#fire(() => {
        if (settled) return false
        const next = this.#timers[0]
        if (next === undefined)
          throw new Error('runUntil: the promise is pending and no timer is left that could settle it')
        if (next.dueAt > until)
          throw new Error(`runUntil: the promise is still pending after ${withinMs} ms of virtual time`)
        return true
      }),
    )
    return promise
  }

  flush(): Promise<void> {
    // A macrotask begins only when no microtask is left, however long their chain.
    return new Promise((resolve) => setImmediate(resolve))
  }

  /** Fires the next timer for as long as `wanted()`, which is asked when nothing else can run. */
  async #fire(wanted: () => boolean): Promise<void> {
    await this.flush()
    for (let fired = 0; wanted(); fired++) {
      if (fired === MAX_TIMERS_PER_RUN) {
        throw new Error(
          `virtual clock: ${MAX_TIMERS_PER_RUN} timers fired in one run; one of them keeps setting another`,
        )
      }
      const timer = this.#timers.shift() as ScheduledTimer
      this.#now = timer.dueAt
      timer.callback()
      await this.flush()
    }
  }

  async #exclusively(name: string, run: () => Promise<void>): Promise<void> {
    if (this.#running) throw new Error(`${name}: the clock is already moving; await the call that moves it`)
    this.#running = true
    try {
      await run()
    } finally {
      this.#running = false
    }
  }

  /** Index of the first timer due later than `dueAt`: equal ones keep the order in which they were set. */
  #firstDueAfter(dueAt: number): number {
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#timers[middle] as ScheduledTimer).dueAt <= dueAt) low = middle + 1
      else high = middle
    }
    return low
  }
}
