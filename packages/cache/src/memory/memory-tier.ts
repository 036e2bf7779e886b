import type { MemoryEntry } from '../entry.js'
import { CacheError, invalidOption, show } from '../errors.js'
import type { Clock, MemoryFigures, MemoryTier, RemovalCause } from '../ports.js'
import { type EvictionPolicy, type EvictionPolicyFactory, slotColumns } from './eviction.js'
import { hashOf } from './hash.js'
import { lru } from './lru.js'
import { sizeOfEntry } from './size.js'
import { TimerWheel } from './timer-wheel.js'
import { WakeTimer } from './wake-timer.js'

export interface MemoryTierOptions {
  /** At most this many entries: 1 to 8,388,608, what a Map can hold under constant replacement. */
  readonly maxEntries: number
  /** At most this many bytes, as counted by `sizeOf`. */
  readonly maxBytes: number
  /** Bytes that an entry counts for, rounded up. Default: calculated from its key, tags and value. */
  readonly sizeOf?: ((value: unknown, key: string) => number) | undefined
  readonly clock: Clock
  /** Default: least recently used. */
  readonly policy?: EvictionPolicyFactory | undefined
}

type RemoveListener = (key: string, entry: MemoryEntry, cause: RemovalCause) => void

/** Half of what V8 lets a Map hold: then a full table always has room once its deleted entries are swept out. */
const MAX_ENTRIES = 2 ** 23
/** Slots that an empty tier has room for; it doubles as needed. */
const INITIAL_CAPACITY = 1_024
/** Expired entries removed in one turn of the event loop; the others follow in the next. */
const EXPIRED_PER_TURN = 10_000
/** What a column of sizes can hold. */
const MAX_COLUMN_BYTES = 2 ** 32 - 1
const NONE = -1

/**
 * Makes a {@link MemoryTier} bounded by entries and by bytes. When either bound is reached, expired entries go first, then
 * what the eviction policy gives up. Expired entries are never returned and are removed within about 64 ms of their
 * deadline (or as soon as the event loop is free) without being read. Throws a `CacheError` (`invalid-option`) for
 * impossible bounds, and (`invalid-argument`) from `set` when `sizeOf` returns something that is not a size.
 */
export function createMemoryTier(options: MemoryTierOptions): MemoryTier {
  const { maxEntries, maxBytes } = options
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > MAX_ENTRIES) {
    throw invalidOption('memory.maxEntries', maxEntries, `a whole number from 1 to ${MAX_ENTRIES}`)
  }
  if (!(maxBytes > 0)) throw invalidOption('memory.maxBytes', maxBytes, 'more than 0')
  return new SlottedMemoryTier(options)
}

/**
 * Entries live in numbered slots: one Map from key to slot, and arrays by slot for everything else. The policy and the
 * timer wheel link slots, not objects, so that a hit allocates nothing and a million entries cost the collector little.
 */
class SlottedMemoryTier implements MemoryTier {
  readonly #clock: Clock
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #sizeOf: ((value: unknown, key: string) => number) | undefined
  readonly #makePolicy: EvictionPolicyFactory
  readonly #slots = new Map<string, number>()
  #keys: (string | undefined)[] = []
  #entries: (MemoryEntry | undefined)[] = []
  #sizes: number[] = []
  #columns = slotColumns(0)
  #free: number[] = []
  #capacity = 0
  #policy: EvictionPolicy
  #wheel: TimerWheel
  #bytes = 0
  #evictions = 0
  #expirations = 0
  #refusals = 0
  readonly #timer: WakeTimer
  #listener: RemoveListener | undefined
  /** Removals that the listener has yet to hear of: it is told when the tier is in order again, and may call it. */
  readonly #removals: [key: string, entry: MemoryEntry, cause: RemovalCause][] = []
  #telling = false
  #closed = false

  constructor(options: MemoryTierOptions) {
    this.#clock = options.clock
    this.#maxEntries = options.maxEntries
    this.#maxBytes = options.maxBytes
    this.#sizeOf = options.sizeOf
    this.#makePolicy = options.policy ?? lru
    this.#policy = this.#makePolicy({ maxEntries: this.#maxEntries, maxBytes: this.#maxBytes })
    this.#wheel = new TimerWheel(this.#clock.now())
    this.#timer = new WakeTimer(this.#clock, () => this.#wake())
  }

  get(key: string, now = this.#clock.now()): MemoryEntry | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    const entry = this.#entries[slot]!
    if (now >= entry.staleUntil) {
      this.#remove(slot, 'expired')
      this.#tell()
      return undefined
    }
    this.#policy.touch(slot)
    return entry
  }

  peek(key: string, now = this.#clock.now()): MemoryEntry | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    const entry = this.#entries[slot]!
    return now >= entry.staleUntil ? undefined : entry
  }

  slotOf(key: string): number {
    return this.#slots.get(key) ?? NONE
  }

  touch(slot: number): void {
    this.#policy.touch(slot)
  }

  set(key: string, entry: MemoryEntry): boolean {
    if (this.#closed) return false
    const now = this.#clock.now()
    const bytes = this.#measure(key, entry)
    const kept = bytes <= this.#maxBytes
    if (!kept) this.#refusals++
    // An entry that is past its time already is not worth evicting anything for.
    if (kept && now < entry.staleUntil) this.#store(key, entry, bytes, now)
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
    if (this.#listener !== undefined) {
      for (const [key, slot] of this.#slots) this.#removals.push([key, this.#entries[slot]!, 'cleared'])
    }
    this.#reset()
    this.#tell()
  }

  *entries(): IterableIterator<[key: string, entry: MemoryEntry]> {
    // By slot and not by the Map's own iterator: that one would follow what is added meanwhile without end.
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const key = this.#keys[slot]
      const entry = this.#entries[slot]
      if (key === undefined || entry === undefined || this.#clock.now() >= entry.staleUntil) continue
      yield [key, entry]
    }
  }

  bytesOf(key: string): number | undefined {
    const slot = this.#slots.get(key)
    return slot === undefined ? undefined : this.#sizes[slot]
  }

  figures(): MemoryFigures {
    return {
      entries: this.#slots.size,
      bytes: this.#bytes,
      maxEntries: this.#maxEntries,
      maxBytes: this.#maxBytes,
      evictions: this.#evictions,
      expirations: this.#expirations,
      refusals: this.#refusals,
    }
  }

  onRemove(listener: RemoveListener): void {
    this.#listener = listener
  }

  close(): void {
    this.#closed = true
    this.#listener = undefined
    this.#removals.length = 0
    this.#reset()
  }

  /** Stores what fits in the tier, in the key's own slot or a new one. */
  #store(key: string, entry: MemoryEntry, bytes: number, now: number): void {
    const hash = this.#policy.usesHash ? hashOf(key) : 0
    let slot = this.#slots.get(key)
    if (slot === undefined) {
      this.#makeRoom(1, bytes, hash, NONE, now)
      slot = this.#allocate()
      this.#slots.set(key, slot)
      this.#keys[slot] = key
      this.#columns.hashes[slot] = hash
      this.#columns.bytes[slot] = Math.min(bytes, MAX_COLUMN_BYTES)
      this.#policy.insert(slot)
      this.#wheel.schedule(slot, entry.staleUntil, now)
    } else {
      const old = this.#entries[slot]!
      this.#count(key, old, now >= old.staleUntil ? 'expired' : 'replaced')
      this.#bytes -= this.#sizes[slot]!
      this.#sizes[slot] = 0
      this.#columns.bytes[slot] = Math.min(bytes, MAX_COLUMN_BYTES)
      this.#policy.replace(slot)
      this.#wheel.schedule(slot, entry.staleUntil, now)
      this.#makeRoom(0, bytes, hash, slot, now)
    }
    this.#entries[slot] = entry
    this.#sizes[slot] = bytes
    this.#bytes += bytes
    this.#timer.arm(this.#wheel.nextWake(), now)
  }

  /**
   * Removes expired entries, then what the policy gives up, until there is room. `keep` is the slot that the room is made
   * for, if it has one already: should the policy give up that one, it comes back as a newcomer.
   */
  #makeRoom(entries: number, bytes: number, hash: number, keep: number, now: number): void {
    while (this.#isTooFull(entries, bytes) && this.#removeExpired(now));
    let kept = true
    while (this.#isTooFull(entries, bytes)) {
      const slot = this.#policy.evict(hash, Math.max(0, this.#bytes + bytes - this.#maxBytes))
      if (slot === keep) kept = false
      else this.#release(slot, 'capacity')
    }
    if (!kept) this.#policy.insert(keep)
  }

  #isTooFull(moreEntries: number, moreBytes: number): boolean {
    return this.#slots.size + moreEntries > this.#maxEntries || this.#bytes + moreBytes > this.#maxBytes
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
    const slot = this.#slots.get(key)
    if (slot === undefined) return false
    const alive = now < this.#entries[slot]!.staleUntil
    this.#remove(slot, alive ? cause : 'expired')
    return alive
  }

  #remove(slot: number, cause: RemovalCause): void {
    this.#policy.remove(slot)
    this.#release(slot, cause)
  }

  /** Frees a slot that the policy has let go of. */
  #release(slot: number, cause: RemovalCause): void {
    const key = this.#keys[slot]!
    this.#count(key, this.#entries[slot]!, cause)
    this.#wheel.cancel(slot)
    this.#slots.delete(key)
    this.#keys[slot] = undefined
    this.#entries[slot] = undefined
    this.#bytes -= this.#sizes[slot]!
    this.#sizes[slot] = 0
    this.#free.push(slot)
    if (this.#wheel.size === 0) this.#timer.disarm()
  }

  #count(key: string, entry: MemoryEntry, cause: RemovalCause): void {
    entry.shortcut?.end()
    if (cause === 'capacity') this.#evictions++
    else if (cause === 'expired') this.#expirations++
    if (this.#listener !== undefined) this.#removals.push([key, entry, cause])
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

  #allocate(): number {
    const slot = this.#free.pop() ?? this.#keys.length
    if (slot < this.#capacity) return slot
    this.#capacity = Math.min(Math.max(INITIAL_CAPACITY, this.#capacity * 2), this.#maxEntries)
    this.#columns = slotColumns(this.#capacity, this.#columns)
    this.#policy.grow(this.#columns)
    this.#wheel.grow(this.#capacity)
    return slot
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
    for (let taken = 0; taken < EXPIRED_PER_TURN && this.#removeExpired(now); taken++);
    this.#timer.arm(this.#wheel.nextWake(), now)
    this.#tell()
  }

  /** Back to the state after creation, except for the counters. */
  #reset(): void {
    this.#timer.disarm()
    for (const entry of this.#entries) entry?.shortcut?.end()
    this.#slots.clear()
    this.#keys = []
    this.#entries = []
    this.#sizes = []
    this.#columns = slotColumns(0)
    this.#free = []
    this.#capacity = 0
    this.#bytes = 0
    this.#policy = this.#makePolicy({ maxEntries: this.#maxEntries, maxBytes: this.#maxBytes })
    this.#wheel = new TimerWheel(this.#clock.now())
  }
}
