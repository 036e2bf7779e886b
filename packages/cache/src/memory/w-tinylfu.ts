import type { EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'
import { FrequencySketch } from './frequency-sketch.js'
import { HillClimber } from './hill-climber.js'
import { SlotLinks, SlotQueue } from './slot-lists.js'

const NONE = -1
const WINDOW = 0
const PROBATION = 1
const PROTECTED = 2
/** Share of the main area for what was used again since it came there. */
const PROTECTED_SHARE = 0.8
const DEFAULT_WINDOW = 0.01
/** A candidate that was used this often is let in now and then though the victim was used more, against attackers. */
const WARM = 6

export interface WTinyLfuTuning {
  /** Share of the slots for the window, 0 to 1. Default 0.01 to begin with, then adapted by hill climbing. */
  readonly window?: number
  /** A sketch that it shares with others that see the same uses. Default: one of its own. */
  readonly sketch?: FrequencySketch
  /** Whether it counts uses in the sketch; of those that share one, one does. Default true. */
  readonly countsUses?: boolean
}

/**
 * W-TinyLFU: newcomers pass through a window in LRU order; what leaves it is let into the main area (a segmented LRU) only
 * if a frequency sketch says that it was used more often than what would go for it (Einziger, Friedman & Manes, "TinyLFU",
 * ACM Transactions on Storage 2017). The size of the window is found by hill climbing, as in Caffeine (Einziger, Eytan,
 * Friedman & Manes, "Adaptive software cache management", Middleware 2018).
 */
class WTinyLfuPolicy implements EvictionPolicy {
  readonly usesHash = true
  readonly #links = new SlotLinks()
  readonly #window = new SlotQueue(this.#links)
  readonly #probation = new SlotQueue(this.#links)
  readonly #protected = new SlotQueue(this.#links)
  #areas = new Uint8Array(0)
  #hashes: Uint32Array = new Uint32Array(0)
  readonly #sketch: FrequencySketch
  readonly #countsUses: boolean
  #bytes: Uint32Array = new Uint32Array(0)
  readonly #climber: HillClimber | undefined
  #windowShare: number
  #random = 0x2545_f491

  constructor({ window, sketch, countsUses = true }: WTinyLfuTuning) {
    this.#sketch = sketch ?? new FrequencySketch()
    this.#countsUses = countsUses
    this.#windowShare = window ?? DEFAULT_WINDOW
    this.#climber = window === undefined ? new HillClimber(DEFAULT_WINDOW) : undefined
  }

  grow({ capacity, hashes, bytes }: SlotColumns): void {
    this.#links.grow(capacity)
    this.#hashes = hashes
    this.#bytes = bytes
    const areas = new Uint8Array(capacity)
    areas.set(this.#areas)
    this.#areas = areas
    this.#sketch.reserve(capacity)
  }

  insert(slot: number): void {
    if (this.#countsUses) this.#sketch.increment(this.#hashes[slot]!)
    this.#climb(false)
    this.#areas[slot] = WINDOW
    this.#window.push(slot)
    while (this.#window.size > this.#windowSize()) this.#pass(this.#window.front)
  }

  adopt(slot: number, warmth: number): void {
    this.#sketch.increment(this.#hashes[slot]!)
    const isWarm = warmth >= 1 - PROTECTED_SHARE
    if (isWarm) this.#sketch.increment(this.#hashes[slot]!)
    this.#areas[slot] = isWarm ? PROTECTED : PROBATION
    if (isWarm) this.#protected.push(slot)
    else this.#probation.push(slot)
  }

  touch(slot: number): void {
    if (this.#countsUses) this.#sketch.increment(this.#hashes[slot]!)
    this.#climb(true)
    const area = this.#areas[slot]
    if (area === WINDOW) this.#window.moveToBack(slot)
    else if (area === PROTECTED) this.#protected.moveToBack(slot)
    else this.#protect(slot)
  }

  replace(slot: number): void {
    this.touch(slot)
  }

  remove(slot: number): void {
    this.#queueOf(slot).remove(slot)
  }

  evict(_incoming: number, lacking: number): number {
    const candidate = this.#window.front
    const victim = this.#probation.front !== NONE ? this.#probation.front : this.#protected.front
    if (candidate === NONE && victim === NONE) return NONE
    if (victim === NONE) return this.#window.shift()
    // The newcomer will stand in the window: it is full now if that would be too much.
    if (candidate === NONE || this.#window.size < this.#windowSize()) return this.#give(victim)
    if (!this.#admits(candidate, victim, lacking > 0)) return this.#window.shift()
    this.#pass(candidate)
    return this.#give(victim)
  }

  #admits(candidate: number, victim: number, bySize: boolean): boolean {
    const uses = this.#sketch.estimate(this.#hashes[candidate]!)
    const usesOfVictim = this.#sketch.estimate(this.#hashes[victim]!)
    // Where bytes are short, uses for each byte count: many small entries fit in the room of a large one.
    const isBetter = bySize ? uses * this.#bytes[victim]! > usesOfVictim * this.#bytes[candidate]! : uses > usesOfVictim
    if (isBetter) return true
    if (uses < WARM || bySize) return false
    // Xorshift (Marsaglia 2003); 1 in 128.
    this.#random ^= this.#random << 13
    this.#random ^= this.#random >>> 17
    this.#random ^= this.#random << 5
    return (this.#random & 127) === 0
  }

  #give(slot: number): number {
    this.#queueOf(slot).remove(slot)
    return slot
  }

  /** From the window on probation. */
  #pass(slot: number): void {
    this.#window.remove(slot)
    this.#areas[slot] = PROBATION
    this.#probation.push(slot)
  }

  #protect(slot: number): void {
    this.#probation.remove(slot)
    this.#areas[slot] = PROTECTED
    this.#protected.push(slot)
    const room = (this.#probation.size + this.#protected.size) * PROTECTED_SHARE
    while (this.#protected.size > room) {
      const oldest = this.#protected.shift()
      this.#areas[oldest] = PROBATION
      this.#probation.push(oldest)
    }
  }

  #queueOf(slot: number): SlotQueue {
    const area = this.#areas[slot]
    return area === WINDOW ? this.#window : area === PROTECTED ? this.#protected : this.#probation
  }

  #held(): number {
    return this.#window.size + this.#probation.size + this.#protected.size
  }

  #windowSize(): number {
    return Math.max(1, Math.round(this.#held() * this.#windowShare))
  }

  #climb(isHit: boolean): void {
    if (this.#climber === undefined) return
    this.#windowShare = this.#climber.record(isHit, this.#held())
  }
}

/** W-TinyLFU with a window of a fixed share. */
export function wTinyLfuWith(tuning: WTinyLfuTuning): EvictionPolicyFactory {
  return () => new WTinyLfuPolicy(tuning)
}

export const wTinyLfu: EvictionPolicyFactory = wTinyLfuWith({})
