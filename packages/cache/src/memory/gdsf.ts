import type { EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'

const NONE = -1
/** Uses are counted up to this, so that a former favourite can be overtaken. */
const MAX_USES = 255

/**
 * GreedyDual-Size with frequency: each entry has the priority age + uses / size; the least goes, and its priority
 * becomes the age that newcomers begin with, so that what is not used any more is overtaken (Cherkasova, "Improving WWW
 * proxies performance with Greedy-Dual-Size-Frequency caching policy", HP Labs 1998). The policy for entries of very
 * different sizes. Where the number of entries is the bound, all count as of equal size. A binary heap: O(log n) for
 * each use.
 */
class GdsfPolicy implements EvictionPolicy {
  /** Slots, the one with the least priority first. */
  #heap = new Int32Array(0)
  #places = new Int32Array(0)
  #priorities = new Float64Array(0)
  #uses = new Uint8Array(0)
  #bytes: Uint32Array = new Uint32Array(0)
  #size = 0
  #age = 0
  /** Whether bytes were short when room was last made. */
  #bySize = false

  grow({ capacity, bytes }: SlotColumns): void {
    this.#bytes = bytes
    this.#heap = copyInto(new Int32Array(capacity), this.#heap)
    this.#places = copyInto(new Int32Array(capacity), this.#places)
    this.#priorities = copyInto(new Float64Array(capacity), this.#priorities)
    this.#uses = copyInto(new Uint8Array(capacity), this.#uses)
  }

  insert(slot: number): void {
    this.#add(slot, 1)
  }

  adopt(slot: number, warmth: number): void {
    this.#add(slot, 1 + Math.round(warmth))
  }

  touch(slot: number): void {
    if (this.#uses[slot]! < MAX_USES) this.#uses[slot]!++
    this.#judge(slot)
    this.#rise(this.#places[slot]!)
    this.#sink(this.#places[slot]!)
  }

  replace(slot: number): void {
    this.touch(slot)
  }

  remove(slot: number): void {
    const place = this.#places[slot]!
    const last = this.#heap[--this.#size]!
    if (last === slot) return
    this.#put(last, place)
    this.#rise(place)
    this.#sink(this.#places[last]!)
  }

  evict(_incoming: number, lacking: number): number {
    this.#bySize = lacking > 0
    if (this.#size === 0) return NONE
    const slot = this.#heap[0]!
    this.#age = this.#priorities[slot]!
    this.remove(slot)
    return slot
  }

  #add(slot: number, uses: number): void {
    this.#uses[slot] = uses
    this.#judge(slot)
    this.#put(slot, this.#size++)
    this.#rise(this.#size - 1)
  }

  #judge(slot: number): void {
    const size = this.#bySize ? Math.max(1, this.#bytes[slot]!) : 1
    this.#priorities[slot] = this.#age + this.#uses[slot]! / size
  }

  #put(slot: number, place: number): void {
    this.#heap[place] = slot
    this.#places[slot] = place
  }

  #rise(from: number): void {
    const slot = this.#heap[from]!
    let place = from
    while (place > 0) {
      const above = this.#heap[(place - 1) >> 1]!
      if (this.#priorities[above]! <= this.#priorities[slot]!) break
      this.#put(above, place)
      place = (place - 1) >> 1
    }
    this.#put(slot, place)
  }

  #sink(from: number): void {
    const slot = this.#heap[from]!
    let place = from
    for (let child = 2 * place + 1; child < this.#size; child = 2 * place + 1) {
      if (child + 1 < this.#size && this.#priorityAt(child + 1) < this.#priorityAt(child)) child++
      if (this.#priorities[slot]! <= this.#priorityAt(child)) break
      this.#put(this.#heap[child]!, place)
      place = child
    }
    this.#put(slot, place)
  }

  #priorityAt(place: number): number {
    return this.#priorities[this.#heap[place]!]!
  }
}

export const gdsf: EvictionPolicyFactory = () => new GdsfPolicy()

function copyInto<T extends Int32Array | Float64Array | Uint8Array>(larger: T, smaller: T): T {
  larger.set(smaller)
  return larger
}
