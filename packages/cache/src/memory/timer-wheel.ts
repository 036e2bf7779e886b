/** Buckets of a level, and how many of them make one bucket of the level above. */
const BUCKETS = 64
/** Milliseconds that one bucket of each level spans: 1 ms, 64 ms, 4.1 s, 4.4 min, 4.7 h, 12.4 d; 2.2 years in all. */
const SPANS = [1, 64, 4_096, 262_144, 16_777_216, 1_073_741_824] as const
const LEVELS = SPANS.length
const REACH = BUCKETS * SPANS[LEVELS - 1]!
/** The list of slots that are due, after the buckets of all levels. */
const DUE = LEVELS * BUCKETS
const NONE = -1
/** Expired slots may wait this long, so that those of one window share one wake-up. A power of `BUCKETS`. */
export const WINDOW_MS = 64

/**
 * A hierarchical timer wheel over slots: which entries are past their deadline, in O(1) per entry whatever their number
 * and deadlines (Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 7). Level 0 has one bucket
 * for each of the next 64 ms, level 1 one for each 64 ms after that, and so on; a bucket of a higher level is emptied
 * into the lower ones when its time begins. Deadlines count to the millisecond, rounded up.
 *
 * It has no timer of its own: the owner asks {@link nextWake} when to look again, and calls {@link expire} until it
 * returns -1. Times are wall time in milliseconds. A clock that was set back is noticed and the wheel is rebuilt.
 */
export class TimerWheel {
  /** First slot of each bucket, and of the due list. */
  readonly #first = new Int32Array(DUE + 1).fill(NONE)
  readonly #slotsOnLevel = new Int32Array(LEVELS + 1)
  #next = new Int32Array(0)
  #previous = new Int32Array(0)
  /** The bucket that a slot is in; `NONE` when it is not scheduled. */
  #bucketOf = new Int16Array(0)
  #deadlines = new Float64Array(0)
  /** Millisecond up to which every bucket has been opened. */
  #current: number
  /** Not later than the beginning of the first bucket that holds a slot. */
  #soonest = Number.POSITIVE_INFINITY
  #size = 0

  constructor(now: number) {
    this.#current = Math.floor(now)
  }

  /** Slots that have a deadline. */
  get size(): number {
    return this.#size
  }

  grow(capacity: number): void {
    const known = this.#bucketOf.length
    const bucketOf = new Int16Array(capacity).fill(NONE, known)
    bucketOf.set(this.#bucketOf)
    this.#bucketOf = bucketOf
    this.#next = grown(new Int32Array(capacity), this.#next)
    this.#previous = grown(new Int32Array(capacity), this.#previous)
    this.#deadlines = grown(new Float64Array(capacity), this.#deadlines)
  }

  /** Sets the deadline of a slot, whether or not it had one; `Infinity` never comes. */
  schedule(slot: number, deadline: number, now: number): void {
    this.cancel(slot)
    if (!(deadline < Number.POSITIVE_INFINITY)) return
    const tick = Math.floor(now)
    if (tick < this.#current) this.#rebuild(tick)
    else if (this.#size === 0) this.#current = tick
    this.#deadlines[slot] = Math.ceil(deadline)
    this.#place(slot)
    this.#size++
  }

  cancel(slot: number): void {
    if (this.#bucketOf[slot] === NONE) return
    this.#unlink(slot)
    this.#size--
    if (this.#size === 0) this.#soonest = Number.POSITIVE_INFINITY
  }

  /** A slot whose deadline is not after `now`, no longer scheduled; -1 when there is none. */
  expire(now: number): number {
    const target = Math.floor(now)
    if (target < this.#current) this.#rebuild(target)
    for (;;) {
      const slot = this.#first[DUE]!
      if (slot !== NONE) {
        this.cancel(slot)
        return slot
      }
      if (this.#soonest > target) return NONE
      const opening = this.#firstBucket()
      this.#soonest = opening
      if (opening > target) {
        this.#current = target
        return NONE
      }
      this.#current = opening
      this.#open()
    }
  }

  /** Wall time by which {@link expire} should be called; Infinity when nothing is scheduled. Never late by a window. */
  nextWake(): number {
    if (this.#first[DUE] !== NONE) return this.#current
    return windowEnd(this.#soonest)
  }

  #place(slot: number): void {
    const ahead = this.#deadlines[slot]! - this.#current
    if (ahead <= 0) {
      this.#link(slot, DUE)
      return
    }
    let level = 0
    while (level < LEVELS - 1 && ahead >= SPANS[level + 1]!) level++
    const span = SPANS[level]!
    // Beyond the reach of the wheel: into its last bucket, to be placed again when that is opened.
    const deadline = ahead < REACH ? this.#deadlines[slot]! : this.#current + REACH - span
    const position = Math.floor(deadline / span)
    this.#link(slot, level * BUCKETS + (position % BUCKETS))
    this.#soonest = Math.min(this.#soonest, position * span)
  }

  /** Empties the buckets that begin now into lower levels and the due list. */
  #open(): void {
    for (let level = LEVELS - 1; level >= 0; level--) {
      const span = SPANS[level]!
      if (this.#current % span !== 0) continue
      const bucket = level * BUCKETS + ((this.#current / span) % BUCKETS)
      // What is placed again never returns to this bucket: less than its span is left, or it goes to the farthest one.
      for (let slot = this.#first[bucket]!; slot !== NONE; slot = this.#first[bucket]!) {
        this.#unlink(slot)
        this.#place(slot)
      }
    }
  }

  /** When the first bucket that holds a slot begins. Infinity when all are empty. */
  #firstBucket(): number {
    let soonest = Number.POSITIVE_INFINITY
    for (let level = 0; level < LEVELS; level++) {
      if (this.#slotsOnLevel[level] === 0) continue
      const span = SPANS[level]!
      const position = Math.floor(this.#current / span)
      for (let ahead = 1; ahead <= BUCKETS; ahead++) {
        if (this.#first[level * BUCKETS + ((position + ahead) % BUCKETS)] === NONE) continue
        soonest = Math.min(soonest, (position + ahead) * span)
        break
      }
    }
    return soonest
  }

  /** The clock was set back: every bucket lies relative to a moment that is in the future again. */
  #rebuild(current: number): void {
    const slots: number[] = []
    for (const first of this.#first) {
      for (let slot = first; slot !== NONE; slot = this.#next[slot]!) slots.push(slot)
    }
    this.#current = current
    this.#soonest = Number.POSITIVE_INFINITY
    for (const slot of slots) {
      this.#unlink(slot)
      this.#place(slot)
    }
  }

  #link(slot: number, bucket: number): void {
    const first = this.#first[bucket]!
    this.#bucketOf[slot] = bucket
    this.#previous[slot] = NONE
    this.#next[slot] = first
    if (first !== NONE) this.#previous[first] = slot
    this.#first[bucket] = slot
    this.#slotsOnLevel[bucket >> 6]!++
  }

  #unlink(slot: number): void {
    const bucket = this.#bucketOf[slot]!
    const previous = this.#previous[slot]!
    const next = this.#next[slot]!
    if (previous === NONE) this.#first[bucket] = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
    this.#bucketOf[slot] = NONE
    this.#slotsOnLevel[bucket >> 6]!--
  }
}

/** The end of the window that a moment falls in: by then all that falls due in the window can be taken at once. */
function windowEnd(time: number): number {
  return (Math.floor(time / WINDOW_MS) + 1) * WINDOW_MS
}

function grown<T extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(larger: T, smaller: T): T {
  larger.set(smaller)
  return larger
}
