/** Buckets of a level, and how many of them make one bucket of the level above. A power of 2. */
const BUCKETS = 64
/** Milliseconds that one bucket of each level spans: 1 ms, 64 ms, 4.1 s, 4.4 min, 4.7 h, 12.4 d; 2.2 years in all. */
const SPANS = [1, 64, 4_096, 262_144, 16_777_216, 1_073_741_824] as const
const LEVELS = SPANS.length
const REACH = BUCKETS * SPANS[LEVELS - 1]!
/** The list of slots that are due, after the buckets of all levels. */
const DUE = LEVELS * BUCKETS
/** Heads of the lists, which precede the slots in the arrays of links. */
const HEADS = DUE + 1
/** Links of a slot that is in no list. */
const UNLINKED = -1
const NONE = -1
/** Expired slots may wait this long, so that those of one window share one wake-up. A power of `BUCKETS`. */
export const WINDOW_MS = 64
/** Slots of a bucket that has begun are placed again so many at a time: in a large store it may hold a million. */
const PLACED_AT_ONCE = 4

/**
 * A hierarchical timer wheel over slots: which entries are past their deadline, in O(1) per entry whatever their number
 * and deadlines (Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 7). Level 0 has one
 * bucket for each of the next 64 ms, level 1 one for each 64 ms after that, and so on; a bucket of a higher level is
 * emptied into the lower ones when its time begins. Deadlines count to the millisecond, rounded up. A deadline that is
 * put off leaves its slot where it is: when that bucket is emptied, it is placed by the deadline that it has by then.
 *
 * It has no timer of its own: the owner asks {@link nextWake} when to look again, and calls {@link expire} until it
 * returns -1 and is not behind. Times are wall time in milliseconds. A clock that was set back is noticed and the wheel
 * is rebuilt.
 */
export class TimerWheel {
  /**
   * Rings of nodes: the head of a bucket, and slots (slot + `HEADS`). A head that follows itself is an empty bucket. At
   * 2 x node lies the next one, and beside it the previous one, so that a processor fetches both together.
   */
  #links = new Int32Array(HEADS * 2).map((_, place) => place >> 1)
  readonly #deadlineOf: (slot: number) => number
  /** Millisecond up to which every bucket has been opened. */
  #current: number
  /** Not later than the beginning of the first bucket that holds a slot. */
  #soonest = Number.POSITIVE_INFINITY
  /** The end of the window that the soonest falls in: by then all that falls due in it can be taken at once. */
  #windowEnd = Number.POSITIVE_INFINITY
  /** Buckets that begin at `#current` still hold slots. */
  #isBehind = false
  #size = 0

  /** `deadlineOf` gives the deadline that a slot was last scheduled for: the owner knows it, and 8 bytes are saved. */
  constructor(now: number, deadlineOf: (slot: number) => number) {
    this.#current = Math.floor(now)
    this.#deadlineOf = deadlineOf
  }

  /** Slots that have a deadline. */
  get size(): number {
    return this.#size
  }

  /** Whether {@link expire} may have more to find than it has found. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  grow(capacity: number): void {
    const links = new Int32Array((HEADS + capacity) * 2).fill(UNLINKED, this.#links.length)
    links.set(this.#links)
    this.#links = links
  }

  /** Sets the deadline of a slot, whether or not it had one; `Infinity` never comes. */
  schedule(slot: number, deadline: number, now: number): void {
    this.cancel(slot)
    if (!(deadline < Number.POSITIVE_INFINITY)) return
    const tick = Math.floor(now)
    if (tick < this.#current) this.#rebuild(tick)
    else if (this.#size === 0) this.#current = tick
    this.#place(slot, deadline)
    this.#size++
  }

  /**
   * Changes the deadline of a slot from `before`, for which it was last scheduled. A later one costs nothing now;
   * `false` then: {@link nextWake} is what it was.
   */
  reschedule(slot: number, before: number, deadline: number, now: number): boolean {
    // What is due already must not stay where it is.
    const isPutOff = before > this.#current && before <= deadline && deadline < Number.POSITIVE_INFINITY
    if (!isPutOff) this.schedule(slot, deadline, now)
    return !isPutOff
  }

  cancel(slot: number): void {
    if (this.#links[(slot + HEADS) * 2] === UNLINKED) return
    this.#unlink(slot)
    this.#size--
    if (this.#size > 0) return
    this.#isBehind = false
    this.#expect(Number.POSITIVE_INFINITY)
  }

  /**
   * A slot whose deadline is not after `now`, no longer scheduled; -1 when none was found, and more might be when it is
   * behind: one call does little, however many slots have been waiting for this moment.
   */
  expire(now: number): number {
    const target = Math.floor(now)
    if (target < this.#current) this.#rebuild(target)
    for (let left = PLACED_AT_ONCE; ; ) {
      const due = this.#links[DUE * 2]!
      if (due !== DUE) {
        this.cancel(due - HEADS)
        return due - HEADS
      }
      if (this.#isBehind) {
        left = this.#open(left)
        if (this.#isBehind) return NONE
        continue
      }
      if (this.#soonest > target) return NONE
      const opening = this.#firstBucket()
      this.#expect(opening)
      if (opening > target) {
        this.#current = target
        return NONE
      }
      this.#current = opening
      this.#isBehind = true
    }
  }

  /** Wall time by which {@link expire} should be called; Infinity when nothing is scheduled. Never late by a window. */
  nextWake(): number {
    if (this.#isBehind || this.#links[DUE * 2] !== DUE) return this.#current
    return this.#windowEnd
  }

  #place(slot: number, deadline: number): void {
    const time = Math.ceil(deadline)
    const ahead = time - this.#current
    if (ahead <= 0) {
      this.#link(slot, DUE)
      return
    }
    let level = 0
    while (level < LEVELS - 1 && ahead >= SPANS[level + 1]!) level++
    const span = SPANS[level]!
    // Beyond the reach of the wheel: into its last bucket, to be placed again when that is opened.
    const position = Math.floor((ahead < REACH ? time : this.#current + REACH - span) / span)
    this.#link(slot, level * BUCKETS + (position & (BUCKETS - 1)))
    if (position * span < this.#soonest) this.#expect(position * span)
  }

  #expect(soonest: number): void {
    this.#soonest = soonest
    this.#windowEnd = (Math.floor(soonest / WINDOW_MS) + 1) * WINDOW_MS
  }

  /** Empties the buckets that begin now into lower levels and the due list; returns what is left of `most` slots. */
  #open(most: number): number {
    let left = most
    for (let level = LEVELS - 1; level >= 0; level--) {
      const span = SPANS[level]!
      if (this.#current % span !== 0) continue
      const bucket = level * BUCKETS + ((this.#current / span) & (BUCKETS - 1))
      // What is placed again never returns to this bucket: less than its span is left, or it goes to the farthest one.
      for (let node = this.#links[bucket * 2]!; node !== bucket; node = this.#links[bucket * 2]!) {
        if (left-- === 0) return 0
        this.#unlink(node - HEADS)
        this.#place(node - HEADS, this.#deadlineOf(node - HEADS))
      }
    }
    this.#isBehind = false
    return left
  }

  /** When the first bucket that holds a slot begins. Infinity when all are empty. */
  #firstBucket(): number {
    let soonest = Number.POSITIVE_INFINITY
    for (let level = 0; level < LEVELS; level++) {
      const span = SPANS[level]!
      const position = Math.floor(this.#current / span)
      for (let ahead = 1; ahead <= BUCKETS; ahead++) {
        const bucket = level * BUCKETS + ((position + ahead) & (BUCKETS - 1))
        if (this.#links[bucket * 2] === bucket) continue
        soonest = Math.min(soonest, (position + ahead) * span)
        break
      }
    }
    return soonest
  }

  /** The clock was set back: every bucket lies relative to a moment that is in the future again. */
  #rebuild(current: number): void {
    const slots: number[] = []
    for (let head = 0; head < HEADS; head++) {
      for (let node = this.#links[head * 2]!; node !== head; node = this.#links[node * 2]!) slots.push(node - HEADS)
    }
    this.#current = current
    this.#isBehind = false
    this.#expect(Number.POSITIVE_INFINITY)
    for (const slot of slots) {
      this.#unlink(slot)
      this.#place(slot, this.#deadlineOf(slot))
    }
  }

  #link(slot: number, bucket: number): void {
    const links = this.#links
    const node = slot + HEADS
    const first = links[bucket * 2]!
    links[node * 2] = first
    links[node * 2 + 1] = bucket
    links[first * 2 + 1] = node
    links[bucket * 2] = node
  }

  #unlink(slot: number): void {
    const links = this.#links
    const node = slot + HEADS
    const next = links[node * 2]!
    const previous = links[node * 2 + 1]!
    links[previous * 2] = next
    links[next * 2 + 1] = previous
    links[node * 2] = UNLINKED
  }
}
