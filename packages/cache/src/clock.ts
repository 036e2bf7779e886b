import type { Clock } from './ports.js'

/** Not looked up at each reading: in Node.js the global is a getter. */
const { performance } = globalThis
/** What a timer of Node.js takes at most: beyond, it fires at once. */
const LONGEST_DELAY_MS = 2_147_483_647

/** Timers of Node.js one after the other, for a longer delay. Cut short, the sweep would begin too early. */
class LongTimer {
  #timer: NodeJS.Timeout | undefined

  constructor(callback: () => void, delayMs: number) {
    this.#wait(callback, delayMs)
  }

  clear(): void {
    clearTimeout(this.#timer)
  }

  #wait(callback: () => void, leftMs: number): void {
    const then = leftMs > LONGEST_DELAY_MS ? () => this.#wait(callback, leftMs - LONGEST_DELAY_MS) : callback
    this.#timer = setTimeout(then, Math.min(leftMs, LONGEST_DELAY_MS))
    this.#timer.unref()
  }
}

/** The machine's own time. Timers are unreferenced: a cache never keeps a finished process alive but to be closed. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs) {
    if (delayMs === Number.POSITIVE_INFINITY) return undefined
    if (delayMs > LONGEST_DELAY_MS) return new LongTimer(callback, delayMs)
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return timer
  },
  clearTimeout(timer) {
    if (timer instanceof LongTimer) timer.clear()
    else clearTimeout(timer as NodeJS.Timeout | undefined)
  },
  // Not unreferenced: the event loop would then sleep before it runs this. It runs once, and so keeps no process alive.
  afterTurn: (callback) => void setImmediate(callback),
  keepAlive() {
    const timer = setInterval(() => undefined, LONGEST_DELAY_MS)
    return () => clearInterval(timer)
  },
  random: () => Math.random(),
}

/** This many readings of the clock within {@link BURST_MS} are a burst. */
const BURST_READINGS = 16
const BURST_MS = 1
/** Reads in a burst that share one reading of the clock. */
const READS_PER_READING = 32
/** Ticks stay well below 2^31: V8 would box larger numbers. */
const LONGEST_TICK = 2 ** 30

/**
 * The time of memory hits. Reading the machine's clock costs nearly half of a hit, so in a burst (16 reads within a
 * millisecond) 32 reads share one reading. A burst ends with the turn of the event loop in which it began, and when
 * reads come more slowly again; outside of bursts each read has the exact time. Clocks that cannot tell when a turn is
 * over (see {@link Clock.afterTurn}) are read each time.
 *
 * A reader does `if (--recent.left < 0) recent.look()` and then uses {@link time} or {@link tick}. Whatever else it
 * looks at then holds for the reads that go by as well: code that changes it calls {@link interrupt}.
 */
export class RecentTime {
  /** Wall time in milliseconds. */
  time = 0
  /** The same in whole milliseconds since an arbitrary beginning: a small integer. */
  tick = 0
  /** Reads that may go by before the clock is read again. */
  left = 0
  /** Grows when ticks begin anew; earlier ticks then mean nothing. */
  beginnings = 0
  readonly #clock: Clock
  /** Reads that may go by between the last look and the next; {@link left} of them have yet to come. */
  #allowed = 0
  #beginning: number
  #readings = 0
  #firstReading = Number.NEGATIVE_INFINITY
  #bursting = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.time = clock.now()
    this.#beginning = Math.floor(this.time)
  }

  /** The next read looks. */
  interrupt(): void {
    this.limit(0)
  }

  /** At most this many reads go by before the next one looks. */
  limit(reads: number): void {
    const tooMany = this.left - reads
    if (tooMany <= 0) return
    this.#allowed -= tooMany
    this.left = reads
  }

  /** The one that has just gone by was none. */
  discount(): void {
    this.#allowed--
  }

  /** Reads the clock; returns how many reads have gone by since the last look. */
  look(): number {
    const time = this.#clock.now()
    const passed = this.#allowed - Math.max(0, this.left)
    if (this.#bursting) this.#bursting = time - this.time <= BURST_MS
    else if (this.#isBurst(time)) this.#begin()
    this.#allowed = this.#bursting ? READS_PER_READING - 1 : 0
    this.left = this.#allowed
    this.time = time
    this.tick = Math.floor(time - this.#beginning)
    if (Math.abs(this.tick) > LONGEST_TICK) {
      this.#beginning = Math.floor(time)
      this.tick = 0
      this.beginnings++
    }
    return passed
  }

  /** The tick before which `time` has not come; at most 12 days ahead. */
  tickOf(time: number): number {
    return Math.min(Math.floor(time - this.#beginning), this.tick + LONGEST_TICK)
  }

  #isBurst(time: number): boolean {
    if (this.#clock.afterTurn === undefined || ++this.#readings < BURST_READINGS) return false
    const first = this.#firstReading
    this.#readings = 0
    this.#firstReading = time
    return Math.abs(time - first) <= BURST_MS
  }

  #begin(): void {
    this.#bursting = true
    this.#clock.afterTurn?.(this.#turnOver)
  }

  readonly #turnOver = (): void => {
    this.#bursting = false
    this.interrupt()
  }
}
