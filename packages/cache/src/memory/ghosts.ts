/** Ghosts that share a bucket; of a full one the oldest is forgotten early. */
const WAYS = 8
/** Buckets have room for this much more than is remembered, so that few run full. */
const SLACK = 1.5

/**
 * Ghosts: the hashes of the keys that were last given up, in the order in which they went, without lists. Each lies in
 * the bucket of its hash with the number of its going; it is remembered while fewer than `limit` have gone after it
 * (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023, section 5.2). Costs 12 bytes for each.
 */
export class Ghosts {
  #hashes = new Int32Array(0)
  /** Number of its going, from 1; 0 for an empty place. */
  #numbers = new Uint32Array(0)
  #buckets = 0
  #gone = 0

  /** Makes room for as many as `limit` ghosts, forgetting the ones before if there are more places now. */
  reserve(limit: number): void {
    const buckets = Math.ceil((Math.max(1, limit) * SLACK) / WAYS)
    if (buckets <= this.#buckets) return
    const [hashes, numbers] = [this.#hashes, this.#numbers]
    this.#buckets = buckets
    this.#hashes = new Int32Array(buckets * WAYS)
    this.#numbers = new Uint32Array(buckets * WAYS)
    for (let place = 0; place < hashes.length; place++) {
      if (numbers[place] !== 0) this.#put(hashes[place]!, numbers[place]!)
    }
  }

  add(hash: number): void {
    if (this.#gone === 0xffff_ffff) this.clear()
    this.#put(hash, ++this.#gone)
  }

  /** Whether the key is among the last `limit` that went; it is forgotten then, for it comes back. */
  take(hash: number, limit: number): boolean {
    if (this.#buckets === 0) return false
    const first = this.#bucketOf(hash)
    for (let place = first; place < first + WAYS; place++) {
      if (this.#hashes[place] !== hash || this.#numbers[place] === 0) continue
      const after = this.#gone - this.#numbers[place]!
      this.#numbers[place] = 0
      return after < limit
    }
    return false
  }

  clear(): void {
    this.#numbers.fill(0)
    this.#gone = 0
  }

  #put(hash: number, number: number): void {
    const first = this.#bucketOf(hash)
    let oldest = first
    for (let place = first + 1; place < first + WAYS; place++) {
      if (this.#numbers[place]! < this.#numbers[oldest]!) oldest = place
    }
    this.#hashes[oldest] = hash
    this.#numbers[oldest] = number
  }

  #bucketOf(hash: number): number {
    return Math.floor(((hash >>> 0) / 2 ** 32) * this.#buckets) * WAYS
  }
}
