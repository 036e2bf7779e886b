import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { CacheError } from '../errors.js'
import { hashOf } from '../hash.js'
import type { Clock, RemovalCause } from '../ports.js'
import { createVirtualClock } from '../testing/index.js'
import { memoryEntry } from '../testing/memory-entry.js'
import type { EvictionPolicy, SlotColumns } from './eviction.js'
import { lru } from './lru.js'
import { createMemoryTier, type MemoryTierOptions } from './memory-tier.js'
import { sizeOfEntry } from './size.js'

const START = 1_767_225_600_000
const NEVER = Number.POSITIVE_INFINITY

/** A clock whose wall time was set `skew` milliseconds off; its timers do not notice. */
function clockOver(steady: Clock, skew: () => number): Clock {
  return {
    now: () => steady.now() + skew(),
    monotonic: () => steady.monotonic(),
    setTimeout: (callback, delayMs) => steady.setTimeout(callback, delayMs),
    clearTimeout: (timer) => steady.clearTimeout(timer),
    random: () => steady.random(),
  }
}

/** A tier whose values are their own sizes, and what its listener was told. */
function openTier(options: Partial<MemoryTierOptions> = {}) {
  const clock = createVirtualClock({ start: START })
  const tier = createMemoryTier({
    maxEntries: 3,
    maxBytes: 100,
    sizeOf: (value) => value as number,
    clock,
    policy: 'lru',
    ...options,
  })
  const removed: [key: string, value: unknown, cause: RemovalCause][] = []
  tier.onRemove((key, entry, cause) => removed.push([key, entry.value, cause]))
  const keys = () => [...tier.entries()].map(([key]) => key).sort()
  return { clock, tier, removed, keys }
}

describe('the bounds of the memory tier', () => {
  it('holds no more entries than allowed, and lets go of the least recently used', () => {
    const { tier, removed, keys } = openTier()
    for (const key of ['a', 'b', 'c']) tier.set(key, memoryEntry(1))
    tier.get('a')
    tier.peek('b')
    tier.set('d', memoryEntry(1))
    expect(keys()).toEqual(['a', 'c', 'd'])
    expect(removed).toEqual([['b', 1, 'capacity']])
    expect(tier.figures()).toEqual({
      entries: 3,
      bytes: 3,
      maxEntries: 3,
      maxBytes: 100,
      evictions: 1,
      expirations: 0,
      refusals: 0,
    })
  })

  it('holds no more bytes than allowed, letting go of as many as it takes and no more', () => {
    const { tier, removed, keys } = openTier({ maxEntries: 10 })
    for (const [key, bytes] of [
      ['a', 30],
      ['b', 30],
      ['c', 30],
    ] as const)
      tier.set(key, memoryEntry(bytes))
    tier.set('d', memoryEntry(65))
    expect(keys()).toEqual(['c', 'd'])
    expect(removed.map(([key]) => key)).toEqual(['a', 'b'])
    expect(tier.figures()).toMatchObject({ entries: 2, bytes: 95, evictions: 2 })
    expect([tier.bytesOf('d'), tier.bytesOf('a')]).toEqual([65, undefined])
  })

  it('refuses a value that is larger than the whole tier without evicting any, and holds nothing under its key', () => {
    const { tier, removed, keys } = openTier()
    tier.set('a', memoryEntry(50))
    tier.set('b', memoryEntry(50))
    expect(tier.set('c', memoryEntry(101))).toBe(false)
    expect(tier.set('a', memoryEntry(NEVER))).toBe(false)
    expect(keys()).toEqual(['b'])
    expect(removed).toEqual([['a', 50, 'replaced']])
    expect(tier.figures()).toMatchObject({ entries: 1, bytes: 50, refusals: 2, evictions: 0 })
    expect(tier.set('c', memoryEntry(100))).toBe(true)
    expect(keys()).toEqual(['c'])
  })

  it('replaces a value in place, counts the difference, and makes room for a larger one from others', () => {
    const { tier, removed, keys } = openTier()
    for (const key of ['a', 'b', 'c']) tier.set(key, memoryEntry(30))
    tier.set('a', memoryEntry(10))
    expect(tier.figures().bytes).toBe(70)
    tier.set('a', memoryEntry(60))
    expect(keys()).toEqual(['a', 'c'])
    expect(removed).toEqual([
      ['a', 30, 'replaced'],
      ['a', 10, 'replaced'],
      ['b', 30, 'capacity'],
    ])
    tier.set('c', memoryEntry(100))
    expect(keys()).toEqual(['c'])
    expect(tier.figures()).toMatchObject({ entries: 1, bytes: 100 })
  })

  it('counts sizes as whole bytes, so that their sum stays exact', () => {
    const { tier } = openTier({ maxEntries: 1_000, maxBytes: 10_000 })
    for (let index = 0; index < 1_000; index++) tier.set(`${index}`, memoryEntry(0.1))
    expect(tier.figures().bytes).toBe(1_000)
    for (let index = 0; index < 1_000; index++) tier.delete(`${index}`)
    expect(tier.figures().bytes).toBe(0)
  })

  it('calculates sizes when it is not told how', () => {
    const { tier } = openTier({ sizeOf: undefined, maxBytes: 10_000 })
    const entry = memoryEntry({ name: 'x'.repeat(1_000), at: new Date() })
    tier.set('key', entry)
    expect(tier.figures().bytes).toBe(sizeOfEntry('key', entry))
    expect(tier.set('huge', memoryEntry('x'.repeat(10_000)))).toBe(false)
  })

  it('refuses bounds that cannot be', () => {
    for (const bounds of [
      { maxEntries: 0 },
      { maxEntries: 1.5 },
      { maxEntries: 2 ** 24 },
      { maxBytes: 0 },
      { maxBytes: Number.NaN },
    ]) {
      const [name] = Object.keys(bounds)
      expect(() => openTier(bounds)).toThrow(`memory.${name}: expected`)
    }
  })

  it('says so when a size is none, and keeps nothing under the key', () => {
    for (const wrong of [Number.NaN, -1, '12', undefined]) {
      const { tier, keys } = openTier()
      tier.set('a', memoryEntry(1))
      const attempt = () => tier.set('a', memoryEntry(wrong))
      expect(attempt).toThrow(CacheError)
      expect(attempt).toThrow('memory.sizeOf: expected a number of bytes')
      expect(keys()).toEqual([])
    }
  })
})

describe('the time of entries in the memory tier', () => {
  it('ends at staleUntil to the millisecond, for every way to look', async () => {
    const { tier, clock, keys } = openTier()
    tier.set('a', memoryEntry(1, START + 10))
    expect(tier.get('a', START + 9)?.value).toBe(1)
    await clock.advance(9)
    expect([tier.get('a')?.value, tier.peek('a')?.value, keys()]).toEqual([1, 1, ['a']])
    await clock.advance(1)
    expect([tier.peek('a'), keys(), tier.get('a')]).toEqual([undefined, [], undefined])
    expect(tier.figures()).toMatchObject({ entries: 0, bytes: 0, expirations: 1 })
  })

  it('is over without anybody looking: within 64 ms the entry is gone, and then no timer is left', async () => {
    const { tier, clock, removed } = openTier()
    expect(clock.pending).toBe(0)
    tier.set('a', memoryEntry(1, START + 90_000))
    tier.set('b', memoryEntry(2))
    expect(clock.pending).toBe(1)
    await clock.advance(89_999)
    expect(tier.figures().entries).toBe(2)
    await clock.advance(1 + 64)
    expect(removed).toEqual([['a', 1, 'expired']])
    expect(tier.figures()).toMatchObject({ entries: 1, bytes: 2, expirations: 1 })
    expect(clock.pending).toBe(0)
  })

  it('needs no timer for entries that last for ever, nor after the last one with a deadline has gone', () => {
    const { tier, clock } = openTier()
    tier.set('a', memoryEntry(1))
    expect(clock.pending).toBe(0)
    for (const undo of [
      () => tier.delete('b'),
      () => tier.set('b', memoryEntry(1)),
      () => tier.set('b', memoryEntry(1_000)),
      () => tier.clear(),
      () => tier.close(),
    ]) {
      tier.set('b', memoryEntry(1, START + 1_000))
      expect(clock.pending).toBe(1)
      undo()
      expect(clock.pending).toBe(0)
    }
  })

  it('follows the last deadline that was set for a key, sooner or later', async () => {
    const { tier, clock } = openTier()
    tier.set('later', memoryEntry(1, START + 1_000))
    tier.set('later', memoryEntry(1, START + 60_000))
    tier.set('sooner', memoryEntry(1, START + 60_000))
    tier.set('sooner', memoryEntry(1, START + 1_000))
    await clock.advance(1_064)
    expect([tier.peek('later')?.value, tier.peek('sooner')]).toEqual([1, undefined])
    expect(tier.figures().entries).toBe(1)
    await clock.advance(60_000)
    expect(tier.figures().entries).toBe(0)
  })

  it('does not take in what is past its time, but lets go of what that replaces', () => {
    const { tier, removed } = openTier()
    tier.set('a', memoryEntry(1))
    expect(tier.set('a', memoryEntry(2, START))).toBe(true)
    expect(tier.get('a')).toBeUndefined()
    expect(removed).toEqual([['a', 1, 'replaced']])
  })

  it('calls what was past its time expired, whatever came to remove it', async () => {
    for (const act of [
      ({ tier }: ReturnType<typeof openTier>) => expect(tier.delete('a')).toBe(false),
      ({ tier }: ReturnType<typeof openTier>) => expect(tier.set('a', memoryEntry(2))).toBe(true),
      ({ tier }: ReturnType<typeof openTier>) => expect(tier.set('a', memoryEntry(101))).toBe(false),
    ]) {
      const opened = openTier()
      opened.tier.set('a', memoryEntry(1, START + 1))
      await opened.clock.advance(1)
      act(opened)
      expect(opened.removed).toEqual([['a', 1, 'expired']])
      expect(opened.tier.figures().expirations).toBe(1)
    }
  })

  it('gives up what is past its time before anything alive, though that was used less', async () => {
    const { tier, clock, keys, removed } = openTier()
    tier.set('old', memoryEntry(1))
    tier.set('b', memoryEntry(1, START + 5))
    tier.set('c', memoryEntry(1, START + 6))
    await clock.advance(6)
    tier.set('d', memoryEntry(1))
    tier.set('e', memoryEntry(1))
    expect(keys()).toEqual(['d', 'e', 'old'])
    expect(removed.map(([, , cause]) => cause)).toEqual(['expired', 'expired'])
    expect(tier.figures()).toMatchObject({ evictions: 0, expirations: 2 })
  })

  it('removes thousands of equal deadlines in turns, so that none holds the process up', async () => {
    const steady = createVirtualClock({ start: START })
    const removedInTurns: number[] = []
    const clock: Clock = {
      ...clockOver(steady, () => 0),
      setTimeout: (callback, delayMs) =>
        steady.setTimeout(() => {
          const before = tier.figures().expirations
          callback()
          removedInTurns.push(tier.figures().expirations - before)
        }, delayMs),
    }
    const { tier } = openTier({ clock, maxEntries: 25_000, maxBytes: NEVER })
    for (let index = 0; index < 25_000; index++) tier.set(`${index}`, memoryEntry(1, START + 1_000))
    await steady.advance(1_064)
    expect(Math.max(...removedInTurns)).toBeLessThanOrEqual(2_000)
    expect(removedInTurns.length).toBeLessThan(40)
    expect(tier.figures()).toMatchObject({ expirations: 25_000, bytes: 0 })
  })

  it('goes by the wall clock when that is set back, and when it leaps forward', async () => {
    const steady = createVirtualClock({ start: START })
    let skew = 0
    const clock = clockOver(steady, () => skew)
    const { tier } = openTier({ clock })
    tier.set('a', memoryEntry(1, START + 10_000))
    skew = -3_600_000
    tier.set('b', memoryEntry(1, START + skew + 500))
    await steady.advance(564)
    expect([tier.peek('a')?.value, tier.figures().entries]).toEqual([1, 1])
    await steady.advance(20_000)
    expect(tier.get('a')?.value).toBe(1)
    skew = 0
    expect(tier.peek('a')).toBeUndefined()
    tier.set('c', memoryEntry(1, clock.now() + 100))
    await steady.advance(164)
    expect(tier.figures().entries).toBe(0)
    expect(steady.pending).toBe(0)
  })

  it('notices that the wall clock has leapt forward when a deadline is only put off', async () => {
    const steady = createVirtualClock({ start: START })
    let skew = 0
    const clock = clockOver(steady, () => skew)
    const { tier } = openTier({ clock })
    tier.set('a', memoryEntry(1, START + 600_000))
    tier.set('b', memoryEntry(1, START + 86_400_000))
    skew = 1_800_000
    tier.set('b', memoryEntry(2, clock.now() + 86_400_000))
    await steady.advance(64)
    expect([...tier.entries()].map(([key]) => key)).toEqual(['b'])
    expect(tier.figures()).toMatchObject({ entries: 1, expirations: 1 })
  })

  it('never asks for a timer that is longer than Node can wait', async () => {
    const { tier, clock } = openTier()
    const year = 365 * 86_400_000
    tier.set('a', memoryEntry(1, START + year))
    await clock.advance(year - 1)
    expect(tier.peek('a')?.value).toBe(1)
    await clock.advance(65)
    expect(tier.figures().entries).toBe(0)
  })
})

describe('removal from the memory tier', () => {
  it('is told with its cause, once', () => {
    const { tier, removed } = openTier()
    for (const key of ['a', 'b', 'c']) tier.set(key, memoryEntry(1))
    expect([tier.delete('a'), tier.delete('a'), tier.delete('never')]).toEqual([true, false, false])
    tier.set('b', memoryEntry(2))
    tier.clear()
    expect(removed).toEqual([
      ['a', 1, 'deleted'],
      ['b', 1, 'replaced'],
      ['b', 2, 'cleared'],
      ['c', 1, 'cleared'],
    ])
    expect(tier.figures()).toMatchObject({ entries: 0, bytes: 0, evictions: 0, expirations: 0 })
  })

  it('leaves the tier in order when the listener calls it back', () => {
    const { tier, keys } = openTier()
    const heard: string[] = []
    tier.onRemove((key, entry, cause) => {
      heard.push(`${key}=${entry.value} ${cause} with ${tier.figures().entries} left`)
      if (heard.length > 1) return
      tier.set(key, memoryEntry(99))
      tier.delete('c')
    })
    for (const key of ['a', 'b', 'c', 'd']) tier.set(key, memoryEntry(1))
    // Set again, 'a' pushed 'b' and 'c' out before 'c' could be deleted, and is told of after what was already on its
    // way.
    expect(heard).toEqual(['a=1 capacity with 3 left', 'b=1 capacity with 2 left', 'c=1 capacity with 2 left'])
    expect(keys()).toEqual(['a', 'd'])
  })

  it('may happen while the entries are gone through', () => {
    const { tier } = openTier({ maxEntries: 100, maxBytes: 1_000 })
    for (let index = 0; index < 100; index++) tier.set(`${index}`, memoryEntry(1))
    const seen: string[] = []
    for (const [key] of tier.entries()) {
      seen.push(key)
      tier.delete(key)
      tier.delete(`${Number(key) + 1}`)
    }
    expect(seen).toHaveLength(50)
    expect(tier.figures().entries).toBe(0)
    for (let index = 0; index < 100; index++) tier.set(`${index}`, memoryEntry(1))
    let rounds = 0
    for (const [key] of tier.entries()) {
      tier.delete(key)
      tier.set(`new-${rounds++}`, memoryEntry(1))
    }
    expect(rounds).toBe(100)
    for (const _ of tier.entries()) tier.clear()
    expect(tier.figures().entries).toBe(0)
  })

  it('does not disturb the tier when the listener throws', async () => {
    const { tier, clock, keys } = openTier()
    tier.onRemove(() => {
      throw new Error('broken listener')
    })
    tier.set('a', memoryEntry(1, START + 10))
    tier.set('b', memoryEntry(1, START + 200))
    await expect(clock.advance(100)).rejects.toThrow('broken listener')
    expect(keys()).toEqual(['b'])
    expect(clock.pending).toBe(1)
    await expect(clock.advance(200)).rejects.toThrow('broken listener')
    expect(tier.figures()).toMatchObject({ entries: 0, bytes: 0, expirations: 2 })
  })

  it('ends with close: nothing is held, taken in or told any more', () => {
    const { tier, clock, removed } = openTier()
    tier.set('a', memoryEntry(1, START + 10))
    tier.close()
    tier.close()
    expect([tier.get('a'), tier.set('a', memoryEntry(1)), tier.get('a'), tier.delete('a')]).toEqual([
      undefined,
      false,
      undefined,
      false,
    ])
    expect([tier.figures().entries, clock.pending, removed]).toEqual([0, 0, []])
  })

  it('leaves nothing of an entry reachable, however it went', async () => {
    const { tier, clock } = openTier({ maxEntries: 10, maxBytes: NEVER, sizeOf: () => 1 })
    // Instead of the listener that remembers what it is told.
    tier.onRemove(() => undefined)
    const gone: WeakRef<object>[] = []
    const hold = (key: string, staleUntil?: number) => {
      const value = { key }
      gone.push(new WeakRef(value))
      tier.set(key, memoryEntry(value, staleUntil))
    }
    for (const key of ['a', 'b']) hold(key)
    tier.clear()
    // Each in a slot of its own, which nothing takes again.
    hold('evicted')
    hold('deleted')
    hold('replaced')
    hold('expired', START + 10)
    for (let index = 0; index < 7; index++) tier.set(`${index}`, memoryEntry(index))
    tier.set('replaced', memoryEntry('another'))
    tier.delete('deleted')
    await clock.advance(100)
    expect(tier.figures()).toMatchObject({ entries: 8, evictions: 1, expirations: 1 })
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    // What a WeakRef was made for is kept until the end of the turn.
    await setImmediate()
    collectGarbage()
    expect(gone.map((reference) => reference.deref())).toEqual(new Array(6).fill(undefined))
    tier.close()
  })
})

describe('the eviction policy of the memory tier', () => {
  /** Gives up what was used last, the worst for whoever sets a value, and records what it is told. */
  class LastUsedFirst implements EvictionPolicy {
    readonly capacities: number[] = []
    readonly hashes: number[] = []
    readonly held: number[] = []
    #columns: SlotColumns | undefined
    grow(columns: SlotColumns): void {
      this.#columns = columns
      this.capacities.push(columns.capacity)
    }
    insert(slot: number): void {
      this.hashes.push(this.#columns?.hashes[slot] ?? 0)
      this.held.push(slot)
    }
    touch(slot: number): void {
      this.remove(slot)
      this.held.push(slot)
    }
    replace(slot: number): void {
      this.touch(slot)
    }
    remove(slot: number): void {
      this.held.splice(this.held.indexOf(slot), 1)
    }
    evict(incoming: number): number {
      this.hashes.push(incoming)
      return this.held.pop() ?? -1
    }
    adopt(slot: number): void {
      this.insert(slot)
    }
  }

  it('is told hashes of keys when it wants them: of the newcomer when it evicts, of each when it comes', () => {
    const policy = new LastUsedFirst()
    const { tier } = openTier({ maxEntries: 1, policy: () => policy })
    tier.set('a', memoryEntry(1))
    tier.set('b', memoryEntry(1))
    expect(policy.hashes).toEqual([hashOf('a'), hashOf('b'), hashOf('b')])
  })

  it('cannot take away the value that is being set, even when it would', () => {
    const policy = new LastUsedFirst()
    const { tier, keys, removed } = openTier({ policy: () => policy })
    for (const key of ['a', 'b', 'c']) tier.set(key, memoryEntry(30))
    tier.set('a', memoryEntry(60))
    expect(keys()).toEqual(['a', 'b'])
    expect(removed).toEqual([
      ['a', 30, 'replaced'],
      ['c', 30, 'capacity'],
    ])
    expect(policy.held).toHaveLength(2)
    expect(tier.figures().bytes).toBe(90)
  })

  it('grows with the tier, never beyond it, and begins anew after clear', () => {
    const policies: LastUsedFirst[] = []
    const { tier } = openTier({
      maxEntries: 5_000,
      maxBytes: NEVER,
      policy: () => {
        const policy = new LastUsedFirst()
        policies.push(policy)
        return policy
      },
    })
    for (let index = 0; index < 20_000; index++) tier.set(`${index}`, memoryEntry(1))
    tier.clear()
    tier.set('a', memoryEntry(1))
    expect(policies.map(({ capacities }) => capacities)).toEqual([[1_024, 2_048, 4_096, 5_000], [1_024]])
  })

  it('is LRU unless another is given', () => {
    const chosen = openTier({ policy: lru })
    const usual = openTier()
    for (const { tier } of [chosen, usual]) for (const key of ['a', 'b', 'c', 'a', 'd']) tier.set(key, memoryEntry(1))
    expect(usual.keys()).toEqual(chosen.keys())
  })
})
