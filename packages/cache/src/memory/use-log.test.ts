import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemoryPolicy } from '../options.js'
import { seededRandom } from '../seeded-random.js'
import { createVirtualClock } from '../testing/index.js'
import { memoryEntry } from '../testing/memory-entry.js'
import type { EvictionPolicy } from './eviction.js'
import { createMemoryTier } from './memory-tier.js'

const ENTRIES = 200
/** Uses after which a store of so many entries is quiet. */
const LOUD = 8 * ENTRIES + 64

function openTier(policy: MemoryPolicy | EvictionPolicy, sizeOf: (value: unknown) => number = () => 1) {
  return createMemoryTier({
    maxEntries: ENTRIES,
    maxBytes: Number.POSITIVE_INFINITY,
    sizeOf,
    clock: createVirtualClock(),
    policy: typeof policy === 'string' ? policy : () => policy,
  })
}

/** A tier full of keys 0 to {@link ENTRIES} - 1, and the uses that its policy has heard of, by slot. */
function openHeard() {
  const heard: number[] = []
  let next = 0
  const tier = openTier({
    grow: () => undefined,
    insert: () => undefined,
    adopt: () => undefined,
    touch: (slot) => void heard.push(slot),
    replace: () => undefined,
    remove: () => undefined,
    evict: () => next++ % ENTRIES,
  })
  for (let key = 0; key < ENTRIES; key++) tier.set(`${key}`, memoryEntry(key))
  return { tier, heard }
}

describe('a store that was used eight times for each entry while nothing came or went', () => {
  it('tells the policy of one use in 16, spread over all entries whatever the rhythm of the reads', () => {
    const { tier, heard } = openHeard()
    for (let use = 0; use < LOUD; use++) tier.get(`${use % ENTRIES}`)
    heard.length = 0
    for (let use = 0; use < 16 * 10_000; use++) tier.get(`${use % 16}`)
    expect(heard).toHaveLength(10_000)
    const counts = Array.from({ length: 16 }, (_, key) => heard.filter((slot) => slot === key).length)
    expect(Math.min(...counts)).toBeGreaterThan(500)
    expect(Math.max(...counts)).toBeLessThan(750)
  })

  it('tells of every use again from the first that comes, goes or is replaced', () => {
    const change = fc.constantFrom('comes', 'goes', 'is replaced')
    fc.assert(
      fc.property(change, fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 200 }), (what, quiet, uses) => {
        const { tier, heard } = openHeard()
        for (let use = 0; use < LOUD + quiet; use++) tier.get(`${use % ENTRIES}`)
        if (what === 'goes') tier.delete('199')
        else tier.set(what === 'comes' ? 'new' : '199', memoryEntry(0))
        heard.length = 0
        const keys = Array.from({ length: uses }, (_, use) => ((use * 7) % 198) + 1)
        for (const key of keys) tier.get(`${key}`)
        // So that it is told of all so far.
        tier.policy()
        expect(heard).toEqual(keys)
      }),
      { numRuns: 60 },
    )
  })

  it('still estimates how many bytes came from memory, in and out of the quiet', () => {
    const tier = openTier('lru', (value) => value as number)
    const sizeOf = (key: number) => 1 + (key % 2) * 999
    const missed = Array.from({ length: ENTRIES }, (_, key) => sizeOf(key)).reduce(
      (sum, size) => sum + size,
      100_000_000,
    )
    for (let key = 0; key < ENTRIES; key++) tier.set(`${key}`, memoryEntry(sizeOf(key)))
    tier.delete('199')
    tier.set('large', memoryEntry(100_000_000))
    tier.delete('large')
    const random = seededRandom(1)
    let hit = 0
    for (let use = 0; use < 200_000; use++) {
      if (use % 5_000 === 0) tier.set('0', memoryEntry(sizeOf(0)))
      hit += tier.get(`${Math.floor(random() * (ENTRIES - 1))}`)?.value as number
    }
    expect(tier.policy().byteHitRate).toBeCloseTo(hit / (hit + missed), 2)
  })
})

/** A tier that was quiet while twenty of its keys were used; of these, what newcomers after that have left. */
function hotThatSurvive(policy: MemoryPolicy, hearsAll: boolean): string[] {
  const hot = Array.from({ length: 20 }, (_, at) => `${at * 10}`)
  const tier = openTier(policy)
  for (let key = 0; key < ENTRIES; key++) tier.set(`${key}`, memoryEntry(key))
  const random = seededRandom(7)
  const get = (key: string) => {
    tier.get(key)
    // Before its report the policy is told of all, and the quiet is over.
    if (hearsAll) tier.policy()
  }
  for (let use = 0; use < LOUD; use++) get(`${Math.floor(random() * ENTRIES)}`)
  for (let use = 0; use < 20_000; use++) get(hot[Math.floor(random() * hot.length)]!)
  for (let scan = 0; scan < ENTRIES / 4; scan++) tier.set(`scan:${scan}`, memoryEntry(scan))
  return hot.filter((key) => tier.peek(key) !== undefined)
}

it.each(['adaptive', 'lru', 'arc', 's3-fifo', 'w-tinylfu', 'sieve', 'gdsf'] as const)(
  'what was used most in the quiet survives newcomers as if the policy had heard of every use: %s',
  (policy) => {
    expect(hotThatSurvive(policy, false)).toEqual(expect.arrayContaining(hotThatSurvive(policy, true)))
  },
)
