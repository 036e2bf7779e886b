import { hashOf } from './hash.js'

/** Places at first, and again once a rush is over. */
const LEAST_PLACES = 64
/** A table that has grown beyond this is given back when it is empty. */
const KEPT_PLACES = 4_096

/** What is found by its key; `hash` is that of the key. */
export interface Keyed {
  readonly key: string
  readonly hash: number
}

/**
 * Objects by their keys, for those that come and go all the time: a hash table with linear probing (Knuth, The Art of
 * Computer Programming, volume 3, 6.4, algorithms L and R). V8 copies a Map that fills and empties again and again, and
 * leaves the contents in its former tables. Once such a table is old, it keeps all later ones alive until the next full
 * collection. With a stream of flights, minor collections had most of them to move.
 */
export class KeyTable<Item extends Keyed> {
  #places = emptyPlaces<Item>(LEAST_PLACES)
  #size = 0

  /** Whoever has the hash of the key gives it: it takes longer than the rest. */
  get(key: string, hash = hashOf(key)): Item | undefined {
    return this.#places[this.#find(key, hash)]
  }

  /** In the place of the one that is there for its key, if there is one. */
  set(item: Item): void {
    let at = this.#find(item.key, item.hash)
    if (this.#places[at] === undefined && ++this.#size * 2 > this.#places.length) {
      this.#grow()
      at = this.#find(item.key, item.hash)
    }
    this.#places[at] = item
  }

  /** Removes one that is there. */
  delete({ key, hash }: Item): void {
    const places = this.#places
    const mask = places.length - 1
    let hole = this.#find(key, hash)
    for (let at = (hole + 1) & mask; places[at] !== undefined; at = (at + 1) & mask) {
      const item = places[at]!
      // An item must not be moved to a place before its home.
      if (((at - item.hash) & mask) < ((at - hole) & mask)) continue
      places[hole] = item
      hole = at
    }
    places[hole] = undefined
    this.#size--
    if (this.#size === 0 && places.length > KEPT_PLACES) this.#places = emptyPlaces(LEAST_PLACES)
  }

  /** As they are now: what changes meanwhile does not change the answer. */
  all(): readonly Item[] {
    return this.#places.filter((item) => item !== undefined)
  }

  /** The place of a key, or the free one where it belongs. */
  #find(key: string, hash: number): number {
    const places = this.#places
    const mask = places.length - 1
    let at = hash & mask
    for (;;) {
      const item = places[at]
      if (item === undefined || (item.hash === hash && item.key === key)) return at
      at = (at + 1) & mask
    }
  }

  #grow(): void {
    const known = this.#places
    this.#places = emptyPlaces(known.length * 2)
    for (const item of known) if (item !== undefined) this.#places[this.#find(item.key, item.hash)] = item
    // It may be old already: what it holds would be kept until the next full collection.
    known.fill(undefined)
  }
}

function emptyPlaces<Item>(count: number): (Item | undefined)[] {
  return new Array<Item | undefined>(count).fill(undefined)
}
