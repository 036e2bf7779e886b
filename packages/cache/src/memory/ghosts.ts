/** Ghosts that share a bucket, in a ring; of a full one the oldest is forgotten, whether early or late. */
const WAYS = 8
const WAY_MASK = WAYS - 1
/** Room is made for so much more at a time. */
const GROWTH = 1.25
/** A word holds 20 bits, into which all of the hash is mixed, and above them the moment of its going. */
const MARK_BITS = 20
const MARK_MASK = 2 ** MARK_BITS - 1
/** Moments are counted up to this, and then from 1 again: 0 is for an empty place. */
const MOMENTS = 2 ** 12 - 1
/**
 * The time in which the latest `limit` went is divided into this many moments. What is older is gone long before they
 * come round.
 */
const MOMENTS_REMEMBERED = 1_024
const EMPTY = 0

/**
 * Ghosts: which keys were last given up, without lists. A mark of each lies in the bucket of its hash with the moment
 * of its going; it is remembered while about `limit` more go (Yang et al., "FIFO queues are all you need for cache
 * eviction", SOSP 2023, section 5.2). It costs 4 bytes for each. Another key is hardly ever taken for one of them:
 * where there are many, about as seldom as two hashes are equal.
 */
export class Ghosts {
  #words = new Int32Array(0)
  /** By bucket: the place of its oldest, which is the next to be taken. */
  #oldest = new Uint8Array(0)
  #buckets = 0
  #limit = 0
  /** How many go in a moment, and how many have gone in this one. */
  #pace = 1
  #gone = 0
  #moment = 1

  /**
   * Makes room for as many as `limit` ghosts. When there was less, which is seldom, those that are there are forgotten.
   */
  reserve(limit: number): void {
    if (limit <= this.#limit) return
    this.#limit = Math.ceil(Math.max(limit, this.#limit * GROWTH))
    this.#pace = Math.ceil(this.#limit / MOMENTS_REMEMBERED)
    this.#buckets = Math.ceil(this.#limit / WAYS)
    this.#words = new Int32Array(this.#buckets * WAYS)
    this.#oldest = new Uint8Array(this.#buckets)
  }

  add(hash: number): void {
    if (++this.#gone > this.#pace) {
      this.#gone = 1
      this.#moment = this.#moment === MOMENTS ? 1 : this.#moment + 1
    }
    const bucket = this.#bucketOf(hash)
    const oldest = this.#oldest[bucket]!
    this.#words[bucket * WAYS + oldest] = (this.#moment << MARK_BITS) | markOf(hash)
    this.#oldest[bucket] = (oldest + 1) & WAY_MASK
  }

  /** Whether the key is among about the last `limit` that went; it is forgotten then, for it comes back. */
  take(hash: number, limit: number): boolean {
    // As for every newcomer while nothing has been used twice.
    if (limit === 0 || this.#buckets === 0) return false
    const words = this.#words
    const mark = markOf(hash)
    const first = this.#bucketOf(hash) * WAYS
    for (let place = first; place < first + WAYS; place++) {
      const word = words[place]!
      if ((word & MARK_MASK) !== mark || word === EMPTY) continue
      words[place] = EMPTY
      const moment = word >>> MARK_BITS
      const age = this.#moment - moment + (moment > this.#moment ? MOMENTS : 0)
      if (age * this.#pace < limit) return true
    }
    return false
  }

  #bucketOf(hash: number): number {
    return Math.floor(((hash >>> 0) / 2 ** 32) * this.#buckets)
  }
}

function markOf(hash: number): number {
  return Math.imul(hash, 0x9e37_79b1) >>> (32 - MARK_BITS)
}
