import { hashOf } from './hash.js'
import type { KeyIndex } from './key-index.js'

const NONE = -1
const EMPTY = 0
/** Segments grow one by one, so that growing never holds the process up. The highest bits of a hash choose one. */
const SEGMENTS = 256
const SEGMENT_SHIFT = 24
/** The bits below choose the place in a segment. */
const PLACES = 2 ** SEGMENT_SHIFT
/** A place holds slot + 1 in its lower 24 bits, and above them 8 bits of the hash, so that few wrong keys are compared. */
const SLOT_MASK = 0xff_ffff
const FIRST_LENGTH = 8
const GROWTH = 1.25
const MAX_LOAD = 0.8

/**
 * Keys in an open-addressing hash table of typed arrays, with linear probing; a removal shifts what follows back (Knuth, The
 * Art of Computer Programming, volume 3, 6.4, algorithm R). About 5 bytes for a key. The keys themselves and their hashes
 * stay in the columns of the store. It grows in 256 segments, each by a quarter.
 */
export class HashedKeys implements KeyIndex {
  readonly usesHash = true
  readonly #segments: Int32Array[] = Array.from({ length: SEGMENTS }, () => new Int32Array(FIRST_LENGTH))
  readonly #sizes = new Int32Array(SEGMENTS)
  #keys: readonly (string | undefined)[] = []
  #hashes: Uint32Array = new Uint32Array(0)
  #size = 0

  get size(): number {
    return this.#size
  }

  find(key: string): number {
    return this.findHashed(key, hashOf(key))
  }

  findHashed(key: string, hash: number): number {
    const table = this.#segments[hash >>> SEGMENT_SHIFT]!
    const mark = hash & 0xff
    let place = homeOf(hash, table.length)
    for (let word = table[place]!; word !== EMPTY; word = table[place]!) {
      if (word >>> SEGMENT_SHIFT === mark) {
        const slot = (word & SLOT_MASK) - 1
        if (this.#keys[slot] === key) return slot
      }
      if (++place === table.length) place = 0
    }
    return NONE
  }

  add(_key: string, slot: number): void {
    const hash = this.#hashes[slot]!
    const segment = hash >>> SEGMENT_SHIFT
    if (++this.#sizes[segment]! > this.#segments[segment]!.length * MAX_LOAD) this.#growSegment(segment)
    put(this.#segments[segment]!, hash, slot)
    this.#size++
  }

  remove(_key: string, slot: number): void {
    const hashes = this.#hashes
    const hash = hashes[slot]!
    const segment = hash >>> SEGMENT_SHIFT
    const table = this.#segments[segment]!
    const { length } = table
    let hole = homeOf(hash, length)
    while ((table[hole]! & SLOT_MASK) !== slot + 1) hole = hole + 1 === length ? 0 : hole + 1
    let place = hole
    for (;;) {
      place = place + 1 === length ? 0 : place + 1
      const word = table[place]!
      if (word === EMPTY) break
      const home = homeOf(hashes[(word & SLOT_MASK) - 1]!, length)
      // What lies between its home and here may not jump over its home.
      if (distance(home, place, length) < distance(hole, place, length)) continue
      table[hole] = word
      hole = place
    }
    table[hole] = EMPTY
    this.#sizes[segment]!--
    this.#size--
  }

  grow(keys: readonly (string | undefined)[], hashes: Uint32Array): void {
    this.#keys = keys
    this.#hashes = hashes
  }

  #growSegment(segment: number): void {
    const known = this.#segments[segment]!
    const larger = new Int32Array(Math.ceil(known.length * GROWTH))
    for (const word of known) {
      if (word === EMPTY) continue
      const slot = (word & SLOT_MASK) - 1
      put(larger, this.#hashes[slot]!, slot)
    }
    this.#segments[segment] = larger
  }
}

function put(table: Int32Array, hash: number, slot: number): void {
  let place = homeOf(hash, table.length)
  while (table[place] !== EMPTY) if (++place === table.length) place = 0
  table[place] = ((hash & 0xff) << SEGMENT_SHIFT) | (slot + 1)
}

function homeOf(hash: number, length: number): number {
  return Math.floor(((hash & (PLACES - 1)) * length) / PLACES)
}

/** Places from one to another, going forward and round. */
function distance(from: number, to: number, length: number): number {
  return to >= from ? to - from : to - from + length
}
