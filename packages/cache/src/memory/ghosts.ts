/** Ghosts that share a bucket; of a full one the oldest is forgotten early. */
const WAYS = 8
/** Buckets have room for this much more than is remembered, so that few run full. */
const SLACK = 1.5
/** Room is made for so much more at a time. */
const GROWTH = 1.25
const EMPTY = 0
const LAST = 2 ** 31 - 1

/**
 * Ghosts: the hashes of the keys that were last given up, in the order in which they went, without lists. Each lies in
 * the bucket of its hash with the number of its going; it is remembered while fewer than `limit` have gone after it
 * (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023, section 5.2). Costs 12 bytes for each.
 */
export class Ghosts {
  /** At 2 x place the number of its going, from 1, or 0 for an empty place; and beside that its hash. */
  #words = new Int32Array(0)
  #buckets = 0
  #limit = 0
  #gone = 0

  /** Makes room for as many as `limit` ghosts. */
  reserve(limit: number): void {
    if (limit <= this.#limit) return
    this.#limit = Math.ceil(Math.max(limit, this.#limit * GROWTH))
    const known = this.#words
    this.#buckets = Math.ceil((this.#limit * SLACK) / WAYS)
    this.#words = new Int32Array(this.#buckets * WAYS * 2)
    for (let place = 0; place < known.length; place += 2) {
      if (known[place] !== EMPTY) this.#put(known[place + 1]!, known[place]!)
    }
  }

  add(hash: number): void {
    if (this.#gone === LAST) this.clear()
    this.#put(hash, ++this.#gone)
  }

  /** Whether the key is among the last `limit` that went; it is forgotten then, for it comes back. */
  take(hash: number, limit: number): boolean {
    if (this.#buckets === 0) return false
    const words = this.#words
    const first = this.#bucketOf(hash)
    for (let place = first; place < first + WAYS * 2; place += 2) {
      if (words[place + 1] !== hash || words[place] === EMPTY) continue
      const after = this.#gone - words[place]!
      words[place] = EMPTY
      return after < limit
    }
    return false
  }

  clear(): void {
    this.#words.fill(EMPTY)
    this.#gone = 0
  }

  #put(hash: number, number: number): void {
    const words = this.#words
    const first = this.#bucketOf(hash)
    let oldest = first
    for (let place = first + 2; place < first + WAYS * 2; place += 2) {
      if (words[place]! < words[oldest]!) oldest = place
    }
    words[oldest] = number
    words[oldest + 1] = hash
  }

  #bucketOf(hash: number): number {
    return Math.floor(((hash >>> 0) / 2 ** 32) * this.#buckets) * WAYS * 2
  }
}
