import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../testing/index.js'
import { memoryEntry } from '../testing/memory-entry.js'
import type { EvictionPolicy } from './eviction.js'
import { createMemoryTier } from './memory-tier.js'

const NEVER = Number.POSITIVE_INFINITY

/** A tier for three entries, and the keys whose shortcuts it has ended, in order. */
function openTier() {
  const clock = createVirtualClock()
  const tier = createMemoryTier({ maxEntries: 3, maxBytes: NEVER, sizeOf: () => 1, clock, policy: 'lru' })
  const ended: string[] = []
  function set(key: string, staleUntil = NEVER): void {
    const entry = memoryEntry(key, staleUntil)
    entry.shortcut = { end: () => ended.push(key) }
    tier.set(key, entry)
  }
  return { clock, tier, set, ended }
}

describe('the slot of an entry in hand', () => {
  it('counts a use of the entry when it is touched', () => {
    const { tier, set } = openTier()
    for (const key of ['a', 'b', 'c']) set(key)
    tier.touch(tier.slotOf('a'))
    set('d')
    expect([...tier.entries()].map(([key]) => key).sort()).toEqual(['a', 'c', 'd'])
  })

  it('is -1 for what is not there', () => {
    const { tier, set } = openTier()
    set('a')
    tier.delete('a')
    expect([tier.slotOf('a'), tier.slotOf('b')]).toEqual([-1, -1])
  })
})

describe('the shortcut of an entry', () => {
  it('is ended when the entry is evicted, deleted, replaced or expired', async () => {
    const { clock, tier, set, ended } = openTier()
    for (const key of ['a', 'b', 'c', 'd']) set(key)
    expect(ended).toEqual(['a'])
    tier.delete('b')
    expect(ended).toEqual(['a', 'b'])
    set('c', clock.now() + 10)
    expect(ended).toEqual(['a', 'b', 'c'])
    await clock.advance(100)
    expect(ended).toEqual(['a', 'b', 'c', 'c'])
  })

  it('is ended with all others by clear and by close', () => {
    for (const letGo of ['clear', 'close'] as const) {
      const { tier, set, ended } = openTier()
      for (const key of ['a', 'b']) set(key)
      tier[letGo]()
      expect(ended).toEqual(['a', 'b'])
    }
  })

  it('is ended before a listener hears that the entry has gone', () => {
    const { tier, set, ended } = openTier()
    const seen: string[][] = []
    tier.onRemove(() => seen.push([...ended]))
    set('a')
    tier.delete('a')
    expect(seen).toEqual([['a']])
  })
})

it('the policy hears of every use in its order, before it is asked for anything else', () => {
  const heard: string[] = []
  const policy: EvictionPolicy = {
    grow: () => undefined,
    insert: (slot) => void heard.push(`insert ${slot}`),
    adopt: () => undefined,
    touch: (slot) => void heard.push(`touch ${slot}`),
    replace: (slot) => void heard.push(`replace ${slot}`),
    remove: (slot) => void heard.push(`remove ${slot}`),
    evict: () => {
      heard.push('evict')
      return 0
    },
  }
  const tier = createMemoryTier({
    maxEntries: 2,
    maxBytes: NEVER,
    sizeOf: () => 1,
    clock: createVirtualClock(),
    policy: () => policy,
  })
  const set = (key: string) => tier.set(key, memoryEntry(key))
  set('a')
  set('b')
  for (const key of ['b', 'a', 'b']) tier.get(key)
  set('c')
  tier.touch(1)
  tier.delete('b')
  expect(heard.splice(0)).toEqual([
    ...['insert 0', 'insert 1', 'touch 1', 'touch 0', 'touch 1', 'evict', 'insert 0', 'touch 1', 'remove 1'],
  ])
  for (let use = 0; use < 1_000; use++) tier.touch(0)
  tier.close()
  expect(heard.length).toBeGreaterThan(900)
})
