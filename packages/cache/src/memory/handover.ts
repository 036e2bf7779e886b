import type { EvictionPolicy } from './eviction.js'

const NONE = -1

/**
 * A change of the ruling policy without a pause: the old one gives its slots to the new one, a few with each use, in
 * the order in which it would have given them up. Until it has no more, it chooses what is evicted.
 */
export class Handover {
  readonly #from: EvictionPolicy
  readonly #to: EvictionPolicy
  /** By slot: 1 once the new policy holds it. */
  #hasPassed: Uint8Array
  readonly #total: number
  #left: number

  /** `held` slots below `capacity` are held by `from`, and none by `to`. */
  constructor(from: EvictionPolicy, to: EvictionPolicy, held: number, capacity: number) {
    this.#from = from
    this.#to = to
    this.#hasPassed = new Uint8Array(capacity)
    this.#total = held
    this.#left = held
  }

  get isDone(): boolean {
    return this.#left === 0
  }

  /** Slots that the old policy holds no more. */
  get passed(): number {
    return this.#total - this.#left
  }

  /** Whether the old policy still holds the slot. */
  isWaiting(slot: number): boolean {
    return this.#hasPassed[slot] === 0
  }

  grow(capacity: number): void {
    const hasPassed = new Uint8Array(capacity)
    hasPassed.set(this.#hasPassed)
    this.#hasPassed = hasPassed
  }

  /** A newcomer was told to the new policy. */
  inserted(slot: number): void {
    this.#hasPassed[slot] = 1
  }

  /** Lets up to `count` more slots pass over. */
  advance(count: number): void {
    for (let passed = 0; passed < count; passed++) {
      const slot = this.evict(0, 0)
      if (slot === NONE) return
      this.#hasPassed[slot] = 1
      this.#to.adopt(slot, 1 - (this.#left + 1) / this.#total)
    }
  }

  /** A waiting slot was used: it passes over at once. */
  use(slot: number): void {
    this.remove(slot)
    this.#hasPassed[slot] = 1
    this.#to.adopt(slot, 1)
  }

  /** The next slot that the old policy gives up; -1 when it has no more. */
  evict(incoming: number, lacking: number): number {
    const slot = this.#from.evict(incoming, lacking)
    if (slot !== NONE) this.#left--
    return slot
  }

  /** A waiting slot goes. */
  remove(slot: number): void {
    this.#from.remove(slot)
    this.#left--
  }
}
