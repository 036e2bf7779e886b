import type { MemoryEntry } from '../entry.js'
import { hashOf } from '../hash.js'
import { type SlotColumns, slotColumns } from './eviction.js'
import { HashIndex } from './hash-index.js'

/** Slots that an empty store has room for; it doubles as needed. */
const INITIAL_CAPACITY = 1_024
/** What the column of sizes can hold; larger ones stand apart. */
const MAX_COLUMN_BYTES = 2 ** 32 - 1
const NONE = -1

/**
 * The entries of a memory tier in numbered slots: an index from keys to slots, and a column for each thing that is
 * known of an entry. Policy and timer wheel link slots, not objects, so that a hit allocates nothing and a million
 * entries cost the collector little. Counts the bytes exactly; what is to be held and for how long is for others to
 * say.
 */
export class EntrySlots {
  #maxEntries: number
  readonly #index = new HashIndex()
  readonly #onGrow: (columns: SlotColumns) => void
  #keys: (string | undefined)[] = []
  #entries: (MemoryEntry | undefined)[] = []
  #columns = slotColumns(0)
  readonly #huge = new Map<number, number>()
  /** The slot that was freed last; in the column of hashes each free slot has the one that was freed before it. */
  #free = NONE
  /** Slots from here on were never used. */
  #used = 0
  #bytes = 0

  /** Room for up to `maxEntries`. `onGrow` is told when slots become usable. */
  constructor(maxEntries: number, onGrow: (columns: SlotColumns) => void) {
    this.#maxEntries = maxEntries
    this.#onGrow = onGrow
  }

  get size(): number {
    return this.#index.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Slots are below this; many may be free. */
  get end(): number {
    return this.#used
  }

  /** From now on there may be that many slots; entries stay when these are fewer. */
  resize(maxEntries: number): void {
    this.#maxEntries = maxEntries
  }

  /** The slot of a key; -1 when it has none. */
  find(key: string, hash?: number): number {
    // Callers without types may pass something else: nothing is held under it, and the read refuses it later on.
    if (typeof key !== 'string') return NONE
    const known = hash ?? hashOf(key)
    let slot = this.#index.first(known)
    while (slot !== NONE && this.#keys[slot] !== key) slot = this.#index.next(slot, known)
    return slot
  }

  keyOf(slot: number): string | undefined {
    return this.#keys[slot]
  }

  /** The entry in a slot; `undefined` when that is free. */
  entryOf(slot: number): MemoryEntry | undefined {
    return this.#entries[slot]
  }

  bytesOf(slot: number): number {
    const bytes = this.#columns.bytes[slot]!
    return bytes < MAX_COLUMN_BYTES ? bytes : (this.#huge.get(slot) ?? bytes)
  }

  /** Puts an entry into a free slot, under a key that has none. */
  occupy(key: string, hash: number, entry: MemoryEntry, bytes: number): number {
    const slot = this.#nextFree()
    this.#keys[slot] = key
    this.#columns.hashes[slot] = hash
    this.#index.add(slot)
    this.replace(slot, entry, bytes)
    return slot
  }

  /** Puts an entry into the slot of another one, which goes, under a key that has none. */
  supplant(slot: number, key: string, hash: number, entry: MemoryEntry, bytes: number): void {
    this.#index.remove(slot)
    this.#keys[slot] = key
    this.#columns.hashes[slot] = hash
    this.#index.add(slot)
    this.replace(slot, entry, bytes)
  }

  /** Puts another entry into a slot, under the same key. */
  replace(slot: number, entry: MemoryEntry, bytes: number): void {
    this.#setBytes(slot, bytes)
    this.#entries[slot] = entry
  }

  /** Frees a slot. */
  vacate(slot: number): void {
    this.#index.remove(slot)
    this.#keys[slot] = undefined
    this.#entries[slot] = undefined
    this.#setBytes(slot, 0)
    this.#columns.hashes[slot] = this.#free
    this.#free = slot
  }

  #nextFree(): number {
    const slot = this.#free
    if (slot !== NONE) {
      this.#free = this.#columns.hashes[slot]!
      return slot
    }
    if (this.#used === this.#columns.capacity) this.#grow()
    return this.#used++
  }

  #setBytes(slot: number, bytes: number): void {
    this.#bytes += bytes - this.bytesOf(slot)
    if (this.#columns.bytes[slot] === MAX_COLUMN_BYTES) this.#huge.delete(slot)
    this.#columns.bytes[slot] = Math.min(bytes, MAX_COLUMN_BYTES)
    if (bytes >= MAX_COLUMN_BYTES) this.#huge.set(slot, bytes)
  }

  #grow(): void {
    const known = this.#columns.capacity
    const capacity = Math.min(Math.max(INITIAL_CAPACITY, known * 2), Math.max(this.#maxEntries, known + 1))
    this.#keys = lengthened(this.#keys, capacity)
    this.#entries = lengthened(this.#entries, capacity)
    this.#columns = slotColumns(capacity, this.#columns)
    this.#index.grow(this.#columns.hashes)
    this.#onGrow(this.#columns)
  }
}

/** A copy of exactly `length` elements: an array that is pushed to keeps room for half as many again. */
function lengthened<T>(known: readonly T[], length: number): (T | undefined)[] {
  const longer = new Array<T | undefined>(length)
  for (let index = 0; index < known.length; index++) longer[index] = known[index]
  return longer
}
