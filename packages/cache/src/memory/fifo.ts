import type { EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'
import { SlotLinks, SlotQueue } from './slot-lists.js'

/**
 * First in, first out: a queue in the order of arrival, whatever is used meanwhile (Belady, "A study of replacement
 * algorithms for a virtual-storage computer", IBM Systems Journal 1966). The cheapest policy, and the yardstick for
 * others.
 */
class FifoPolicy implements EvictionPolicy {
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

  touch(): void {
    // A use changes nothing.
  }

  replace(): void {
    // Neither does a new value.
  }

  remove(slot: number): void {
    this.#queue.remove(slot)
  }

  evict(): number {
    return this.#queue.shift()
  }
}

export const fifo: EvictionPolicyFactory = () => new FifoPolicy()
