import type { EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'
import { SlotLinks, SlotQueue } from './slot-lists.js'

const NONE = -1

/**
 * SIEVE: a queue in the order of arrival and a hand that goes round it from the oldest to the newest, sparing what was
 * used since it last came by and giving up the first that was not (Zhang et al., "SIEVE is Simpler than LRU", NSDI
 * 2024). A hit writes one byte. Good for skewed traffic; scans and loops get past it.
 */
class SievePolicy implements EvictionPolicy {
  readonly #links = new SlotLinks()
  readonly #queue = new SlotQueue(this.#links)
  #visited = new Uint8Array(0)
  /** Where the hand looks next; -1 for the oldest. */
  #hand = NONE

  grow({ capacity }: SlotColumns): void {
    this.#links.grow(capacity)
    const visited = new Uint8Array(capacity)
    visited.set(this.#visited)
    this.#visited = visited
  }

  insert(slot: number): void {
    this.#visited[slot] = 0
    this.#queue.push(slot)
  }

  adopt(slot: number): void {
    this.insert(slot)
  }

  touch(slot: number): void {
    this.#visited[slot] = 1
  }

  replace(slot: number): void {
    this.#visited[slot] = 1
  }

  remove(slot: number): void {
    if (slot === this.#hand) this.#hand = this.#queue.next(slot)
    this.#queue.remove(slot)
  }

  evict(): number {
    let slot = this.#hand === NONE ? this.#queue.front : this.#hand
    if (slot === NONE) return NONE
    while (this.#visited[slot] === 1) {
      this.#visited[slot] = 0
      slot = this.#queue.next(slot)
      if (slot === NONE) slot = this.#queue.front
    }
    this.#hand = this.#queue.next(slot)
    this.#queue.remove(slot)
    return slot
  }
}

export const sieve: EvictionPolicyFactory = () => new SievePolicy()
