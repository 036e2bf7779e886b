import type { Capacity } from './capacity.js'
import { FarthestUse } from './farthest-use.js'
import { NEVER, nextUses } from './next-uses.js'
import type { Tally } from './tally.js'
import { DELETE, READ, type Trace } from './trace.js'

/**
 * Belady's optimum: knows the whole trace, and gives up what is needed again last, or does not take in a value that is
 * needed later than everything it holds (L. A. Belady, "A study of replacement algorithms for a virtual-storage
 * computer", IBM Systems Journal 5(2), 1966; that it is optimal: Mattson, Gecsei, Slutz & Traiger, ibid. 9(2), 1970).
 * Where all values have one size and do not expire, no policy hits more often. With sizes or lifetimes it is the usual
 * yardstick and neither optimal nor a bound: finding the optimum is NP-hard then (Chrobak, Woeginger, Makino & Xu,
 * Algorithmica 63, 2012), and a policy that gives up one large value in place of many small ones may beat it; what
 * bounds it is {@link upperBound}.
 */
export function belady(trace: Trace, capacity: Capacity): Tally {
  const { keys, kinds, sizes } = trace
  const cache = new ClairvoyantCache(trace, capacity)
  let [hits, bytesHit] = [0, 0]
  for (let step = 0; step < keys.length; step++) {
    const kind = kinds?.[step] ?? READ
    const isHit = cache.take(step)
    if (isHit && kind === READ) {
      hits++
      bytesHit += sizes?.[step] ?? 1
    }
    if (kind !== DELETE) cache.offer(step, isHit && kind === READ)
  }
  return { hits, bytesHit, evictions: cache.evictions, expirations: 0, refusals: 0 }
}

/** Holds values by the step that needs them next; one that nobody needs again is never held. */
class ClairvoyantCache {
  readonly #trace: Trace
  readonly #capacity: Capacity
  readonly #next: Uint32Array
  /** Step at which the held value of a key is needed; `NEVER`: not held. */
  readonly #needed: Uint32Array
  readonly #bytesOf: Uint32Array
  readonly #deadlines: Float64Array | undefined
  readonly #farthest: FarthestUse
  #entries = 0
  #bytes = 0
  evictions = 0

  constructor(trace: Trace, capacity: Capacity) {
    const { keys, distinct } = trace
    this.#trace = trace
    this.#capacity = capacity
    this.#next = nextUses(trace)
    const needed = new Uint32Array(distinct).fill(NEVER)
    this.#needed = needed
    this.#bytesOf = new Uint32Array(distinct)
    this.#deadlines = trace.ttls && new Float64Array(distinct)
    this.#farthest = new FarthestUse((step) => needed[keys[step]!] === step)
  }

  /** Takes the value of the step's key out, if it is held; whether it was. */
  take(step: number): boolean {
    const key = this.#trace.keys[step]!
    if (this.#needed[key] === NEVER) return false
    this.#drop(key)
    return true
  }

  /**
   * Holds the value of the step's key if that is worth more than what has to go for it. `isHit`: it was held before.
   */
  offer(step: number, isHit: boolean): void {
    const key = this.#trace.keys[step]!
    const next = this.#next[step]!
    if (next === NEVER || this.#dies(step, next, isHit)) return
    const bytes = this.#trace.sizes?.[step] ?? 1
    if (!this.#makeRoom(bytes, next)) return
    this.#needed[key] = next
    this.#bytesOf[key] = bytes
    this.#entries++
    this.#bytes += bytes
    this.#farthest.push(next, this.#entries)
  }

  /** Whether the value is past its time when it is needed. A hit does not lengthen its life. */
  #dies(step: number, next: number, isHit: boolean): boolean {
    const { keys, times, ttls } = this.#trace
    if (this.#deadlines === undefined || times === undefined || ttls === undefined) return false
    const key = keys[step]!
    if (!isHit) this.#deadlines[key] = times[step]! + ttls[step]!
    return times[next]! >= this.#deadlines[key]!
  }

  /**
   * Gives up what is needed later than `next`, the latest first, until `bytes` fit; nothing when that does not suffice.
   */
  #makeRoom(bytes: number, next: number): boolean {
    const given: number[] = []
    let [entries, room] = [this.#entries, this.#bytes]
    while (entries + 1 > this.#capacity.entries || room + bytes > this.#capacity.bytes) {
      const farthest = this.#farthest.peek()
      if (farthest <= next) {
        for (const step of given) this.#farthest.push(step, this.#entries)
        return false
      }
      this.#farthest.pop()
      given.push(farthest)
      entries--
      room -= this.#bytesOf[this.#trace.keys[farthest]!]!
    }
    for (const step of given) this.#drop(this.#trace.keys[step]!)
    this.evictions += given.length
    return true
  }

  #drop(key: number): void {
    this.#needed[key] = NEVER
    this.#entries--
    this.#bytes -= this.#bytesOf[key]!
  }
}
