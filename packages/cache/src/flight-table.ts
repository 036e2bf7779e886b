import type { Flight } from './flights.js'
import { hashOf } from './hash.js'

/** Places at first, and again once a rush is over. */
const LEAST_PLACES = 64
/** A table that has grown beyond this is given back when it is empty. */
const KEPT_PLACES = 4_096

/**
 * The youngest flight of each key: a hash table with linear probing (Knuth, The Art of Computer Programming, volume 3, 6.4,
 * algorithms L and R). A JS Map that fills and empties all the time is copied over and over by V8, which leaves what was in it
 * in its former tables. Once one of these is old, it keeps all that come after it, with their flights, until the next full
 * collection: under a stream of reads, most of what each minor collection had to move was such flights.
 */
export class FlightTable {
  #places = emptyPlaces(LEAST_PLACES)
  #size = 0

  get(key: string): Flight | undefined {
    return this.#places[this.#find(key, hashOf(key))]
  }

  /** In the place of the flight that is there for its key, if there is one. */
  set(flight: Flight): void {
    let at = this.#find(flight.key, flight.hash)
    if (this.#places[at] === undefined) {
      if (++this.#size * 2 > this.#places.length) {
        this.#grow()
        at = this.#find(flight.key, flight.hash)
      }
    }
    this.#places[at] = flight
  }

  /** Removes the flight of a key that is there. */
  delete({ key, hash }: Flight): void {
    const places = this.#places
    const mask = places.length - 1
    let hole = this.#find(key, hash)
    for (let at = (hole + 1) & mask; places[at] !== undefined; at = (at + 1) & mask) {
      const flight = places[at]!
      // What lies between its home and here may not jump over its home.
      if (((at - flight.hash) & mask) < ((at - hole) & mask)) continue
      places[hole] = flight
      hole = at
    }
    places[hole] = undefined
    this.#size--
    if (this.#size === 0 && places.length > KEPT_PLACES) this.#places = emptyPlaces(LEAST_PLACES)
  }

  /** As they are now: what changes meanwhile does not change the answer. */
  all(): readonly Flight[] {
    return this.#places.filter((flight) => flight !== undefined)
  }

  /** The place of a key, or the free one where it belongs. */
  #find(key: string, hash: number): number {
    const places = this.#places
    const mask = places.length - 1
    let at = hash & mask
    for (;;) {
      const flight = places[at]
      if (flight === undefined || (flight.hash === hash && flight.key === key)) return at
      at = (at + 1) & mask
    }
  }

  #grow(): void {
    const known = this.#places
    this.#places = emptyPlaces(known.length * 2)
    for (const flight of known) if (flight !== undefined) this.#places[this.#find(flight.key, flight.hash)] = flight
    // It may be old already: what it holds would be kept until the next full collection.
    known.fill(undefined)
  }
}

function emptyPlaces(count: number): (Flight | undefined)[] {
  return new Array<Flight | undefined>(count).fill(undefined)
}
