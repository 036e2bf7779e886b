import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../testing/index.js'
import { memoryEntry } from '../testing/memory-entry.js'
import { type EvictionPolicyFactory, slotColumns } from './eviction.js'
import { createMemoryTier } from './memory-tier.js'
import { wTinyLfu, wTinyLfuWith } from './w-tinylfu.js'

const ENTRIES = 500
const READS = 200_000

/** Share of reads that hit when the keys in use change all the time, each read at random from those that came last. */
function hitRatioOfShiftingKeys(policy: EvictionPolicyFactory): number {
  const tier = createMemoryTier({
    maxEntries: ENTRIES,
    maxBytes: Number.POSITIVE_INFINITY,
    sizeOf: () => 1,
    clock: createVirtualClock(),
    policy,
  })
  let state = 1
  let hits = 0
  for (let read = 0; read < READS; read++) {
    // Numerical Recipes' generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const key = `${Math.floor(read / 20) + Math.floor((state / 2 ** 32) * 400)}`
    if (tier.get(key) === undefined) tier.set(key, memoryEntry(1))
    else hits++
  }
  return hits / READS
}

/** A policy for slots that are told apart by their hashes alone. */
function policyOf(capacity: number) {
  const policy = wTinyLfuWith({ window: 0.1 })({ maxEntries: capacity, maxBytes: Number.POSITIVE_INFINITY })
  const columns = slotColumns(capacity)
  for (let slot = 0; slot < capacity; slot++) columns.hashes[slot] = Math.imul(slot + 1, 0x9e37_79b1)
  policy.grow(columns)
  return policy
}

describe('W-TinyLFU', () => {
  it('widens its window while the store is full, where the traffic wants that', () => {
    const fixed = hitRatioOfShiftingKeys(wTinyLfuWith({ window: 0.01 }))
    expect(hitRatioOfShiftingKeys(wTinyLfu)).toBeGreaterThan(fixed + 0.1)
  })

  it('has a window for what it holds, whatever was held before', () => {
    const policy = policyOf(1_200)
    for (let slot = 0; slot < 1_000; slot++) policy.insert(slot)
    for (let slot = 0; slot < 900; slot++) policy.remove(slot)
    const other = policyOf(1_200)
    for (let slot = 900; slot < 1_000; slot++) other.insert(slot)
    for (let slot = 1_000; slot < 1_050; slot++) {
      policy.insert(slot)
      other.insert(slot)
    }
    // What is used is protected if it is in the main area, and not in the window.
    for (let slot = 900; slot < 1_050; slot += 3) {
      policy.touch(slot)
      other.touch(slot)
    }
    const order = (one: typeof policy) => Array.from({ length: 150 }, () => one.evict(0, 0))
    expect(order(policy)).toEqual(order(other))
  })
})
