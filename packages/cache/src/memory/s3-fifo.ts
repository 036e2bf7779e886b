import type { EvictionLimits, EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'
import { Ghosts } from './ghosts.js'
import { SlotLinks, SlotQueue } from './slot-lists.js'

const NONE = -1
/** Uses are counted up to this. */
const MAX_USES = 3
/** Bit of `#states` that says that a slot is in the main queue; the bits below count its uses. */
const IN_MAIN = 4

export interface S3FifoTuning {
  /** Share of the slots for the small queue, where newcomers are on trial. Default 0.1, as in the paper. */
  readonly smallShare?: number
  /** Uses on trial that it takes to be let into the main queue. The paper says 2; default 1, which is more robust. */
  readonly promoteAfter?: number
}

/**
 * S3-FIFO: newcomers pass through a small queue, and only those that were used there get into the main one, where uses
 * grant further rounds; what fails the trial leaves a ghost, and goes straight into the main queue if it comes back in
 * time (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023). A hit writes one byte. Good against
 * keys that are used once; loops that are larger than the store get past it.
 */
class S3FifoPolicy implements EvictionPolicy {
  readonly #links = new SlotLinks()
  readonly #small = new SlotQueue(this.#links)
  readonly #main = new SlotQueue(this.#links)
  readonly #ghosts = new Ghosts()
  readonly #smallShare: number
  readonly #promoteAfter: number
  /** Share of the slots of another policy, its coldest, that are taken over as on trial. */
  #adoptedSmall: number
  #states = new Uint8Array(0)
  #hashes: Int32Array = new Int32Array(0)

  constructor({ smallShare = 0.1, promoteAfter = 1 }: S3FifoTuning) {
    this.#smallShare = smallShare
    this.#promoteAfter = promoteAfter
    this.#adoptedSmall = smallShare
  }

  grow({ capacity, hashes }: SlotColumns): void {
    this.#links.grow(capacity)
    this.#hashes = hashes
    const states = new Uint8Array(capacity)
    states.set(this.#states)
    this.#states = states
  }

  insert(slot: number): void {
    const isBack = this.#ghosts.take(this.#hashes[slot]!, this.#main.size)
    this.#states[slot] = isBack ? IN_MAIN : 0
    if (isBack) this.#main.push(slot)
    else this.#small.push(slot)
  }

  /**
   * The small queue is longer than its share where few pass the trial; what never would have must not fill the main
   * one.
   */
  follow(model: EvictionPolicy): void {
    if (!(model instanceof S3FifoPolicy)) return
    const { size } = model.#small
    this.#adoptedSmall = size / Math.max(1, size + model.#main.size)
  }

  adopt(slot: number, warmth: number): void {
    const isWarm = warmth >= this.#adoptedSmall
    this.#states[slot] = isWarm ? IN_MAIN : 0
    if (isWarm) this.#main.push(slot)
    else this.#small.push(slot)
  }

  touch(slot: number): void {
    const state = this.#states[slot]!
    if ((state & MAX_USES) < MAX_USES) this.#states[slot] = state + 1
  }

  replace(slot: number): void {
    this.touch(slot)
  }

  remove(slot: number): void {
    if (this.#states[slot]! >= IN_MAIN) this.#main.remove(slot)
    else this.#small.remove(slot)
  }

  evict(): number {
    const held = this.#small.size + this.#main.size
    if (this.#small.size > 0 && this.#small.size >= held * this.#smallShare) {
      const slot = this.#evictFromSmall()
      if (slot !== NONE) return slot
    }
    return this.#evictFromMain()
  }

  /** The first on trial that was not used enough; -1 when all were, and have moved on to the main queue. */
  #evictFromSmall(): number {
    for (let slot = this.#small.shift(); slot !== NONE; slot = this.#small.shift()) {
      if (this.#states[slot]! < this.#promoteAfter) {
        this.#ghosts.reserve(this.#main.size + this.#small.size + 1)
        this.#ghosts.add(this.#hashes[slot]!)
        return slot
      }
      this.#states[slot] = IN_MAIN
      this.#main.push(slot)
    }
    return NONE
  }

  #evictFromMain(): number {
    for (let slot = this.#main.shift(); slot !== NONE; slot = this.#main.shift()) {
      const state = this.#states[slot]!
      if (state === IN_MAIN) return slot
      this.#states[slot] = state - 1
      this.#main.push(slot)
    }
    return this.#small.shift()
  }
}

/** S3-FIFO with a tuning of its own. */
export function s3FifoWith(tuning: S3FifoTuning): EvictionPolicyFactory {
  return (_limits: EvictionLimits) => new S3FifoPolicy(tuning)
}

export const s3Fifo: EvictionPolicyFactory = s3FifoWith({})
