import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemoryEntry } from '../entry.js'
import { MEMORY_POLICIES, type MemoryPolicy } from '../options.js'
import { seededRandom } from '../seeded-random.js'
import { createVirtualClock } from '../testing/index.js'
import { memoryEntry } from '../testing/memory-entry.js'
import { createMemoryTier } from './memory-tier.js'

const NEVER = Number.POSITIVE_INFINITY
const START = 1_767_225_600_000

/** A tier whose values are their own sizes. */
function openTier(policy: MemoryPolicy, maxEntries: number, maxBytes: number) {
  const clock = createVirtualClock({ start: START })
  const tier = createMemoryTier({ policy, maxEntries, maxBytes, sizeOf: (value) => value as number, clock })
  return { clock, tier }
}

describe('the memory tier under every policy', () => {
  const key = fc.nat(30).map(String)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ set: key, bytes: fc.nat(120), lastsMs: fc.constantFrom(NEVER, 50, 5_000) }) },
    { weight: 5, arbitrary: fc.record({ get: key }) },
    { weight: 1, arbitrary: fc.record({ remove: key }) },
    { weight: 1, arbitrary: fc.record({ advance: fc.nat(200) }) },
    { weight: 1, arbitrary: fc.record({ maxEntries: fc.integer({ min: 2, max: 12 }) }) },
  )

  for (const policy of MEMORY_POLICIES) {
    it(`counts entries and bytes exactly, holds the last value of a key or none, and keeps both bounds: ${policy}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 150 }), async (steps) => {
          const { clock, tier } = openTier(policy, 8, 400)
          const last = new Map<string, MemoryEntry>()
          for (const one of steps) {
            if ('set' in one) {
              const entry = memoryEntry(one.bytes, clock.now() + one.lastsMs)
              tier.set(one.set, entry)
              last.set(one.set, entry)
            } else if ('get' in one) {
              const found = tier.get(one.get)
              if (found !== undefined) expect(found).toBe(last.get(one.get))
            } else if ('remove' in one) {
              tier.delete(one.remove)
              expect(tier.peek(one.remove)).toBeUndefined()
            } else if ('advance' in one) {
              await clock.advance(one.advance)
            } else {
              tier.resize({ maxEntries: one.maxEntries })
            }
            const { entries, bytes, maxEntries, maxBytes } = tier.figures()
            const held = [...last.keys()].filter((each) => tier.slotOf(each) !== -1)
            expect(entries).toBe(held.length)
            expect(bytes).toBe(held.reduce((sum, each) => sum + tier.bytesOf(each)!, 0))
            expect(entries <= maxEntries && bytes <= maxBytes).toBe(true)
          }
          tier.close()
        }),
        { numRuns: 60 },
      )
    })
  }

  it('finds keys in large tiers as in small ones, whatever comes and goes', () => {
    const { tier } = openTier('lru', 100_000, NEVER)
    const random = seededRandom(5)
    const model = new Map<string, number>()
    for (let step = 0; step < 60_000; step++) {
      const one = `key:${Math.floor(random() * 20_000)}`
      if (random() < 0.35) expect(tier.delete(one)).toBe(model.delete(one))
      else {
        tier.set(one, memoryEntry(step))
        model.set(one, step)
      }
    }
    expect(tier.figures().entries).toBe(model.size)
    for (let at = 0; at < 20_000; at++) expect(tier.peek(`key:${at}`)?.value).toBe(model.get(`key:${at}`))
  })
})

describe('what memory is used for', () => {
  it('is live data, for more than nine tenths, while entries of very different lives come and go', async () => {
    const { clock, tier } = openTier('adaptive', 2_000, NEVER)
    const random = seededRandom(2)
    const lives = [200, 2_000, 20_000, 600_000]
    for (let turn = 0; turn < 600; turn++) {
      for (let set = 0; set < 50; set++) {
        tier.set(`${Math.floor(random() * 5_000)}`, memoryEntry(1, clock.now() + lives[Math.floor(random() * 4)]!))
      }
      await clock.advance(20)
      const live = [...tier.entries()].length
      if (turn > 50) expect(live / tier.figures().entries).toBeGreaterThan(0.9)
    }
    expect(tier.figures().evictions).toBeGreaterThan(0)
    tier.close()
  })

  it('is many small entries rather than few large ones, where bytes are short', () => {
    const random = seededRandom(9)
    const trace = Array.from({ length: 60_000 }, () => Math.floor(random() ** 3 * 4_000))
    /** One key in ten is a hundred times as large as the others. */
    const bytesOf = (key: number) => (key % 10 === 7 ? 10_000 : 100)
    const hitsOf = (policy: MemoryPolicy) => {
      const { tier } = openTier(policy, 100_000, 200_000)
      let hits = 0
      for (const key of trace) {
        if (tier.get(`${key}`) === undefined) tier.set(`${key}`, memoryEntry(bytesOf(key)))
        else hits++
      }
      expect(tier.policy().byteHitRate).toBeGreaterThan(0)
      return hits / trace.length
    }
    const [adaptive, gdsf, lru] = [hitsOf('adaptive'), hitsOf('gdsf'), hitsOf('lru')]
    expect(gdsf).toBeGreaterThan(lru + 0.2)
    expect(adaptive).toBeGreaterThan(gdsf - 0.05)
  })
})

describe('bounds that change', () => {
  it('are approached in steps when they are lower, without growing meanwhile, and hold at once when they are higher', async () => {
    const { clock, tier } = openTier('adaptive', 10_000, NEVER)
    for (let at = 0; at < 10_000; at++) tier.set(`${at}`, memoryEntry(1))
    tier.resize({ maxEntries: 2_500 })
    // Whoever judges whether it keeps its bounds is told of those that hold now.
    expect(tier.figures()).toMatchObject({ entries: 9_000, maxEntries: 9_000 })
    tier.set('newcomer', memoryEntry(1))
    expect(tier.figures().entries).toBe(9_000)
    await clock.advance(100)
    expect(tier.figures()).toMatchObject({ entries: 2_500, maxEntries: 2_500, evictions: 7_501 })
    expect(clock.pending).toBe(0)
    tier.resize({ maxEntries: 5_000, maxBytes: 4_000 })
    for (let at = 0; at < 10_000; at++) tier.set(`again:${at}`, memoryEntry(1))
    expect(tier.figures()).toMatchObject({ entries: 4_000, bytes: 4_000 })
    expect(() => tier.resize({ maxEntries: 0 })).toThrow('memory.maxEntries: expected')
  })
})
