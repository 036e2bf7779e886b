import { describe, expect, it } from 'vitest'
import type { MemoryPolicy } from '../options.js'
import { seededRandom } from '../seeded-random.js'
import { adaptive } from './adaptive.js'
import { type EvictionPolicy, slotColumns } from './eviction.js'
import { createEviction } from './policies.js'

/** A store of numbered keys that drives a policy as the memory tier does, and counts its hits. */
class Store {
  readonly policy: EvictionPolicy
  readonly #capacity: number
  readonly #columns
  readonly #slots = new Map<number, number>()
  readonly #keys: number[] = []
  hits = 0
  evictions = 0

  constructor(policy: EvictionPolicy, capacity: number) {
    this.policy = policy
    this.#capacity = capacity
    this.#columns = slotColumns(capacity)
    policy.grow(this.#columns)
  }

  use(key: number): boolean {
    const known = this.#slots.get(key)
    if (known !== undefined) {
      this.policy.touch(known)
      this.hits++
      return true
    }
    const hash = hashOfKey(key)
    let slot = this.#slots.size
    if (slot === this.#capacity) {
      slot = this.policy.evict(hash, 0)
      this.evictions++
      this.#slots.delete(this.#keys[slot]!)
    }
    this.#slots.set(key, slot)
    this.#keys[slot] = key
    this.#columns.hashes[slot] = hash
    this.#columns.bytes[slot] = 100
    this.policy.insert(slot)
    return false
  }

  holds(key: number): boolean {
    return this.#slots.has(key)
  }
}

function hashOfKey(key: number): number {
  const mixed = Math.imul(key ^ (key >>> 15), 0x2c1b_3c6d)
  return Math.imul(mixed ^ (mixed >>> 12), 0x297a_2d39) >>> 0
}

function storeOf(name: MemoryPolicy, capacity: number): Store {
  const limits = { maxEntries: capacity, maxBytes: Number.POSITIVE_INFINITY, now: () => 1_234 }
  return new Store(createEviction(name, limits), capacity)
}

function hitRatio(name: MemoryPolicy, capacity: number, trace: readonly number[]): number {
  const store = storeOf(name, capacity)
  for (const key of trace) store.use(key)
  return store.hits / trace.length
}

/** Keys near the last ones, again and again: what was used lately is used again. */
function recent(length: number, span = 300): number[] {
  const random = seededRandom(3)
  return Array.from({ length }, (_, at) => Math.max(0, Math.floor(at / 4) - Math.floor(random() ** 2 * span)))
}

function loop(length: number, keys: number): number[] {
  return Array.from({ length }, (_, at) => 1_000_000 + (at % keys))
}

/** Each key twice, soon after each other, and never again: what is kept longer is kept in vain. */
function twice(length: number, apart: number): number[] {
  return Array.from({ length }, (_, at) => (at % 2 === 0 ? apart + at / 2 : (at - 1) / 2))
}

/** A loop and recency among fresh keys, each again before a change would have paid for itself. */
function inTurn(turn: number, turns: number): number[] {
  return Array.from({ length: turns }, (_, at) =>
    at % 2 === 0 ? loop(turn, 800) : recent(turn, 1_000).map((key) => key + at * 10_000),
  ).flat()
}

const OTHERS = ['lru', 'fifo', 'sieve', 's3-fifo', 'arc', 'w-tinylfu'] as const

describe('the adaptive policy', () => {
  it('comes within a point of the best on a loop, on recency, and on both in turn', () => {
    for (const trace of [
      loop(60_000, 600),
      recent(60_000),
      [...recent(60_000), ...loop(60_000, 600), ...recent(60_000)],
    ]) {
      const best = Math.max(...OTHERS.map((name) => hitRatio(name, 300, trace)))
      expect(hitRatio('adaptive', 300, trace)).toBeGreaterThan(best - 0.01)
    }
  })

  it('does not run after each turn of the traffic, where none lasts long enough to pay for a change', () => {
    const trace = inTurn(6_000, 14)
    const best = Math.max(...OTHERS.map((name) => hitRatio(name, 400, trace)))
    expect(hitRatio('adaptive', 400, trace)).toBeGreaterThan(best - 0.01)
  })

  it('says which policy rules, what it expects of each, and why the last change came', () => {
    const store = storeOf('adaptive', 300)
    for (const key of [...recent(30_000), ...loop(30_000, 600)]) store.use(key)
    const report = store.policy.report!()
    expect(report.candidates.map(({ name }) => name)).toContain(report.active)
    expect(report.candidates.every(({ hitRatio }) => hitRatio > 0 && hitRatio < 1)).toBe(true)
    expect(report.sampleRate).toBe(1)
    expect(report.changes).toBeGreaterThan(0)
    expect(report.lastChange).toMatchObject({ at: 1_234, to: report.active })
    expect(report.lastChange?.why).toMatch(
      /of the last \d+ sampled reads .* would have hit \d+ more \(\d+\.\d % instead of \d+\.\d %\)/,
    )
  })

  it('has rehearsed by the time the first entry has to go', () => {
    const store = storeOf('adaptive', 1_000)
    // Recency within what a quarter of the room holds, until everything is full.
    for (const key of recent(6_000, 50)) {
      store.use(key)
      if (store.policy.report!().changes > 0) break
    }
    const { lastChange } = store.policy.report!()
    expect(store.evictions).toBe(1)
    expect(lastChange?.why).toMatch(
      /of the first \d+ sampled reads .* would have hit \d+ more in a quarter of the room/,
    )
  })

  it('lets what weighs sizes take part once bytes are the bound', () => {
    const policy = adaptive({ maxEntries: 1_000, maxBytes: 100_000 })
    const names = () => policy.report!().candidates.map(({ name }) => name)
    policy.grow(slotColumns(10))
    for (let slot = 0; slot < 10; slot++) policy.insert(slot)
    policy.evict(0, 0)
    expect(names()).not.toContain('gdsf')
    policy.evict(0, 100)
    expect(names()).toContain('gdsf')
  })

  it('keeps what it holds when another policy takes over', () => {
    const store = storeOf('adaptive', 5_000)
    const trace = [...loop(30_000, 8_000), ...recent(400_000)]
    let changes = 0
    for (let at = 0; at < trace.length; at++) {
      const key = trace[at]!
      store.use(key)
      // A use evicts one at most, so that what was used just before is still there after a change.
      if (at % 1_000 !== 0) continue
      const now = store.policy.report!().changes
      if (now > changes) expect([key, trace[at - 1]!].every((one) => store.holds(one))).toBe(true)
      changes = now
    }
    expect(changes).toBeGreaterThan(0)
  })

  it('keeps no place for what it took over and nobody asks for again', () => {
    const trace = [...loop(30_000, 600), ...twice(100_000, 100)]
    const best = Math.max(...OTHERS.map((name) => hitRatio(name, 300, trace)))
    expect(hitRatio('adaptive', 300, trace)).toBeGreaterThan(best - 0.01)
    expect(hitRatio('adaptive', 300, twice(100_000, 100))).toBeGreaterThan(0.48)
  })

  it('keeps the hot set while a million keys pass through once', () => {
    const store = storeOf('adaptive', 1_000)
    const random = seededRandom(1)
    let hits = 0
    let reads = 0
    for (let passing = 0; passing < 1_000_000; passing++) {
      store.use(1_000_000 + passing)
      if (passing % 4 !== 0) continue
      const isHit = store.use(Math.floor(random() * 500))
      if (passing < 100_000) continue
      reads++
      if (isHit) hits++
    }
    expect(hits / reads).toBeGreaterThan(0.98)
  })

  it('takes a smaller sample of a larger store, and a larger one when bytes are the bound', () => {
    const rateOf = (policy: EvictionPolicy) => policy.report!().sampleRate
    const large = adaptive({ maxEntries: 1_000_000, maxBytes: 100_000 })
    expect(rateOf(large)).toBeLessThan(0.01)
    const columns = slotColumns(1_000)
    large.grow(columns)
    for (let slot = 0; slot < 1_000; slot++) {
      columns.hashes[slot] = hashOfKey(slot)
      columns.bytes[slot] = 100
      large.insert(slot)
    }
    large.evict(0, 100)
    expect(rateOf(large)).toBeGreaterThan(0.25)
  })
})
