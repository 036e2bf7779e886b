import { type EvictionPolicy, type PolicyChoiceReport, type SlotColumns, slotColumns } from '../memory/eviction.js'
import { TimerWheel } from '../memory/timer-wheel.js'
import type { Capacity } from './capacity.js'

const NONE = -1
/** As the memory tier grows. */
const INITIAL_CAPACITY = 1_024

/** What a store is told of the requests that it gets. */
export interface StoreSettings {
  readonly capacity: Capacity
  /** Numbers of keys are below this. */
  readonly distinct: number
  /** Hash of each key, as production computes it from its name. */
  readonly hashes: Int32Array
}

/**
 * A memory tier without values: it has slots, bounds and deadlines as production's has and drives the same eviction
 * policy and timer wheel in the same order, but keys are numbers that index an array. A test compares the two request
 * by request.
 */
export class SimulatedStore {
  readonly #policy: EvictionPolicy
  readonly #wheel = new TimerWheel(0, (slot) => this.#deadlines[slot]!)
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #hashes: Int32Array
  /** Slot of each key; -1: not here. */
  readonly #slots: Int32Array
  #keys = new Int32Array(0)
  #deadlines = new Float64Array(0)
  #columns: SlotColumns = slotColumns(0)
  #free: number[] = []
  #used = 0
  #entries = 0
  #bytes = 0
  evictions = 0
  expirations = 0
  refusals = 0

  constructor(policy: EvictionPolicy, { capacity, distinct, hashes }: StoreSettings) {
    this.#policy = policy
    this.#maxEntries = capacity.entries
    this.#maxBytes = capacity.bytes
    this.#hashes = hashes
    this.#slots = new Int32Array(distinct).fill(NONE)
  }

  /** What an adaptive policy has learnt. */
  get choice(): PolicyChoiceReport | undefined {
    return this.#policy.report?.()
  }

  /** Reads a key whose value has that many bytes by now: whether it is here and alive. */
  read(key: number, now: number, bytes: number): boolean {
    const slot = this.#slots[key]!
    if (slot === NONE) return false
    if (now >= this.#deadlines[slot]!) {
      this.#expire(slot)
      return false
    }
    if (this.#columns.bytes[slot] === bytes) this.#policy.touch(slot)
    else this.write(key, bytes, now, this.#deadlines[slot]!)
    return true
  }

  /** Stores a key's value, in its own slot or a new one. */
  write(key: number, bytes: number, now: number, deadline: number): void {
    if (bytes > this.#maxBytes) {
      this.refusals++
      this.delete(key, now)
      return
    }
    let slot = this.#slots[key]!
    if (slot === NONE) {
      this.#makeRoom(1, bytes, key, NONE, now)
      slot = this.#allocate()
      this.#slots[key] = slot
      this.#keys[slot] = key
      this.#columns.hashes[slot] = this.#hashes[key]!
      this.#columns.bytes[slot] = bytes
      this.#entries++
      this.#policy.insert(slot)
      this.#wheel.schedule(slot, deadline, now)
    } else {
      const before = this.#deadlines[slot]!
      if (now >= before) this.expirations++
      this.#bytes -= this.#columns.bytes[slot]!
      this.#columns.bytes[slot] = bytes
      this.#policy.replace(slot)
      this.#deadlines[slot] = deadline
      this.#wheel.reschedule(slot, before, deadline, now)
      this.#makeRoom(0, bytes, key, slot, now)
    }
    this.#bytes += bytes
    this.#deadlines[slot] = deadline
  }

  delete(key: number, now: number): void {
    const slot = this.#slots[key]!
    if (slot === NONE) return
    if (now >= this.#deadlines[slot]!) this.expirations++
    this.#policy.remove(slot)
    this.#wheel.cancel(slot)
    this.#release(slot)
  }

  /** Removes what is past its time by now, as production's timer does between requests. */
  advance(now: number): void {
    while (this.#removeExpired(now) || this.#wheel.isBehind);
  }

  /**
   * As production does: expired entries first, then what the policy gives up; `keep` is the slot that the room is for.
   */
  #makeRoom(entries: number, bytes: number, key: number, keep: number, now: number): void {
    while (this.#isTooFull(entries, bytes) && this.#removeExpired(now));
    let kept = true
    while (this.#isTooFull(entries, bytes)) {
      const slot = this.#policy.evict(this.#hashes[key]!, Math.max(0, this.#bytes + bytes - this.#maxBytes))
      if (slot === keep) kept = false
      else {
        this.evictions++
        this.#wheel.cancel(slot)
        this.#release(slot)
      }
    }
    if (!kept) this.#policy.insert(keep)
  }

  #isTooFull(entries: number, bytes: number): boolean {
    return this.#entries + entries > this.#maxEntries || this.#bytes + bytes > this.#maxBytes
  }

  #removeExpired(now: number): boolean {
    const slot = this.#wheel.expire(now)
    if (slot === NONE) return false
    this.#expire(slot)
    return true
  }

  #expire(slot: number): void {
    this.expirations++
    this.#policy.remove(slot)
    this.#wheel.cancel(slot)
    this.#release(slot)
  }

  /** Frees a slot that policy and wheel have let go of. */
  #release(slot: number): void {
    this.#slots[this.#keys[slot]!] = NONE
    this.#bytes -= this.#columns.bytes[slot]!
    this.#columns.bytes[slot] = 0
    this.#entries--
    this.#free.push(slot)
  }

  #allocate(): number {
    const slot = this.#free.pop() ?? this.#used++
    if (slot < this.#columns.capacity) return slot
    const capacity = Math.min(Math.max(INITIAL_CAPACITY, this.#columns.capacity * 2), this.#maxEntries)
    this.#columns = slotColumns(capacity, this.#columns)
    this.#keys = grown(new Int32Array(capacity), this.#keys)
    this.#deadlines = grown(new Float64Array(capacity), this.#deadlines)
    this.#policy.grow(this.#columns)
    this.#wheel.grow(capacity)
    return slot
  }
}

function grown<Values extends Int32Array | Float64Array>(larger: Values, smaller: Values): Values {
  larger.set(smaller)
  return larger
}
