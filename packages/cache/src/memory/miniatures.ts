import { type EvictionLimits, type EvictionPolicy, slotColumns } from './eviction.js'
import { HashIndex } from './hash-index.js'

const NONE = -1
const INITIAL_IDS = 64

/**
 * Miniature simulations: what each of several policies would hold if it ran the cache, shown by small caches without
 * values that see a share of the keys and have the same share of the room (Waldspurger et al., "Cache modeling and
 * optimization using miniature simulations", ATC 2017; the keys are chosen by hash as in "Efficient MRC construction
 * with SHARDS", FAST 2015). A sampled key has one id, which is its slot in all of them, so that an access costs one
 * look-up.
 */
export class Miniatures {
  readonly #policies: readonly EvictionPolicy[]
  readonly #index = new HashIndex()
  readonly #free: number[] = []
  #columns = slotColumns(0)
  /** By id: bit `candidate` is set while that one holds it. */
  #holders: Uint32Array = new Uint32Array(0)
  readonly #held: Int32Array
  readonly #heldBytes: Float64Array
  #maxEntries: number
  #maxBytes: number
  /** Bit `candidate` is set if the last access was a hit there. */
  hits = 0

  /** `limits` are those of each miniature: the bounds of the cache times the share of the keys that they see. */
  constructor(policies: readonly EvictionPolicy[], limits: EvictionLimits) {
    this.#policies = policies
    this.#held = new Int32Array(policies.length)
    this.#heldBytes = new Float64Array(policies.length)
    this.#maxEntries = Math.max(1, Math.round(limits.maxEntries))
    this.#maxBytes = limits.maxBytes
    this.#grow(INITIAL_IDS)
  }

  /** Shows a use of a key to every candidate; {@link hits} says which of them held it. */
  access(hash: number, bytes: number): void {
    let id = this.#index.find(hash)
    if (id === NONE) id = this.#allocate(hash)
    const held = this.#holders[id]!
    this.hits = held
    const change = bytes - this.#columns.bytes[id]!
    this.#columns.bytes[id] = bytes
    const policies = this.#policies
    for (let candidate = 0; candidate < policies.length; candidate++) {
      const policy = policies[candidate]!
      if ((held & (1 << candidate)) !== 0) {
        policy.touch(id)
        this.#heldBytes[candidate]! += change
      } else {
        this.#makeRoom(candidate, hash, bytes)
        policy.insert(id)
        this.#holders[id]! |= 1 << candidate
        this.#held[candidate]!++
        this.#heldBytes[candidate]! += bytes
      }
    }
  }

  policyOf(candidate: number): EvictionPolicy {
    return this.#policies[candidate]!
  }

  /** How many keys a candidate holds and another one does not. */
  difference(candidate: number, other: number): number {
    let count = 0
    for (let id = 0; id < this.#columns.capacity; id++) {
      const holders = this.#holders[id]!
      count += (holders >>> candidate) & ~(holders >>> other) & 1
    }
    return count
  }

  /** The key was deleted, or its time is over: nobody holds it any more. */
  forget(hash: number): void {
    const id = this.#index.find(hash)
    if (id === NONE) return
    const held = this.#holders[id]!
    for (let candidate = 0; candidate < this.#policies.length; candidate++) {
      if ((held & (1 << candidate)) === 0) continue
      this.#policies[candidate]!.remove(id)
      this.#release(candidate, id)
    }
  }

  /** From now on only the keys of which `isSampled` is true are shown, and there is room for as large a share. */
  thin(isSampled: (hash: number) => boolean, limits: EvictionLimits): void {
    for (let id = 0; id < this.#columns.capacity; id++) {
      if (this.#holders[id] !== 0 && !isSampled(this.#columns.hashes[id]!)) this.forget(this.#columns.hashes[id]!)
    }
    this.#maxEntries = Math.max(1, Math.round(limits.maxEntries))
    this.#maxBytes = limits.maxBytes
    for (let candidate = 0; candidate < this.#policies.length; candidate++) {
      while (this.#held[candidate]! > this.#maxEntries) this.#release(candidate, this.#policies[candidate]!.evict(0, 0))
    }
  }

  #makeRoom(candidate: number, hash: number, bytes: number): void {
    while (this.#held[candidate]! > 0) {
      const lacking = Math.max(0, this.#heldBytes[candidate]! + bytes - this.#maxBytes)
      if (lacking === 0 && this.#held[candidate]! < this.#maxEntries) return
      this.#release(candidate, this.#policies[candidate]!.evict(hash, lacking))
    }
  }

  #release(candidate: number, id: number): void {
    this.#held[candidate]!--
    this.#heldBytes[candidate]! -= this.#columns.bytes[id]!
    this.#holders[id]! &= ~(1 << candidate)
    if (this.#holders[id] !== 0) return
    this.#index.remove(id)
    this.#free.push(id)
  }

  #allocate(hash: number): number {
    const id = this.#free.pop() ?? this.#index.size
    if (id >= this.#columns.capacity) this.#grow(this.#columns.capacity * 2)
    this.#columns.hashes[id] = hash
    this.#index.add(id)
    this.#columns.bytes[id] = 0
    return id
  }

  #grow(capacity: number): void {
    const holders = new Uint32Array(capacity)
    holders.set(this.#holders)
    this.#holders = holders
    this.#columns = slotColumns(capacity, this.#columns)
    this.#index.grow(this.#columns.hashes)
    for (const policy of this.#policies) policy.grow(this.#columns)
  }
}
