import type { EvictionPolicy, EvictionPolicyFactory, SlotColumns } from './eviction.js'
import { HashIndex } from './hash-index.js'
import { SlotLinks, SlotQueue } from './slot-lists.js'

const NONE = -1

/**
 * ARC, the adaptive replacement cache: one list of what was used once and one of what was used again, each followed by
 * a list of the ghosts of what it gave up. A ghost that comes back shows which of the two lists was too short, and
 * moves the target between them (Megiddo & Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003).
 */
class ArcPolicy implements EvictionPolicy {
  readonly #links = new SlotLinks()
  /** T1: used once since it came. */
  readonly #once = new SlotQueue(this.#links)
  /** T2: used again. */
  readonly #again = new SlotQueue(this.#links)
  #isAgain = new Uint8Array(0)
  #hashes: Int32Array = new Int32Array(0)
  readonly #ghosts = new GhostLists()
  /** p: the share of the slots that is kept for what was used once. */
  #target = 0
  /** Share of the slots of another policy, its coldest, that are taken over as used once. */
  #adoptedOnce = 0.5
  /** Hash of the newcomer that the target was already moved for, until that comes. */
  #movedFor: number | undefined

  grow({ capacity, hashes }: SlotColumns): void {
    this.#links.grow(capacity)
    this.#hashes = hashes
    const isAgain = new Uint8Array(capacity)
    isAgain.set(this.#isAgain)
    this.#isAgain = isAgain
  }

  insert(slot: number): void {
    const hash = this.#hashes[slot]!
    if (this.#movedFor !== hash) this.#moveTarget(hash, this.#once.size + this.#again.size)
    this.#movedFor = undefined
    const isBack = this.#ghosts.take(hash)
    this.#isAgain[slot] = isBack ? 1 : 0
    if (isBack) this.#again.push(slot)
    else this.#once.push(slot)
  }

  /** A target that the lists have not come to yet would make the longer one give up all that was just taken over. */
  follow(model: EvictionPolicy): void {
    if (!(model instanceof ArcPolicy)) return
    const { size } = model.#once
    this.#adoptedOnce = size / Math.max(1, size + model.#again.size)
    this.#target = Math.min(model.#target, this.#adoptedOnce)
  }

  adopt(slot: number, warmth: number): void {
    const isWarm = warmth >= this.#adoptedOnce
    this.#isAgain[slot] = isWarm ? 1 : 0
    if (isWarm) this.#again.push(slot)
    else this.#once.push(slot)
  }

  touch(slot: number): void {
    if (this.#isAgain[slot] === 1) {
      this.#again.moveToBack(slot)
      return
    }
    this.#once.remove(slot)
    this.#isAgain[slot] = 1
    this.#again.push(slot)
  }

  replace(slot: number): void {
    this.touch(slot)
  }

  remove(slot: number): void {
    if (this.#isAgain[slot] === 1) this.#again.remove(slot)
    else this.#once.remove(slot)
  }

  evict(incoming: number): number {
    const held = this.#once.size + this.#again.size
    if (held === 0) return NONE
    if (this.#movedFor !== incoming) this.#moveTarget(incoming, held)
    this.#movedFor = incoming
    const list = this.#ghosts.listOf(incoming)
    if (list === NONE) {
      if (this.#once.size >= held) return this.#once.shift()
      if (this.#once.size + this.#ghosts.once.size >= held) this.#ghosts.forgetOldest(this.#ghosts.once)
      else if (held + this.#ghosts.size >= 2 * held) this.#ghosts.forgetOldest(this.#ghosts.again)
    }
    const target = this.#target * held
    const fromOnce =
      this.#once.size > 0 &&
      (this.#once.size > target || (list === AGAIN && this.#once.size === Math.floor(target)) || this.#again.size === 0)
    const slot = fromOnce ? this.#once.shift() : this.#again.shift()
    this.#ghosts.add(this.#hashes[slot]!, fromOnce ? ONCE : AGAIN, held)
    return slot
  }

  #moveTarget(hash: number, held: number): void {
    const list = this.#ghosts.listOf(hash)
    if (list === NONE) return
    const { once, again } = this.#ghosts
    if (list === ONCE) this.#target = Math.min(1, this.#target + Math.max(1, again.size / once.size) / held)
    else this.#target = Math.max(0, this.#target - Math.max(1, once.size / again.size) / held)
  }
}

const ONCE = 0
const AGAIN = 1

/** B1 and B2: the ghosts of what was given up after one use, and after more, oldest first. */
class GhostLists {
  readonly #links = new SlotLinks()
  readonly once = new SlotQueue(this.#links)
  readonly again = new SlotQueue(this.#links)
  readonly #index = new HashIndex()
  #hashes = new Int32Array(0)
  #lists = new Uint8Array(0)
  readonly #free: number[] = []

  get size(): number {
    return this.#index.size
  }

  listOf(hash: number): number {
    const ghost = this.#index.find(hash)
    return ghost === NONE ? NONE : this.#lists[ghost]!
  }

  /** Whether there was a ghost; it is gone now. */
  take(hash: number): boolean {
    const ghost = this.#index.find(hash)
    if (ghost === NONE) return false
    this.#forget(ghost)
    return true
  }

  forgetOldest(list: SlotQueue): void {
    if (list.front !== NONE) this.#forget(list.front)
  }

  /** Adds a ghost, and keeps their number within that of the slots that are held. */
  add(hash: number, list: number, held: number): void {
    this.take(hash)
    while (this.size > held) this.forgetOldest(this.again.size > 0 ? this.again : this.once)
    const ghost = this.#free.pop() ?? this.size
    if (ghost >= this.#lists.length) this.#grow(Math.max(16, ghost * 2))
    this.#hashes[ghost] = hash
    this.#index.add(ghost)
    this.#lists[ghost] = list
    if (list === ONCE) this.once.push(ghost)
    else this.again.push(ghost)
  }

  #forget(ghost: number): void {
    if (this.#lists[ghost] === ONCE) this.once.remove(ghost)
    else this.again.remove(ghost)
    this.#index.remove(ghost)
    this.#free.push(ghost)
  }

  #grow(capacity: number): void {
    this.#links.grow(capacity)
    const hashes = new Int32Array(capacity)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.#index.grow(hashes)
    const lists = new Uint8Array(capacity)
    lists.set(this.#lists)
    this.#lists = lists
  }
}

export const arc: EvictionPolicyFactory = () => new ArcPolicy()
