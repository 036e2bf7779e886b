import type { EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'
import { FrequencySketch } from './frequency-sketch.js'
import { HillClimber } from './hill-climber.js'
import { LARGE_STORE } from './large-store.js'
import { SlotLinks, SlotQueue } from './slot-lists.js'

const NONE = -1
/** A state is one byte: uses in the lower four bits, whether it was used since it was last looked at, and the area. */
const MAX_USES = 15
const USED = 16
const WINDOW = 0
const PROBATION = 32
const PROTECTED = 64
const AREA = 96
/** Uses of eight states, or of a word of the sketch, halved at once. */
const HALF_USES = 0x0707_0707
const OTHER_BITS = 0xf0f0_f0f0
/** Share of the main area for what was used again since it came there. */
const PROTECTED_SHARE = 0.8
const DEFAULT_WINDOW = 0.01
/** Uses for each slot after which all counts are halved. */
const FADED_AFTER = 10
/**
 * In a store larger than this one search looks at few slots only: where all were used, it would take many milliseconds.
 */
const FEW_LOOKS = 8
/** A candidate that was used this often is let in now and then though the victim was used more, against attackers. */
const WARM = 6

export interface WTinyLfuTuning {
  /** Share of the slots for the window, 0 to 1. Default 0.01 to begin with, then adapted by hill climbing. */
  readonly window?: number
}

/**
 * W-TinyLFU: newcomers pass through a window; what leaves it is let into the main area, of which a part is protected,
 * only if it was used more often than what would go for it (Einziger, Friedman & Manes, "TinyLFU", ACM Transactions on
 * Storage 2017). The size of the window is found by hill climbing, as in Caffeine (Einziger, Eytan, Friedman & Manes,
 * "Adaptive software cache management", Middleware 2018).
 *
 * Different from Caffeine so that a hit writes one byte: uses of what is held are counted in its slot, and only what
 * goes leaves its count in the frequency sketch; and queues do not move what is used, but spare it when its turn comes.
 */
class WTinyLfuPolicy implements EvictionPolicy {
  readonly #links = new SlotLinks()
  readonly #window = new SlotQueue(this.#links)
  readonly #probation = new SlotQueue(this.#links)
  readonly #protected = new SlotQueue(this.#links)
  #states = new Uint8Array(0)
  #hashes: Int32Array = new Int32Array(0)
  #bytes: Uint32Array = new Uint32Array(0)
  readonly #sketch = new FrequencySketch()
  readonly #climber: HillClimber | undefined
  #windowShare: number
  /** Slots that may be in the window while so many are held: {@link #windowSize} works it out when that has changed. */
  #windowMost = 1
  #windowOf = 0
  #held = 0
  #uses = 0
  #random = 0x2545_f491

  constructor({ window }: WTinyLfuTuning) {
    this.#windowShare = window ?? DEFAULT_WINDOW
    this.#climber = window === undefined ? new HillClimber(DEFAULT_WINDOW) : undefined
  }

  grow({ capacity, hashes, bytes }: SlotColumns): void {
    this.#links.grow(capacity)
    this.#hashes = hashes
    this.#bytes = bytes
    // A multiple of four, to be halved in words.
    const states = new Uint8Array(Math.ceil(capacity / 4) * 4)
    states.set(this.#states)
    this.#states = states
    this.#sketch.reserve(capacity)
  }

  insert(slot: number): void {
    const uses = Math.min(MAX_USES, this.#sketch.estimate(this.#hashes[slot]!) + 1)
    this.#states[slot] = WINDOW | uses
    this.#window.push(slot)
    this.#held++
    if (++this.#uses >= FADED_AFTER * this.#held) this.#fade()
    if (this.#climber !== undefined) this.#climb(this.#climber)
    while (this.#window.size > this.#windowSize()) this.#pass(this.#window.front, PROBATION)
  }

  /** Nothing is known of how often it was used: it is on probation, where one use will protect it. */
  adopt(slot: number): void {
    this.#states[slot] = PROBATION | 1
    this.#probation.push(slot)
    this.#held++
  }

  touch(slot: number): void {
    const state = this.#states[slot]!
    this.#states[slot] = (state & MAX_USES) === MAX_USES ? state | USED : (state | USED) + 1
    this.#uses++
    this.#climber?.count(true)
  }

  replace(slot: number): void {
    this.touch(slot)
  }

  remove(slot: number): void {
    this.#queueOf(slot).remove(slot)
    this.#held--
  }

  evict(_incoming: number, lacking: number): number {
    const candidate = this.#candidate()
    const victim = this.#victim()
    if (candidate === NONE && victim === NONE) return NONE
    if (victim === NONE) return this.#give(candidate)
    // The newcomer will stand in the window: it is full now if that would be too much.
    if (candidate === NONE || this.#window.size < this.#windowSize()) return this.#give(victim)
    if (!this.#admits(candidate, victim, lacking > 0)) return this.#give(candidate)
    this.#pass(candidate, PROBATION)
    return this.#give(victim)
  }

  /** The first in the window that was not used since it was last looked at. */
  #candidate(): number {
    for (let looks = Math.min(this.#window.size, this.#mostLooks()); looks > 0; looks--) {
      const slot = this.#window.front
      if ((this.#states[slot]! & USED) === 0) break
      this.#pass(slot, WINDOW)
    }
    return this.#window.front
  }

  /** The first on probation that was not used there; what was used is protected from now on. */
  #victim(): number {
    for (let looks = this.#mostLooks(); looks > 0 && this.#probation.front !== NONE; looks--) {
      const slot = this.#probation.front
      if ((this.#states[slot]! & USED) === 0) return slot
      this.#pass(slot, PROTECTED)
      this.#unprotect()
    }
    return this.#probation.front === NONE ? this.#protected.front : this.#probation.front
  }

  /** Keeps the protected part within its share; what was used there since the last look goes round once more. */
  #unprotect(): void {
    const room = (this.#probation.size + this.#protected.size) * PROTECTED_SHARE
    for (
      let looks = Math.min(this.#protected.size, this.#mostLooks());
      looks > 0 && this.#protected.size > room;
      looks--
    ) {
      const slot = this.#protected.front
      const isUsed = (this.#states[slot]! & USED) !== 0
      this.#pass(slot, isUsed ? PROTECTED : PROBATION)
    }
  }

  #admits(candidate: number, victim: number, bySize: boolean): boolean {
    const uses = this.#states[candidate]! & MAX_USES
    const usesOfVictim = this.#states[victim]! & MAX_USES
    if (this.#isBetter(candidate, uses, victim, usesOfVictim, bySize)) {
      // Newcomers are overestimated where keys share counters; for what is held to be treated alike, so must that be.
      const estimate = Math.max(usesOfVictim, this.#sketch.estimate(this.#hashes[victim]!))
      return this.#isBetter(candidate, uses, victim, estimate, bySize)
    }
    if (uses < WARM || bySize) return false
    // Xorshift (Marsaglia 2003); 1 in 128.
    this.#random ^= this.#random << 13
    this.#random ^= this.#random >>> 17
    this.#random ^= this.#random << 5
    return (this.#random & 127) === 0
  }

  #isBetter(candidate: number, uses: number, victim: number, usesOfVictim: number, bySize: boolean): boolean {
    // Where bytes are short, uses for each byte count: many small entries fit in the room of a large one.
    return bySize ? uses * this.#bytes[victim]! > usesOfVictim * this.#bytes[candidate]! : uses > usesOfVictim
  }

  /** Lets go of a slot; the sketch remembers how often it was used. */
  #give(slot: number): number {
    this.remove(slot)
    this.#sketch.raise(this.#hashes[slot]!, this.#states[slot]! & MAX_USES)
    return slot
  }

  /** To the back of an area, as not used. */
  #pass(slot: number, area: number): void {
    this.#queueOf(slot).remove(slot)
    this.#states[slot] = (this.#states[slot]! & MAX_USES) | area
    this.#queueOf(slot).push(slot)
  }

  #queueOf(slot: number): SlotQueue {
    const area = this.#states[slot]! & AREA
    return area === WINDOW ? this.#window : area === PROTECTED ? this.#protected : this.#probation
  }

  #mostLooks(): number {
    return this.#held > LARGE_STORE ? FEW_LOOKS : this.#held
  }

  #windowSize(): number {
    if (this.#windowOf !== this.#held) {
      this.#windowOf = this.#held
      this.#windowMost = Math.max(1, Math.round(this.#held * this.#windowShare))
    }
    return this.#windowMost
  }

  #climb(climber: HillClimber): void {
    climber.count(false)
    const share = climber.share(this.#held)
    if (share === this.#windowShare) return
    this.#windowShare = share
    this.#windowOf = 0
  }

  #fade(): void {
    const words = new Uint32Array(this.#states.buffer)
    for (let word = 0; word < words.length; word++) {
      words[word] = (words[word]! & OTHER_BITS) | ((words[word]! >>> 1) & HALF_USES)
    }
    this.#sketch.fade()
    this.#uses >>>= 1
  }
}

/** W-TinyLFU with a window of a fixed share. */
export function wTinyLfuWith(tuning: WTinyLfuTuning): EvictionPolicyFactory {
  return () => new WTinyLfuPolicy(tuning)
}

export const wTinyLfu: EvictionPolicyFactory = wTinyLfuWith({})
