/** Counters go up to 15, in 4 bits; 8 of them in a word. */
const MAX_COUNT = 15
const COUNTERS_PER_WORD = 8
/** Words of a block, one cache line: the four counters of a hash lie in one. */
const BLOCK = 16
/** Counters for each entry: as many as Caffeine has, and half of that in large stores. */
const COUNTERS_PER_ENTRY = 16
const LARGE = 2 ** 17
/** Small stores see many more keys than they hold: 8,192 counters at least. */
const LEAST_WORDS = 1_024
const HALF_MASK = 0x7777_7777

/**
 * A frequency sketch: about how often each key was used lately, in 4-bit counters that keys share, four to a hash, of which
 * the least is the estimate (count-min; Cormode & Muthukrishnan 2005). Its owner halves all counts now and then, so that
 * the past fades (Einziger, Friedman & Manes, "TinyLFU: a highly efficient cache admission policy", ACM Transactions on
 * Storage 2017). The layout in blocks is Caffeine's. 4 to 8 bytes for an entry, from the
 * first count on: a cache that has given up nothing yet does without.
 */
export class FrequencySketch {
  #table: Uint32Array = new Uint32Array(0)
  #blockMask = 0

  /** Makes room for the uses of `entries` keys. Counts are kept: a block that is divided in two leaves them in both. */
  reserve(entries: number): void {
    const perEntry = COUNTERS_PER_ENTRY / COUNTERS_PER_WORD
    const words = Math.max(LEAST_WORDS, Math.min(entries, LARGE) * perEntry, (entries * perEntry) / 2)
    const blocks = 2 ** Math.ceil(Math.log2(words / BLOCK))
    if (blocks <= this.#blockMask + 1) return
    this.#blockMask = blocks - 1
    if (this.#table.length > 0) this.#allocate()
  }

  /** About how often the key was used, 0 to 15. */
  estimate(hash: number): number {
    const table = this.#table
    if (table.length === 0) return 0
    const counters = spread(hash)
    const block = (hash & this.#blockMask) * BLOCK
    let least = MAX_COUNT
    for (let row = 0; row < 4; row++) {
      const bits = counters >>> (row * 8)
      const count = (table[block + row * 4 + (bits & 3)]! >>> (bits & 0x1c)) & MAX_COUNT
      if (count < least) least = count
    }
    return least
  }

  /** Sees to it that the key counts as used `uses` times, 0 to 15, if it does not count for more. */
  raise(hash: number, uses: number): void {
    if (this.#table.length === 0) this.#allocate()
    const table = this.#table
    const counters = spread(hash)
    const block = (hash & this.#blockMask) * BLOCK
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

  /** Brings the table to its size. */
  #allocate(): void {
    const known = this.#table
    this.#table = new Uint32Array((this.#blockMask + 1) * BLOCK)
    for (let from = 0; known.length > 0 && from < this.#table.length; from += known.length) this.#table.set(known, from)
  }
}

/** Bits that the choice of the block does not use. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 17), 0xed5a_d4bb)
  return Math.imul(mixed ^ (mixed >>> 11), 0xac4c_1b51) ^ (mixed >>> 15)
}
