import { LARGE_STORE } from './large-store.js'

/** Counters go up to 15, in 4 bits; 8 of them in a word. */
const MAX_COUNT = 15
const COUNTERS_PER_WORD = 8
/** Words of a block, one cache line: the four counters of a hash lie in one. */
const BLOCK = 16
/**
 * Counters for each entry: as many as Caffeine has for that many entries, and in larger stores no more until fewer
 * would do.
 */
const COUNTERS_PER_ENTRY = 16
const COUNTERS_IN_LARGE = 5
/** Small stores see many more keys than they hold: 8,192 counters at least. */
const LEAST_WORDS = 1_024
const HALF_MASK = 0x7777_7777

/**
 * A frequency sketch: about how often each key was used lately, in 4-bit counters that keys share, four to a hash, of
 * which the least is the estimate (count-min; Cormode & Muthukrishnan 2005). Its owner halves all counts now and then,
 * so that the past fades (Einziger, Friedman & Manes, "TinyLFU: a highly efficient cache admission policy", ACM
 * Transactions on Storage 2017). The layout in blocks is Caffeine's. 8 bytes for an entry, 2.5 in a large store, from
 * the first count on: a cache that has given up nothing yet does without.
 */
export class FrequencySketch {
  #table: Uint32Array = new Uint32Array(0)
  #blocks = 0

  /**
   * Makes room for the uses of `entries` keys. Counts are kept: a block that is divided leaves them in all its parts.
   */
  reserve(entries: number): void {
    const counters = Math.max(Math.min(entries, LARGE_STORE) * COUNTERS_PER_ENTRY, entries * COUNTERS_IN_LARGE)
    const blocks = Math.ceil(Math.max(LEAST_WORDS, counters / COUNTERS_PER_WORD) / BLOCK)
    if (blocks <= this.#blocks) return
    this.#blocks = blocks
    if (this.#table.length > 0) this.#allocate()
  }

  /** About how often the key was used, 0 to 15. */
  estimate(hash: number): number {
    const table = this.#table
    if (table.length === 0) return 0
    const counters = spread(hash)
    const block = this.#blockOf(hash)
    let least = MAX_COUNT
    for (let row = 0; row < 4; row++) {
      const bits = counters >>> (row * 8)
      const count = (table[block + row * 4 + (bits & 3)]! >>> (bits & 0x1c)) & MAX_COUNT
      if (count < least) least = count
    }
    return least
  }

  /** Raises the count of the key to `uses`, 0 to 15, if it is lower. */
  raise(hash: number, uses: number): void {
    if (this.#table.length === 0) this.#allocate()
    const table = this.#table
    const counters = spread(hash)
    const block = this.#blockOf(hash)
    for (let row = 0; row < 4; row++) {
      const bits = counters >>> (row * 8)
      const word = block + row * 4 + (bits & 3)
      const shift = bits & 0x1c
      const count = (table[word]! >>> shift) & MAX_COUNT
      if (count < uses) table[word] = table[word]! + ((uses - count) << shift)
    }
  }

  /** Halves all counts. */
  fade(): void {
    const table = this.#table
    for (let word = 0; word < table.length; word++) table[word] = (table[word]! >>> 1) & HALF_MASK
  }

  /** By the upper bits, in the order of hashes. */
  #blockOf(hash: number): number {
    return Math.floor(((hash >>> 0) / 2 ** 32) * this.#blocks) * BLOCK
  }

  /** Brings the table to its size. */
  #allocate(): void {
    const known = this.#table
    const knownBlocks = known.length / BLOCK
    this.#table = new Uint32Array(this.#blocks * BLOCK)
    for (let block = 0; knownBlocks > 0 && block < this.#blocks; block++) {
      const from = Math.floor(((block + 0.5) / this.#blocks) * knownBlocks) * BLOCK
      this.#table.set(known.subarray(from, from + BLOCK), block * BLOCK)
    }
  }
}

/** Bits that the choice of the block does not use. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 17), 0xed5a_d4bb)
  return Math.imul(mixed ^ (mixed >>> 11), 0xac4c_1b51) ^ (mixed >>> 15)
}
