import type { MemoryEntry } from '../entry.js'
import { CacheError, invalidOption, show } from '../errors.js'
import { hashOf } from '../hash.js'
import type { MemoryPolicy } from '../options.js'
import type { Clock, MemoryBounds, MemoryFigures, MemoryTier, PolicyFigures, RemovalCause, Timer } from '../ports.js'
import { EntrySlots } from './entry-slots.js'
import type { EvictionLimits, EvictionPolicy, EvictionPolicyFactory } from './eviction.js'
import { createEviction } from './policies.js'
import { sizeOfEntry } from './size.js'
import { TimerWheel } from './timer-wheel.js'
import { TOLD_OF, UseLog } from './use-log.js'
import { WakeTimer } from './wake-timer.js'

export interface MemoryTierOptions {
  /** At most this many entries: 1 to 8,388,608. */
  readonly maxEntries: number
  /** At most this many bytes, as counted by `sizeOf`. */
  readonly maxBytes: number
  /** Bytes that an entry counts for, rounded up. Default: calculated from its key, tags and value. */
  readonly sizeOf?: ((value: unknown, key: string) => number) | undefined
  readonly clock: Clock
  /** By name, or one of your own. Default `'adaptive'`. */
  readonly policy?: MemoryPolicy | EvictionPolicyFactory | undefined
}

type RemoveListener = (key: string, entry: MemoryEntry, cause: RemovalCause) => void

/** What the places of the index can tell apart. */
const MAX_ENTRIES = 2 ** 23
/** Steps of the timer wheel in one turn of the event loop, of at most one entry each; the others follow in the next. */
const EXPIRED_PER_TURN = 2_000
/** Entries given up in one turn of the event loop when the bounds have been lowered. */
const SHRINK_PER_TURN = 1_000
/**
 * One use in this many is weighed, for the byte hit rate: its size lies in memory that a hit need not touch otherwise.
 * Of a quiet store it is the one that the policy is told of.
 */
const WEIGHED = TOLD_OF
const NONE = -1

/**
 * Makes a {@link MemoryTier} bounded by entries and by bytes. When either bound is reached, expired entries go first,
 * then what the eviction policy gives up. Expired entries are never returned and are removed within about 64 ms of
 * their deadline (or as soon as the event loop is free) without being read. Throws a `CacheError` (`invalid-option`)
 * for impossible bounds, and (`invalid-argument`) from `set` when `sizeOf` returns something that is not a size.
 */
export function createMemoryTier(options: MemoryTierOptions): MemoryTier {
  checkBounds(options)
  return new SlottedMemoryTier(options)
}

function checkBounds({ maxEntries, maxBytes }: MemoryBounds): void {
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > MAX_ENTRIES) {
    throw invalidOption('memory.maxEntries', maxEntries, `a whole number from 1 to ${MAX_ENTRIES}`)
  }
  if (!(maxBytes > 0)) throw invalidOption('memory.maxBytes', maxBytes, 'more than 0')
}

/** The bounds, the order of eviction and the time of entries; {@link EntrySlots} hold them. */
class SlottedMemoryTier implements MemoryTier {
  readonly #clock: Clock
  #bounds: MemoryBounds
  /** What may be held just now: more than the bounds while they are being approached from above. */
  #allowedEntries: number
  #allowedBytes: number
  readonly #sizeOf: ((value: unknown, key: string) => number) | undefined
  readonly #policyName: string
  readonly #makePolicy: EvictionPolicyFactory
  #slots!: EntrySlots
  #policy!: EvictionPolicy
  #wheel!: TimerWheel
  #evictions = 0
  #expirations = 0
  #refusals = 0
  #used = new UseLog()
  #uses = 0
  #weighedHitBytes = 0
  #missedBytes = 0
  readonly #timer: WakeTimer
  #shrinking: Timer | undefined
  #listener: RemoveListener | undefined
  /** Removals that the listener has yet to hear of: it is told when the tier is in order again, and may call it. */
  readonly #removals: [key: string, entry: MemoryEntry, cause: RemovalCause][] = []
  #telling = false
  #closed = false

  constructor(options: MemoryTierOptions) {
    const { clock, maxEntries, maxBytes, sizeOf, policy = 'adaptive' } = options
    this.#clock = clock
    this.#bounds = { maxEntries, maxBytes }
    this.#allowedEntries = maxEntries
    this.#allowedBytes = maxBytes
    this.#sizeOf = sizeOf
    this.#policyName = typeof policy === 'string' ? policy : 'custom'
    this.#makePolicy = typeof policy === 'string' ? (limits) => createEviction(policy, limits) : policy
    this.#timer = new WakeTimer(clock, () => this.#wake())
    this.#begin()
  }

  get(key: string, now = this.#clock.now(), hash?: number): MemoryEntry | undefined {
    const slot = this.#slots.find(key, hash)
    if (slot === NONE) return undefined
    const entry = this.#slots.entryOf(slot)!
    if (now >= entry.staleUntil) {
      this.#remove(slot, 'expired')
      this.#tell()
      return undefined
    }
    this.touch(slot)
    return entry
  }

  peek(key: string, now = this.#clock.now(), hash?: number): MemoryEntry | undefined {
    const slot = this.#slots.find(key, hash)
    if (slot === NONE) return undefined
    const entry = this.#slots.entryOf(slot)!
    return now >= entry.staleUntil ? undefined : entry
  }

  slotOf(key: string): number {
    return this.#slots.find(key)
  }

  touch(slot: number): void {
    const used = this.#used
    if (used.toSkip > 0) {
      used.toSkip--
      return
    }
    used.slots[used.length++] = slot
    if (used.length === used.limit) this.#tellUses()
  }

  set(key: string, entry: MemoryEntry, now = this.#clock.now(), hash = hashOf(key)): boolean {
    if (this.#closed) return false
    const bytes = this.#measure(key, entry)
    const kept = bytes <= this.#bounds.maxBytes && bytes < Number.POSITIVE_INFINITY
    if (!kept) this.#refusals++
    // An entry that is past its time already is not worth evicting anything for.
    if (kept && now < entry.staleUntil) this.#store(key, hash, entry, bytes, now)
    else this.#take(key, 'replaced', now)
    this.#tell()
    return kept
  }

  delete(key: string): boolean {
    const removed = this.#take(key, 'deleted', this.#clock.now())
    this.#tell()
    return removed
  }

  clear(): void {
    for (let slot = 0; slot < this.#slots.end && this.#listener !== undefined; slot++) {
      const entry = this.#slots.entryOf(slot)
      if (entry !== undefined) this.#removals.push([this.#slots.keyOf(slot)!, entry, 'cleared'])
    }
    this.#reset()
    this.#tell()
  }

  *entries(): IterableIterator<[key: string, entry: MemoryEntry]> {
    // What is added meanwhile takes a free slot or one beyond these, so that this comes to an end.
    const { end } = this.#slots
    for (let slot = 0; slot < end; slot++) {
      const entry = this.#slots.entryOf(slot)
      if (entry === undefined || this.#clock.now() >= entry.staleUntil) continue
      yield [this.#slots.keyOf(slot)!, entry]
    }
  }

  bytesOf(key: string): number | undefined {
    const slot = this.#slots.find(key)
    return slot === NONE ? undefined : this.#slots.bytesOf(slot)
  }

  resize(bounds: Partial<MemoryBounds>): void {
    const { maxEntries = this.#bounds.maxEntries, maxBytes = this.#bounds.maxBytes } = bounds
    checkBounds({ maxEntries, maxBytes })
    this.#bounds = { maxEntries, maxBytes }
    this.#slots.resize(maxEntries)
    this.#informed().resize?.(this.#limits())
    this.#shrink()
  }

  figures(): MemoryFigures {
    return {
      entries: this.#slots.size,
      bytes: this.#slots.bytes,
      maxEntries: this.#allowedEntries,
      maxBytes: this.#allowedBytes,
      evictions: this.#evictions,
      expirations: this.#expirations,
      refusals: this.#refusals,
    }
  }

  policy(): PolicyFigures {
    const name = this.#policyName
    const learnt = this.#informed().report?.()
    const hitBytes = this.#weighedHitBytes * WEIGHED
    const allBytes = hitBytes + this.#missedBytes
    const nothingLearnt = {
      active: name,
      sampleRate: 0,
      sampledReads: 0,
      candidates: [],
      changes: 0,
      lastChange: undefined,
    }
    return {
      name,
      byteHitRate: allBytes === 0 ? 1 : hitBytes / allBytes,
      ...(learnt ?? nothingLearnt),
    }
  }

  onRemove(listener: RemoveListener | undefined): void {
    this.#listener = listener
  }

  close(): void {
    this.#closed = true
    this.#listener = undefined
    this.#removals.length = 0
    this.#reset()
  }

  /** Stores what fits in the tier, in the key's own slot or that of a newcomer. */
  #store(key: string, hash: number, entry: MemoryEntry, bytes: number, now: number): void {
    const slots = this.#slots
    const known = slots.find(key, hash)
    if (known === NONE) {
      this.#missedBytes += bytes
      if (!this.#isTooFull(1, bytes) || this.#hasReclaimed(bytes, now)) this.#admit(key, hash, entry, bytes, now)
      else this.#supplant(key, hash, entry, bytes, now)
    } else {
      const before = slots.entryOf(known)!.staleUntil
      this.#count(known, now >= before ? 'expired' : 'replaced')
      slots.replace(known, entry, bytes)
      this.#informed().replace(known)
      this.#reschedule(known, before, now)
      this.#makeRoomFor(known, hash, now)
    }
  }

  #admit(key: string, hash: number, entry: MemoryEntry, bytes: number, now: number): void {
    const slot = this.#slots.occupy(key, hash, entry, bytes)
    this.#informed().insert(slot)
    this.#wheel.schedule(slot, entry.staleUntil, now)
    this.#timer.arm(this.#wheel.nextWake(), now)
  }

  /** Puts a newcomer into the slot of an entry that the policy gives up, after others if that is not room enough. */
  #supplant(key: string, hash: number, entry: MemoryEntry, bytes: number, now: number): void {
    const slots = this.#slots
    let slot = this.#giveUp(hash, bytes)
    while (this.#isTooFull(0, bytes - slots.bytesOf(slot))) {
      this.#release(slot, 'capacity')
      slot = this.#giveUp(hash, bytes)
    }
    const before = slots.entryOf(slot)!.staleUntil
    this.#count(slot, 'capacity')
    slots.supplant(slot, key, hash, entry, bytes)
    this.#informed().insert(slot)
    this.#reschedule(slot, before, now)
  }

  /** Removes entries that are past their time until there is room; `false` when there are too few. */
  #hasReclaimed(bytes: number, now: number): boolean {
    while (this.#removeExpired(now)) if (!this.#isTooFull(1, bytes)) return true
    return false
  }

  #reschedule(slot: number, before: number, now: number): void {
    const hasMoved = this.#wheel.reschedule(slot, before, this.#slots.entryOf(slot)!.staleUntil, now)
    if (hasMoved || this.#timer.isOverdue(now)) this.#timer.arm(this.#wheel.nextWake(), now)
  }

  /**
   * Makes room for an entry that has become larger, and has its slot: expired ones go, then what the policy gives up.
   * Should that be this very slot, it comes back as a newcomer.
   */
  #makeRoomFor(keep: number, hash: number, now: number): void {
    while (this.#isTooFull(0, 0) && this.#removeExpired(now));
    let kept = true
    while (this.#isTooFull(0, 0)) {
      const slot = this.#giveUp(hash, 0)
      if (slot === keep) kept = false
      else this.#release(slot, 'capacity')
    }
    if (!kept) this.#informed().insert(keep)
  }

  /** The slot that the policy gives up, so that there is room for so many more bytes under this hash. */
  #giveUp(hash: number, bytes: number): number {
    return this.#informed().evict(hash, Math.max(0, this.#slots.bytes + bytes - this.#allowedBytes))
  }

  /**
   * The policy, told of every use so far: before it is asked or told anything else, so that it hears all in order. That
   * is what ends the quiet, in which it hears of few.
   */
  #informed(): EvictionPolicy {
    if (this.#used.length > 0) this.#tellUses()
    this.#used.wake()
    return this.#policy
  }

  #tellUses(): void {
    const { slots, length, share } = this.#used
    this.#used.empty(this.#slots.size)
    for (let at = 0; at < length; at++) {
      const slot = slots[at]!
      this.#policy.touch(slot)
      this.#uses += share
      if (this.#uses % WEIGHED < share) this.#weighedHitBytes += this.#slots.bytesOf(slot)
    }
  }

  #isTooFull(moreEntries: number, moreBytes: number): boolean {
    return this.#slots.size + moreEntries > this.#allowedEntries || this.#slots.bytes + moreBytes > this.#allowedBytes
  }

  /** Comes closer to lower bounds, and goes on in the next turn until they are kept. Nothing grows meanwhile. */
  #shrink(): void {
    this.#shrinking = undefined
    const { maxEntries, maxBytes } = this.#bounds
    const now = this.#clock.now()
    for (let gone = 0; gone < SHRINK_PER_TURN; gone++) {
      const isOver = this.#slots.size > maxEntries || this.#slots.bytes > maxBytes
      if (!isOver) break
      if (!this.#removeExpired(now)) {
        this.#release(this.#informed().evict(0, Math.max(0, this.#slots.bytes - maxBytes)), 'capacity')
      }
    }
    this.#allowedEntries = Math.max(maxEntries, this.#slots.size)
    this.#allowedBytes = Math.max(maxBytes, this.#slots.bytes)
    const isDone = this.#allowedEntries === maxEntries && this.#allowedBytes === maxBytes
    if (!isDone) this.#shrinking = this.#clock.setTimeout(() => this.#shrink(), 0)
    this.#tell()
  }

  /** Removes one entry that is past its time; `false` when there is none. */
  #removeExpired(now: number): boolean {
    const slot = this.#wheel.expire(now)
    if (slot === NONE) return false
    this.#remove(slot, 'expired')
    return true
  }

  /** Removes what is under the key; `true` when that was still alive. */
  #take(key: string, cause: RemovalCause, now: number): boolean {
    const slot = this.#slots.find(key)
    if (slot === NONE) return false
    const alive = now < this.#slots.entryOf(slot)!.staleUntil
    this.#remove(slot, alive ? cause : 'expired')
    return alive
  }

  #remove(slot: number, cause: RemovalCause): void {
    this.#informed().remove(slot)
    this.#release(slot, cause)
  }

  /** Frees a slot that the policy has let go of. */
  #release(slot: number, cause: RemovalCause): void {
    this.#count(slot, cause)
    this.#wheel.cancel(slot)
    this.#slots.vacate(slot)
    if (this.#wheel.size === 0) this.#timer.disarm()
  }

  #count(slot: number, cause: RemovalCause): void {
    const entry = this.#slots.entryOf(slot)!
    entry.shortcut?.end()
    if (cause === 'capacity') this.#evictions++
    else if (cause === 'expired') this.#expirations++
    if (this.#listener !== undefined) this.#removals.push([this.#slots.keyOf(slot)!, entry, cause])
  }

  /** Tells the listener of what was removed. What it removes in turn is told by the call that is already telling. */
  #tell(): void {
    if (this.#removals.length === 0 || this.#telling) return
    this.#telling = true
    let told = 0
    try {
      while (told < this.#removals.length) {
        const [key, entry, cause] = this.#removals[told++]!
        this.#listener?.(key, entry, cause)
      }
    } finally {
      this.#removals.splice(0, told)
      this.#telling = false
    }
  }

  #measure(key: string, entry: MemoryEntry): number {
    if (this.#sizeOf === undefined) return sizeOfEntry(key, entry)
    let bytes: unknown
    try {
      bytes = this.#sizeOf(entry.value, key)
      if (typeof bytes === 'number' && bytes >= 0) return Math.ceil(bytes)
      throw new CacheError(
        'invalid-argument',
        `memory.sizeOf: expected a number of bytes of at least 0, got ${show(bytes)}`,
        { key },
      )
    } catch (error) {
      // The old value must not survive a write that failed half way.
      this.delete(key)
      throw error
    }
  }

  #wake(): void {
    const now = this.#clock.now()
    for (let step = 0; step < EXPIRED_PER_TURN && (this.#removeExpired(now) || this.#wheel.isBehind); step++);
    this.#timer.arm(this.#wheel.nextWake(), now)
    this.#tell()
  }

  /** Back to the state after creation, except for the counters. */
  #reset(): void {
    this.#timer.disarm()
    if (this.#shrinking !== undefined) this.#clock.clearTimeout(this.#shrinking)
    this.#shrinking = undefined
    for (let slot = 0; slot < this.#slots.end; slot++) this.#slots.entryOf(slot)?.shortcut?.end()
    this.#begin()
  }

  #begin(): void {
    this.#allowedEntries = this.#bounds.maxEntries
    this.#allowedBytes = this.#bounds.maxBytes
    this.#used = new UseLog()
    this.#policy = this.#makePolicy(this.#limits())
    this.#wheel = new TimerWheel(this.#clock.now(), (slot) => this.#slots.entryOf(slot)!.staleUntil)
    this.#slots = new EntrySlots(this.#bounds.maxEntries, (columns) => {
      this.#informed().grow(columns)
      this.#wheel.grow(columns.capacity)
    })
  }

  #limits(): EvictionLimits {
    return { ...this.#bounds, now: () => this.#clock.now() }
  }
}
