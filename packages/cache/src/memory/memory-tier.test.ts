import { describe, expect, it } from 'vitest'
import type { MemoryEntry } from '../entry.js'
import { createVirtualClock } from '../testing/index.js'
import { createMemoryTier } from './memory-tier.js'

const START = 1_000_000
function entryOf(value: unknown, staleUntil = Number.POSITIVE_INFINITY): MemoryEntry {
  return {
    value,
    createdAt: 0,
    tags: [],
    epoch: '',
    asOf: 0,
    freshUntil: staleUntil,
    staleUntil,
    refreshAt: Number.POSITIVE_INFINITY,
    judgedAt: 0,
    confirmedAt: 0,
    generation: 0,
    retryAt: 0,
  }
}

describe('the memory tier', () => {
  it('returns what was set until its time has come, and lets go of it without being asked', async () => {
    const clock = createVirtualClock({ start: START })
    const tier = createMemoryTier({ maxEntries: 3, maxBytes: 1_000, sizeOf: () => 10, clock })
    tier.set('a', entryOf('one', START + 100))
    expect(tier.get('a')?.value).toBe('one')
    await clock.advance(99)
    expect(tier.get('a')?.value).toBe('one')
    await clock.advance(1)
    expect(tier.peek('a')).toBeUndefined()
    await clock.advance(64)
    expect(tier.figures()).toMatchObject({ entries: 0, bytes: 0, expirations: 1 })
    expect(clock.pending).toBe(0)
  })
})
