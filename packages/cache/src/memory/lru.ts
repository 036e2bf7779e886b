import type { EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'
import { SlotLinks, SlotQueue } from './slot-lists.js'

/**
 * Least recently used: a queue in the order of last uses (Mattson et al., "Evaluation techniques for storage
 * hierarchies", IBM Systems Journal 1970). Good where what was used lately is used again; a scan empties it.
 */
class LruPolicy implements EvictionPolicy {
  readonly #links = new SlotLinks()
  readonly #queue = new SlotQueue(this.#links)

  grow({ capacity }: SlotColumns): void {
    this.#links.grow(capacity)
  }

  insert(slot: number): void {
    this.#queue.push(slot)
  }

  adopt(slot: number): void {
    this.insert(slot)
  }

  touch(slot: number): void {
    this.#queue.moveToBack(slot)
  }

  replace(slot: number): void {
    this.#queue.moveToBack(slot)
  }

  remove(slot: number): void {
    this.#queue.remove(slot)
  }

  evict(): number {
    return this.#queue.shift()
  }
}

export const lru: EvictionPolicyFactory = () => new LruPolicy()
