import assert from 'node:assert/strict'
import {
  type EvictionLimits,
  type EvictionPolicy,
  type EvictionPolicyFactory,
  type SlotColumns,
  slotColumns,
} from '../memory/eviction.js'
import { seededRandom } from '../seeded-random.js'

/** One thing that every implementation of a port must do. It throws when the implementation does not. */
export interface ContractCase<Subject> {
  readonly name: string
  run(subject: Subject): void
}

const LIMITS: EvictionLimits = { maxEntries: 64, maxBytes: 6_400 }
const BYTES = 100

/**
 * The contract of an {@link EvictionPolicy}, as cases for any test runner:
 * `for (const { name, run } of evictionContract) it(name, () => run(myPolicy))`.
 */
export const evictionContract: readonly ContractCase<EvictionPolicyFactory>[] = [
  {
    name: 'gives nothing up when it holds nothing',
    run(create) {
      const subject = new Subject(create, 4)
      assert.equal(subject.policy.evict(0, BYTES), -1)
      subject.insert(0, 0)
      subject.policy.remove(0)
      assert.equal(subject.policy.evict(0, BYTES), -1)
    },
  },
  {
    name: 'gives up every slot that it holds, each once',
    run(create) {
      const subject = new Subject(create, 64)
      for (let slot = 0; slot < 64; slot++) subject.insert(slot, slot)
      assert.deepEqual(drained(subject.policy), range(64))
    },
  },
  {
    name: 'does not gain or lose slots by their use',
    run(create) {
      const subject = new Subject(create, 16)
      for (let slot = 0; slot < 16; slot++) subject.insert(slot, slot)
      for (let round = 0; round < 5; round++) {
        for (let slot = round; slot < 16; slot += 2) subject.policy.touch(slot)
        for (let slot = round; slot < 16; slot += 3) subject.replace(slot, BYTES + round)
      }
      assert.deepEqual(drained(subject.policy), range(16))
    },
  },
  {
    name: 'never gives up a slot that was removed',
    run(create) {
      const subject = new Subject(create, 64)
      for (let slot = 0; slot < 64; slot++) subject.insert(slot, slot)
      for (let slot = 0; slot < 64; slot += 3) subject.policy.remove(slot)
      assert.deepEqual(
        drained(subject.policy),
        range(64).filter((slot) => slot % 3 !== 0),
      )
    },
  },
  {
    name: 'keeps what it holds when the store grows',
    run(create) {
      const subject = new Subject(create, 8)
      for (let slot = 0; slot < 8; slot++) subject.insert(slot, slot)
      subject.policy.touch(3)
      subject.grow(64)
      for (let slot = 8; slot < 64; slot++) subject.insert(slot, slot)
      assert.deepEqual(drained(subject.policy), range(64))
    },
  },
  {
    name: 'takes slots again, for the same key and for others',
    run(create) {
      const subject = new Subject(create, 8)
      for (let round = 0; round < 200; round++) {
        const held = new Set<number>()
        for (let slot = 0; slot < 8; slot++) {
          subject.insert(slot, (round * 8 + slot) % 12)
          held.add(slot)
        }
        while (held.size > round % 8) held.delete(subject.policy.evict(hashOfKey(round), BYTES))
        for (const slot of held) subject.policy.remove(slot)
        assert.equal(subject.policy.evict(0, BYTES), -1)
      }
    },
  },
  {
    name: 'keeps what is used all the time while many others pass through once',
    run(create) {
      const store = new DrivenStore(create)
      const favourites = range(4)
      for (let passing = 0; passing < 1_000; passing++) {
        for (const key of favourites) store.use(key)
        for (const key of favourites) store.use(key)
        store.use(1_000 + passing)
      }
      assert.deepEqual(
        favourites.filter((key) => store.holds(key)),
        favourites,
      )
    },
  },
  {
    name: 'holds exactly what the store holds, in any order of events',
    run(create) {
      for (let seed = 1; seed <= 40; seed++) {
        const random = seededRandom(seed)
        const store = new DrivenStore(create)
        for (let step = 0; step < 2_000; step++) {
          const key = Math.floor(random() ** 2 * 300)
          const action = random()
          if (action < 0.8) store.use(key)
          else if (action < 0.9) store.overwrite(key, 1 + Math.floor(random() * 400))
          else store.remove(key)
        }
        store.checkAll()
      }
    },
  },
]

/** A store of keys without values that drives a policy as the memory tier does, and checks every answer. */
class DrivenStore {
  readonly #subject: Subject
  readonly #slots = new Map<number, number>()
  readonly #keys = new Map<number, number>()
  readonly #bytes = new Map<number, number>()
  readonly #free = range(LIMITS.maxEntries).reverse()

  constructor(create: EvictionPolicyFactory) {
    this.#subject = new Subject(create, LIMITS.maxEntries)
  }

  holds(key: number): boolean {
    return this.#slots.has(key)
  }

  use(key: number): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) this.#insert(key)
    else this.#subject.policy.touch(slot)
  }

  overwrite(key: number, bytes: number): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#subject.replace(slot, bytes)
    this.#bytes.set(slot, bytes)
    while (this.#total() > LIMITS.maxBytes) this.#evict(key)
  }

  remove(key: number): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#subject.policy.remove(slot)
    this.#release(slot)
  }

  checkAll(): void {
    assert.deepEqual(
      drained(this.#subject.policy),
      [...this.#keys.keys()].sort((a, b) => a - b),
    )
  }

  #insert(key: number): void {
    while (this.#free.length === 0 || this.#total() + BYTES > LIMITS.maxBytes) this.#evict(key)
    const slot = this.#free.pop() ?? -1
    this.#slots.set(key, slot)
    this.#keys.set(slot, key)
    this.#bytes.set(slot, BYTES)
    this.#subject.insert(slot, key)
  }

  #evict(incoming: number): void {
    const slot = this.#subject.policy.evict(hashOfKey(incoming), BYTES)
    assert.ok(this.#keys.has(slot), `evict() gave up slot ${slot}, which is not held`)
    this.#release(slot)
  }

  #release(slot: number): void {
    this.#slots.delete(this.#keys.get(slot) ?? -1)
    this.#keys.delete(slot)
    this.#bytes.delete(slot)
    this.#free.push(slot)
  }

  #total(): number {
    let total = 0
    for (const bytes of this.#bytes.values()) total += bytes
    return total
  }
}

/** A policy with the columns that it was given, for inserts as the store makes them. */
class Subject {
  readonly policy: EvictionPolicy
  columns: SlotColumns

  constructor(create: EvictionPolicyFactory, capacity: number) {
    this.policy = create({ ...LIMITS, maxEntries: Math.min(LIMITS.maxEntries, capacity) })
    this.columns = slotColumns(capacity)
    this.policy.grow(this.columns)
  }

  grow(capacity: number): void {
    this.columns = slotColumns(capacity, this.columns)
    this.policy.grow(this.columns)
  }

  insert(slot: number, key: number, bytes = BYTES): void {
    this.columns.hashes[slot] = hashOfKey(key)
    this.columns.bytes[slot] = bytes
    this.policy.insert(slot)
  }

  replace(slot: number, bytes: number): void {
    this.columns.bytes[slot] = bytes
    this.policy.replace(slot)
  }
}

/** Everything that the policy still holds, sorted; at most as many answers as a policy without a fault can give. */
function drained(policy: EvictionPolicy): number[] {
  const slots: number[] = []
  while (slots.length <= LIMITS.maxEntries) {
    const slot = policy.evict(0, BYTES)
    if (slot === -1) break
    slots.push(slot)
  }
  return slots.sort((a, b) => a - b)
}

/** Spreads small keys over 32 bits. */
function hashOfKey(key: number): number {
  return Math.imul(key + 1, 0x9e3779b1) >>> 0
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}
