import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MEMORY_POLICIES } from '../options.js'
import { belady } from './belady.js'
import type { Capacity } from './capacity.js'
import { simulate } from './simulate.js'
import { DELETE, READ, type Trace, WRITE } from './trace.js'
import { TraceBuilder } from './trace-builder.js'
import { upperBound } from './upper-bound.js'

const KEYS = 5
const NEVER = Number.POSITIVE_INFINITY

/** The most hits that any sequence of decisions reaches: every set of keys that can be held, after every step. */
function mostHits({ keys, kinds, sizes }: Trace, capacity: Capacity): number {
  let reached = new Map([[0, 0]])
  for (const [step, key] of keys.entries()) {
    const kind = kinds?.[step] ?? READ
    const after = new Map<number, number>()
    const keep = (held: number, hits: number) => after.set(held, Math.max(after.get(held) ?? 0, hits))
    for (const [held, hits] of reached) {
      const isHit = kind === READ && (held & (1 << key)) !== 0
      const others = held & ~(1 << key)
      for (const part of subsets(others)) {
        keep(part, hits + (isHit ? 1 : 0))
        if (kind !== DELETE && fits(part | (1 << key), capacity, sizeOfKey(sizes, keys))) {
          keep(part | (1 << key), hits + (isHit ? 1 : 0))
        }
      }
    }
    reached = after
  }
  return Math.max(...reached.values())
}

function* subsets(set: number): Generator<number> {
  for (let part = set; ; part = (part - 1) & set) {
    yield part
    if (part === 0) return
  }
}

function fits(held: number, { entries, bytes }: Capacity, sizeOf: (key: number) => number): boolean {
  const keys = Array.from({ length: KEYS }, (_, key) => key).filter((key) => (held & (1 << key)) !== 0)
  return keys.length <= entries && keys.reduce((sum, key) => sum + sizeOf(key), 0) <= bytes
}

function sizeOfKey(sizes: Uint32Array | undefined, keys: Uint32Array) {
  return (key: number) => sizes?.[keys.indexOf(key)] ?? 1
}

function traceOf(steps: readonly { key: number; kind: number }[], sizes?: readonly number[]): Trace {
  const builder = new TraceBuilder({ kinds: true, sizes: sizes !== undefined })
  for (const { key, kind } of steps) builder.add(key, { kind, bytes: sizes?.[key] ?? 1 })
  return builder.finish('random', KEYS)
}

const steps = fc.array(fc.record({ key: fc.nat(KEYS - 1), kind: fc.constantFrom(READ, READ, READ, WRITE, DELETE) }), {
  minLength: 1,
  maxLength: 24,
})

describe("Belady's optimum", () => {
  it('is the most that any decisions reach, where all values have one size', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: KEYS }), (requests, entries) => {
        const capacity = { label: '', entries, bytes: NEVER }
        const trace = traceOf(requests)
        expect(belady(trace, capacity).hits).toBe(mostHits(trace, capacity))
      }),
      { numRuns: 150 },
    )
  })

  it('is reachable, where values have several sizes: it never claims more than any decisions reach', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: KEYS, maxLength: KEYS })
    fc.assert(
      fc.property(steps, sizes, fc.integer({ min: 1, max: 20 }), (requests, bytes, limit) => {
        const capacity = { label: '', entries: KEYS, bytes: limit }
        const trace = traceOf(requests, bytes)
        const most = mostHits(trace, capacity)
        expect(belady(trace, capacity).hits).toBeLessThanOrEqual(most)
        expect(upperBound(trace, capacity)).toBeGreaterThanOrEqual(most)
      }),
      { numRuns: 150 },
    )
  })

  it('is above every policy of production, on longer traces', () => {
    const keys = fc.array(fc.nat(40), { minLength: 50, maxLength: 300 })
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 30 }), (requests, entries) => {
        const builder = new TraceBuilder()
        for (const key of requests) builder.add(key)
        const trace = builder.finish('random', 41)
        const capacity = { label: '', entries, bytes: NEVER }
        const optimum = simulate(trace, 'belady', capacity).hits
        for (const policy of MEMORY_POLICIES) {
          expect(simulate(trace, policy, capacity).hits, policy).toBeLessThanOrEqual(optimum)
        }
        expect(upperBound(trace, capacity)).toBeGreaterThanOrEqual(optimum)
      }),
      { numRuns: 30 },
    )
  })

  it('does not hold what is dead when it is asked for again', () => {
    const builder = new TraceBuilder({ times: true, ttls: true })
    for (const timeMs of [0, 900, 1_100, 1_900]) builder.add(0, { timeMs, ttlMs: 1_000 })
    // A hit does not lengthen a life: loaded at 0, found at 900, gone at 1,100 and loaded again, found at 1,900.
    expect(belady(builder.finish('short lives', 1), { label: '', entries: 1, bytes: NEVER }).hits).toBe(2)
  })
})
