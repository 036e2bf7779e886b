import { LARGE_STORE } from './large-store.js'

const EMPTY = 0
/**
 * A word holds id + 1 in its lower 24 bits, and above them 8 bits of the hash of that id, so that few wrong ones are
 * looked at. Those 8 are the uppermost, which chains are never chosen by.
 */
const ID_MASK = 0xff_ffff
const MARK_MASK = ~ID_MASK
const FIRST_CHAINS = 16
/** Ids for each chain, at most: short chains where memory does not matter, little memory where it does. */
const LOAD_OF_SMALL = 0.5
const LOAD_OF_LARGE = 1
/** Once chains are being divided, so many are with each id that comes: all of them long before it is time again. */
const DIVIDED_AT_ONCE = 4

/**
 * An index from 32-bit hashes to small whole numbers (ids, slots), of which several may have one hash: a hash table
 * with chains (Knuth, The Art of Computer Programming, volume 3, 6.4) in typed arrays, with one word for the head of
 * each chain and one for the link of each id. The hashes themselves are in a column of the owner. As ids come, one
 * chain after the other is divided in two (Litwin, "Linear hashing: a new tool for file and table addressing", VLDB
 * 1980), so that growing never holds the process up. It takes 8 to 12 bytes for an id in a large store, up to 20 in a
 * small one.
 *
 * A JS Map remembers the hash of a string, where the owner of this has to go through its characters. But under constant
 * replacement a Map takes 58 to 115 bytes a key and twice the time, and now and then it moves all keys at once, which
 * for a million of them stalls the process for tens of milliseconds and more.
 */
export class HashIndex {
  #heads = new Int32Array(FIRST_CHAINS)
  #links = new Int32Array(0)
  #hashes: Int32Array = new Int32Array(0)
  /** The bits of a hash that choose its chain: these, and one more if that chain has been divided already. */
  #mask = FIRST_CHAINS - 1
  #divided = 0
  /** With more ids than this, chains are divided. */
  #most = FIRST_CHAINS * LOAD_OF_SMALL
  size = 0

  /** Ids may be as high as the column of hashes is long, which replaces the one before. */
  grow(hashes: Int32Array): void {
    this.#hashes = hashes
    this.#links = lengthened(this.#links, hashes.length)
  }

  /** An id under the hash, or with bad luck under one that resembles it; -1 when there is none. */
  first(hash: number): number {
    return this.#marked(this.#heads[this.#chainOf(hash)]!, hash)
  }

  /** The one after `id`, of those that {@link first} begins with. */
  next(id: number, hash: number): number {
    return this.#marked(this.#links[id]!, hash)
  }

  /** An id under exactly this hash; -1 when there is none. */
  find(hash: number): number {
    let id = this.first(hash)
    while (id >= 0 && this.#hashes[id] !== hash) id = this.next(id, hash)
    return id
  }

  /** Adds an id that is not there; its hash is in the column. */
  add(id: number): void {
    this.#push(this.#chainOf(this.#hashes[id]!), id)
    if (++this.size > this.#most || this.#divided > 0) this.#divide()
  }

  /** Removes an id that is there, while the column still has its hash. */
  remove(id: number): void {
    const chain = this.#chainOf(this.#hashes[id]!)
    const links = this.#links
    let at = idOf(this.#heads[chain]!)
    if (at === id) this.#heads[chain] = links[id]!
    else {
      while (idOf(links[at]!) !== id) at = idOf(links[at]!)
      links[at] = links[id]!
    }
    this.size--
  }

  #marked(word: number, hash: number): number {
    let at = word
    while (at !== EMPTY && ((at ^ hash) & MARK_MASK) !== 0) at = this.#links[idOf(at)]!
    return idOf(at)
  }

  #chainOf(hash: number): number {
    const chain = hash & this.#mask
    return chain < this.#divided ? hash & (this.#mask * 2 + 1) : chain
  }

  #push(chain: number, id: number): void {
    this.#links[id] = this.#heads[chain]!
    this.#heads[chain] = (this.#hashes[id]! & MARK_MASK) | (id + 1)
  }

  /** Divides the next few chains by one bit more of the hashes. */
  #divide(): void {
    const chains = this.#mask + 1
    if (this.#divided === 0) this.#heads = lengthened(this.#heads, chains * 2)
    for (let left = DIVIDED_AT_ONCE; left > 0; left--) {
      let id = idOf(this.#heads[this.#divided]!)
      this.#heads[this.#divided++] = EMPTY
      while (id >= 0) {
        const following = idOf(this.#links[id]!)
        this.#push(this.#hashes[id]! & (chains * 2 - 1), id)
        id = following
      }
    }
    if (this.#divided < chains) return
    this.#divided = 0
    this.#mask = chains * 2 - 1
    this.#most = chains * 2 * (chains * 2 < LARGE_STORE ? LOAD_OF_SMALL : LOAD_OF_LARGE)
  }
}

/** -1 for `EMPTY`. */
function idOf(word: number): number {
  return (word & ID_MASK) - 1
}

function lengthened(known: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length)
  longer.set(known)
  return longer
}
