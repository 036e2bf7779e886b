import type { EvictionPolicy, EvictionPolicyFactory } from './eviction.js'

const NONE = -1

/**
 * Least recently used: a doubly linked list of slots, kept in two typed arrays, from the last used to the first to go.
 * Every operation is O(1) and allocates nothing.
 */
class LruPolicy implements EvictionPolicy {
  readonly usesHash = false
  /** Towards the least recently used. */
  #next = new Int32Array(0)
  /** Towards the most recently used. */
  #previous = new Int32Array(0)
  #newest = NONE
  #oldest = NONE

  grow(capacity: number): void {
    this.#next = copyInto(new Int32Array(capacity), this.#next)
    this.#previous = copyInto(new Int32Array(capacity), this.#previous)
  }

  insert(slot: number): void {
    this.#previous[slot] = NONE
    this.#next[slot] = this.#newest
    if (this.#newest === NONE) this.#oldest = slot
    else this.#previous[this.#newest] = slot
    this.#newest = slot
  }

  touch(slot: number): void {
    if (slot === this.#newest) return
    this.remove(slot)
    this.insert(slot)
  }

  replace(slot: number): void {
    this.touch(slot)
  }

  remove(slot: number): void {
    const previous = this.#previous[slot]!
    const next = this.#next[slot]!
    if (previous === NONE) this.#newest = next
    else this.#next[previous] = next
    if (next === NONE) this.#oldest = previous
    else this.#previous[next] = previous
  }

  evict(): number {
    const slot = this.#oldest
    if (slot !== NONE) this.remove(slot)
    return slot
  }
}

export const lru: EvictionPolicyFactory = () => new LruPolicy()

function copyInto(larger: Int32Array<ArrayBuffer>, smaller: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  larger.set(smaller)
  return larger
}
