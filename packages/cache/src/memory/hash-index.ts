const EMPTY = 0
const NONE = -1

/**
 * A table from 32-bit hashes to small whole numbers (ids) that are held in a typed array, without keys: two keys of one
 * hash are one to it. Open addressing with linear probing; a removal shifts what follows back, so that nothing is left
 * behind (Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm R). 8 to 16 bytes for an id.
 */
export class HashIndex {
  /** Id + 1, or 0 for an empty place. */
  #table = new Int32Array(16)
  #mask = 15
  #hashes = new Int32Array(8)
  size = 0

  /** The id under a hash; -1 when there is none. */
  find(hash: number): number {
    for (let place = this.#homeOf(hash); ; place = (place + 1) & this.#mask) {
      const id = this.#table[place]! - 1
      if (id === NONE || this.#hashes[id] === hash) return id
    }
  }

  hashOf(id: number): number {
    return this.#hashes[id]!
  }

  /** Holds `id`, which is not held yet, under a hash that is not held either. */
  add(hash: number, id: number): void {
    if (id >= this.#hashes.length) this.#grow(id + 1)
    this.#hashes[id] = hash
    this.#place(id)
    this.size++
  }

  remove(id: number): void {
    const table = this.#table
    let hole = this.#homeOf(this.#hashes[id]!)
    while (table[hole] !== id + 1) hole = (hole + 1) & this.#mask
    for (let place = (hole + 1) & this.#mask; table[place] !== EMPTY; place = (place + 1) & this.#mask) {
      const home = this.#homeOf(this.#hashes[table[place]! - 1]!)
      // An item must not be moved to a place before its home.
      if (((place - home) & this.#mask) < ((place - hole) & this.#mask)) continue
      table[hole] = table[place]!
      hole = place
    }
    table[hole] = EMPTY
    this.size--
  }

  #place(id: number): void {
    let place = this.#homeOf(this.#hashes[id]!)
    while (this.#table[place] !== EMPTY) place = (place + 1) & this.#mask
    this.#table[place] = id + 1
  }

  #homeOf(hash: number): number {
    return Math.imul(hash, 0x9e37_79b1) >>> Math.clz32(this.#mask)
  }

  #grow(ids: number): void {
    const known = this.#table
    const hashes = new Int32Array(Math.max(ids, this.#hashes.length * 2))
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.#mask = 2 ** (32 - Math.clz32(hashes.length * 2 - 1)) - 1
    this.#table = new Int32Array(this.#mask + 1)
    for (const entry of known) if (entry !== EMPTY) this.#place(entry - 1)
  }
}
