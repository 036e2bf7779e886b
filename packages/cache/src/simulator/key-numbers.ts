const EMPTY = 0xffffffff
const INITIAL_CAPACITY = 1_024
const HALF = 2 ** 32

/**
 * Numbers for keys in order of first appearance, where keys are whole numbers of up to 64 bits, given as two halves. An
 * open addressing table on typed arrays: a trace has millions of keys, and a Map of bigints takes ten times as long.
 */
export class KeyNumbers {
  #high = new Uint32Array(INITIAL_CAPACITY)
  #low = new Uint32Array(INITIAL_CAPACITY)
  #numbers = new Uint32Array(INITIAL_CAPACITY).fill(EMPTY)
  #size = 0

  /** How many keys were seen. */
  get size(): number {
    return this.#size
  }

  of(high: number, low: number): number {
    if (this.#size * 2 >= this.#numbers.length) this.#grow()
    const at = this.#find(high >>> 0, low >>> 0)
    const known = this.#numbers[at]!
    if (known !== EMPTY) return known
    this.#high[at] = high
    this.#low[at] = low
    this.#numbers[at] = this.#size
    return this.#size++
  }

  /** The same for a whole number from 0 to 2^53 - 1. */
  ofNumber(key: number): number {
    return this.of(Math.floor(key / HALF), key % HALF)
  }

  #find(high: number, low: number): number {
    const mask = this.#numbers.length - 1
    let at = mix(high, low) & mask
    while (this.#numbers[at] !== EMPTY && (this.#low[at] !== low || this.#high[at] !== high)) at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const [high, low, numbers] = [this.#high, this.#low, this.#numbers]
    const capacity = numbers.length * 2
    this.#high = new Uint32Array(capacity)
    this.#low = new Uint32Array(capacity)
    this.#numbers = new Uint32Array(capacity).fill(EMPTY)
    for (let old = 0; old < numbers.length; old++) {
      if (numbers[old] === EMPTY) continue
      const at = this.#find(high[old]!, low[old]!)
      this.#high[at] = high[old]!
      this.#low[at] = low[old]!
      this.#numbers[at] = numbers[old]!
    }
  }
}

/** MurmurHash3's finishing steps over both halves. */
function mix(high: number, low: number): number {
  let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
