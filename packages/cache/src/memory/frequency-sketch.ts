/** Counters go up to 15, in 4 bits; 8 of them in a word. */
const MAX_COUNT = 15
const COUNTERS_PER_WORD = 8
/** Words of a block, one cache line: the four counters of a hash lie in one. */
const BLOCK = 16
/** Counters for each entry. */
const COUNTERS_PER_ENTRY = 16
/** Uses for each entry after which all counts are halved. */
const SAMPLE_PER_ENTRY = 10
const HALF_MASK = 0x7777_7777
const ODD_MASK = 0x1111_1111

/**
 * A frequency sketch: about how often each key was used lately, in 4-bit counters that keys share, four to a hash, of which
 * the least is the estimate (count-min; Cormode & Muthukrishnan 2005). After ten uses for each entry all counts are
 * halved, so that the past fades (Einziger, Friedman & Manes, "TinyLFU: a highly efficient cache admission policy", ACM
 * Transactions on Storage 2017). The layout in blocks is Caffeine's. 8 bytes for an entry.
 */
export class FrequencySketch {
  #table: Uint32Array = new Uint32Array(0)
  #blockMask = 0
  #sampleSize = 0
  #additions = 0

  /** Makes room for the uses of `entries` keys. Counts are kept: a block that is divided in two leaves them in both. */
  reserve(entries: number): void {
    const words = (Math.max(1, entries) * COUNTERS_PER_ENTRY) / COUNTERS_PER_WORD
    this.#sampleSize = Math.max(this.#sampleSize, SAMPLE_PER_ENTRY * entries)
    if (words <= this.#table.length) return
    const blocks = 2 ** Math.ceil(Math.log2(Math.max(1, words / BLOCK)))
    this.#blockMask = blocks - 1
    const known = this.#table
    this.#table = new Uint32Array(blocks * BLOCK)
    for (let from = 0; known.length > 0 && from < this.#table.length; from += known.length) this.#table.set(known, from)
  }

  /** About how often the key was used, 0 to 15. */
  estimate(hash: number): number {
    const table = this.#table
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

  increment(hash: number): void {
    const table = this.#table
    const counters = spread(hash)
    const block = (hash & this.#blockMask) * BLOCK
    let added = false
    for (let row = 0; row < 4; row++) {
      const bits = counters >>> (row * 8)
      const word = block + row * 4 + (bits & 3)
      const shift = bits & 0x1c
      if (((table[word]! >>> shift) & MAX_COUNT) === MAX_COUNT) continue
      table[word] = table[word]! + (1 << shift)
      added = true
    }
    if (added && ++this.#additions >= this.#sampleSize) this.#halve()
  }

  #halve(): void {
    const table = this.#table
    let odd = 0
    for (let word = 0; word < table.length; word++) {
      const counts = table[word]!
      odd += ones(counts & ODD_MASK)
      table[word] = (counts >>> 1) & HALF_MASK
    }
    this.#additions = (this.#additions - (odd >>> 2)) >>> 1
  }
}

/** Bits that the choice of the block does not use. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 17), 0xed5a_d4bb)
  return Math.imul(mixed ^ (mixed >>> 11), 0xac4c_1b51) ^ (mixed >>> 15)
}

/** How many of the lowest bits of the eight counters are set. */
function ones(bits: number): number {
  return Math.imul(bits, ODD_MASK) >>> 28
}
