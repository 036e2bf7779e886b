import { LARGE_STORE } from './large-store.js'

const NONE = -1
const EMPTY = 0
/**
 * A word holds slot + 1 in its lower 24 bits, and above them 8 bits of the hash, so that few wrong keys are compared.
 */
const SLOT_MASK = 0xff_ffff
const MARK_MASK = ~SLOT_MASK
/**
 * The mark lies in the 8 bits of the hash below those that choose the segment, and above those that choose the place.
 */
const MARK_SHIFT = 8
const SEGMENT_SHIFT = 16
const FIRST_LENGTH = 16
/** Words of a segment when the store is full: short enough to be grown without holding the process up. */
const FULL_LENGTH = 8_192
/** A segment is doubled when it is fuller. */
const MAX_LOAD = 0.76
/**
 * How full the segments of a full store are: few collisions where memory does not matter, little memory where it does.
 */
const LOAD_OF_SMALL = 0.5
const LOAD_OF_LARGE = 0.72

/**
 * An index from keys to the slots that their entries are in: a hash table with linear probing, in typed arrays; a
 * removal shifts what follows back, so that nothing is left behind (Knuth, The Art of Computer Programming, volume 3,
 * 6.4, algorithm R). The keys themselves and their hashes stay in the columns of the store. It takes 6 bytes for a key
 * in a large store, 8 to 16 in a small one, and grows in segments, so that growing never holds the process up.
 *
 * A JS Map remembers the hash of a string, where this has to go through its characters. But under constant replacement
 * a Map takes 58 to 115 bytes a key and twice the time, and now and then it moves all keys at once, which for a million
 * of them stalls the process for tens of milliseconds and more.
 */
export class KeyIndex {
  readonly #segments: Int32Array[]
  readonly #sizes: Int32Array
  #keys: readonly (string | undefined)[] = []
  #hashes: Int32Array = new Int32Array(0)
  #size = 0

  /** For up to `capacity` keys; it will hold more, with larger segments. */
  constructor(capacity: number) {
    const load = capacity < LARGE_STORE ? LOAD_OF_SMALL : LOAD_OF_LARGE
    const segments = Math.ceil(capacity / (FULL_LENGTH * load))
    this.#segments = Array.from({ length: segments }, () => new Int32Array(FIRST_LENGTH))
    this.#sizes = new Int32Array(segments)
  }

  get size(): number {
    return this.#size
  }

  /** The slot of a key; -1 when there is none. */
  find(key: string, hash: number): number {
    const table = this.#segments[this.#segmentOf(hash)]!
    const mask = table.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const word = table[place]!
      if (word === EMPTY) return NONE
      if (((word ^ (hash << MARK_SHIFT)) & MARK_MASK) !== 0) continue
      const slot = (word & SLOT_MASK) - 1
      if (this.#keys[slot] === key) return slot
    }
  }

  /** Adds a key that is not there; it is in the columns already. */
  add(slot: number): void {
    const hash = this.#hashes[slot]!
    const segment = this.#segmentOf(hash)
    if (++this.#sizes[segment]! > this.#segments[segment]!.length * MAX_LOAD) this.#double(segment)
    put(this.#segments[segment]!, hash, slot)
    this.#size++
  }

  /** Removes a key that is there, while the columns still hold it. */
  remove(slot: number): void {
    const hashes = this.#hashes
    const hash = hashes[slot]!
    const segment = this.#segmentOf(hash)
    const table = this.#segments[segment]!
    const mask = table.length - 1
    let hole = hash & mask
    while ((table[hole]! & SLOT_MASK) !== slot + 1) hole = (hole + 1) & mask
    for (let place = (hole + 1) & mask; table[place] !== EMPTY; place = (place + 1) & mask) {
      const home = hashes[(table[place]! & SLOT_MASK) - 1]!
      // An item must not be moved to a place before its home.
      if (((place - home) & mask) < ((place - hole) & mask)) continue
      table[hole] = table[place]!
      hole = place
    }
    table[hole] = EMPTY
    this.#sizes[segment]!--
    this.#size--
  }

  /** The columns have been replaced by longer ones. */
  grow(keys: readonly (string | undefined)[], hashes: Int32Array): void {
    this.#keys = keys
    this.#hashes = hashes
  }

  #segmentOf(hash: number): number {
    return Math.imul(hash >>> SEGMENT_SHIFT, this.#segments.length) >>> SEGMENT_SHIFT
  }

  #double(segment: number): void {
    const known = this.#segments[segment]!
    const larger = new Int32Array(known.length * 2)
    for (const word of known) {
      if (word === EMPTY) continue
      const slot = (word & SLOT_MASK) - 1
      put(larger, this.#hashes[slot]!, slot)
    }
    this.#segments[segment] = larger
  }
}

function put(table: Int32Array, hash: number, slot: number): void {
  const mask = table.length - 1
  let place = hash & mask
  while (table[place] !== EMPTY) place = (place + 1) & mask
  table[place] = ((hash << MARK_SHIFT) & MARK_MASK) | (slot + 1)
}
