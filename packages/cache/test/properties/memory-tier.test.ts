import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemoryEntry } from '../../src/entry.js'
import { createMemoryTier } from '../../src/memory/memory-tier.js'
import type { MemoryTier, RemovalCause } from '../../src/ports.js'
import { createVirtualClock, type VirtualClock } from '../../src/testing/index.js'
import { memoryEntry } from '../../src/testing/memory-entry.js'

const START = 1_767_225_600_000
const MAX_ENTRIES = 6
const MAX_BYTES = 100
const CLEANUP_MS = 64

type Step =
  | { readonly type: 'set'; readonly key: string; readonly bytes: number; readonly lastsMs: number }
  | { readonly type: 'get' | 'peek' | 'delete'; readonly key: string }
  | { readonly type: 'advance'; readonly ms: number }
  | { readonly type: 'skew'; readonly ms: number }
  | { readonly type: 'clear' }

interface Held {
  readonly key: string
  readonly entry: MemoryEntry
  readonly bytes: number
}

interface Removal {
  readonly key: string
  readonly entry: MemoryEntry
  readonly cause: RemovalCause
}

const key = fc.constantFrom(...'abcdefghij')
const bytes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 90, max: 110 }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 40, noNaN: true }) },
)
const lastsMs = fc.oneof(
  fc.constant(Number.POSITIVE_INFINITY),
  fc.integer({ min: -5, max: 200 }),
  fc.integer({ min: 0, max: 20_000 }),
  fc.constantFrom(64, 100, 100_000_000),
)
const advance = fc.record({ type: fc.constant('advance' as const), ms: fc.oneof(fc.nat(150), fc.nat(30_000)) })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ type: fc.constant('set' as const), key, bytes, lastsMs }) },
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constantFrom('get' as const, 'peek' as const, 'delete' as const), key }),
  },
  { weight: 10, arbitrary: advance },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clear' as const) }) },
)
const skew = fc.record({ type: fc.constant('skew' as const), ms: fc.integer({ min: -10_000, max: 10_000 }) })

/**
 * What the tier must do, in arrays that are searched from end to end. It predicts everything except the moment, within
 * the 64 ms after its deadline, at which an expired entry is removed: that it hears from the tier, and checks.
 */
class Model {
  /** From the least to the most recently used. */
  held: Held[] = []
  evictions = 0
  expirations = 0
  refusals = 0

  constructor(private readonly now: () => number) {}

  find(wanted: string): Held | undefined {
    return this.held.find((one) => one.key === wanted)
  }

  isAlive(one: Held): boolean {
    return this.now() < one.entry.staleUntil
  }

  get bytes(): number {
    return this.held.reduce((sum, one) => sum + one.bytes, 0)
  }

  forget(one: Held): void {
    this.held = this.held.filter((other) => other !== one)
  }

  /** Takes out what is under the key: the removal that the tier has to report. */
  take(wanted: string, cause: RemovalCause): Removal[] {
    const one = this.find(wanted)
    if (one === undefined) return []
    this.forget(one)
    return [this.removal(one, cause)]
  }

  removal(one: Held, cause: RemovalCause): Removal {
    const real = this.isAlive(one) ? cause : 'expired'
    if (real === 'expired') this.expirations++
    return { key: one.key, entry: one.entry, cause: real }
  }

  set(newcomer: Held, reported: readonly Removal[]): void {
    if (newcomer.bytes > MAX_BYTES || !this.isAlive(newcomer)) {
      if (newcomer.bytes > MAX_BYTES) this.refusals++
      expect(reported).toEqual(this.take(newcomer.key, 'replaced'))
      return
    }
    const old = this.take(newcomer.key, 'replaced')
    expect(reported.slice(0, old.length)).toEqual(old)
    for (const removal of reported.slice(old.length)) {
      expect(this.isTooFullFor(newcomer)).toBe(true)
      const expired = this.held.filter((one) => !this.isAlive(one))
      const wanted = expired.find((one) => one.key === removal.key) ?? this.held[0]!
      expect(removal).toEqual({
        key: wanted.key,
        entry: wanted.entry,
        cause: expired.length > 0 ? 'expired' : 'capacity',
      })
      if (removal.cause === 'capacity') this.evictions++
      else this.expirations++
      this.forget(wanted)
    }
    expect(this.isTooFullFor(newcomer)).toBe(false)
    this.held.push(newcomer)
  }

  isTooFullFor(newcomer: Held): boolean {
    return this.held.length + 1 > MAX_ENTRIES || this.bytes + newcomer.bytes > MAX_BYTES
  }

  get(wanted: string, reported: readonly Removal[]): MemoryEntry | undefined {
    const one = this.find(wanted)
    if (one === undefined || this.isAlive(one)) expect(reported).toEqual([])
    else expect(reported).toEqual(this.take(wanted, 'expired'))
    const found = this.find(wanted)
    if (found === undefined) return undefined
    this.forget(found)
    this.held.push(found)
    return found.entry
  }

  /** Time has passed: whatever was removed must have been due, and what has been due for a while must be gone. */
  pass(reported: readonly Removal[], isPunctual: boolean): void {
    for (const removal of reported) {
      const one = this.find(removal.key)!
      expect(removal).toEqual({ key: one.key, entry: one.entry, cause: 'expired' })
      expect(this.isAlive(one)).toBe(false)
      this.expirations++
      this.forget(one)
    }
    if (isPunctual) expect(this.held.filter((one) => this.now() > one.entry.staleUntil + CLEANUP_MS)).toEqual([])
  }
}

class Run {
  readonly #steady: VirtualClock = createVirtualClock({ start: START })
  #skew = 0
  #reported: Removal[] = []
  readonly #model = new Model(() => this.#now())
  readonly #tier: MemoryTier

  constructor() {
    const steady = this.#steady
    this.#tier = createMemoryTier({
      policy: 'lru',
      maxEntries: MAX_ENTRIES,
      maxBytes: MAX_BYTES,
      sizeOf: (value) => value as number,
      clock: {
        now: () => this.#now(),
        monotonic: () => steady.monotonic(),
        setTimeout: (callback, delayMs) => steady.setTimeout(callback, delayMs),
        clearTimeout: (timer) => steady.clearTimeout(timer),
        random: () => steady.random(),
      },
    })
    this.#tier.onRemove((key, entry, cause) => this.#reported.push({ key, entry, cause }))
  }

  async take(one: Step): Promise<void> {
    this.#reported = []
    if (one.type === 'set') this.#set(one.key, one.bytes, one.lastsMs)
    else if (one.type === 'get') {
      const entry = this.#tier.get(one.key)
      expect(entry).toBe(this.#model.get(one.key, this.#reported))
    } else if (one.type === 'delete') {
      const removed = this.#tier.delete(one.key)
      expect(this.#reported).toEqual(this.#model.take(one.key, 'deleted'))
      expect(removed).toBe(this.#reported[0]?.cause === 'deleted')
    } else if (one.type === 'clear') {
      this.#tier.clear()
      const all = this.#model.held.map(({ key, entry }) => ({ key, entry, cause: 'cleared' as const }))
      expect(byKey(this.#reported)).toEqual(byKey(all))
      this.#model.held = []
    } else if (one.type === 'skew') this.#skew += one.ms
    else if (one.type === 'advance') {
      await this.#steady.advance(one.ms)
      this.#model.pass(this.#reported, this.#skew === 0)
    } else {
      this.#tier.peek(one.key)
      expect(this.#reported).toEqual([])
    }
    this.#compare()
  }

  close(): void {
    this.#tier.close()
    expect([this.#steady.pending, this.#tier.figures().entries, this.#tier.figures().bytes]).toEqual([0, 0, 0])
  }

  #set(key: string, bytes: number, lastsMs: number): void {
    const entry = memoryEntry(bytes, this.#now() + lastsMs)
    const isKept = this.#tier.set(key, entry)
    this.#model.set({ key, entry, bytes: Math.ceil(bytes) }, this.#reported)
    expect(isKept).toBe(Math.ceil(bytes) <= MAX_BYTES)
  }

  /** Contents, sizes and counters agree; a timer runs exactly when something will expire. */
  #compare(): void {
    const model = this.#model
    const alive = model.held.filter((one) => model.isAlive(one))
    expect(byKey([...this.#tier.entries()].map(([key, entry]) => ({ key, entry })))).toEqual(
      byKey(alive.map(({ key, entry }) => ({ key, entry }))),
    )
    for (const one of model.held) {
      expect(this.#tier.peek(one.key)).toBe(model.isAlive(one) ? one.entry : undefined)
      expect(this.#tier.bytesOf(one.key)).toBe(one.bytes)
    }
    expect(this.#tier.figures()).toEqual({
      entries: model.held.length,
      bytes: model.bytes,
      maxEntries: MAX_ENTRIES,
      maxBytes: MAX_BYTES,
      evictions: model.evictions,
      expirations: model.expirations,
      refusals: model.refusals,
    })
    const willExpire = model.held.some((one) => one.entry.staleUntil < Number.POSITIVE_INFINITY)
    expect(this.#steady.pending).toBe(willExpire ? 1 : 0)
  }

  #now(): number {
    return this.#steady.now() + this.#skew
  }
}

function byKey<T extends { readonly key: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.key < b.key ? -1 : 1))
}

async function follow(steps: readonly Step[]): Promise<void> {
  const run = new Run()
  for (const one of steps) await run.take(one)
  run.close()
}

describe('the memory tier and a naive model', () => {
  it('agree on contents, order of eviction, causes, entries, bytes and counters after every step', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 120 }), follow), { numRuns: 300 })
  })

  it('agree while the wall clock is set back and forth', async () => {
    const steps = fc.array(fc.oneof({ weight: 20, arbitrary: step }, { weight: 1, arbitrary: skew }), {
      maxLength: 120,
    })
    await fc.assert(fc.asyncProperty(steps, follow), { numRuns: 150 })
  })
})
