import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MemoryEntry } from '../entry.js'
import { createMemoryTier } from '../memory/memory-tier.js'
import { createEviction } from '../memory/policies.js'
import { MEMORY_POLICIES, type MemoryPolicy } from '../options.js'
import { createVirtualClock } from '../testing/index.js'
import type { Capacity } from './capacity.js'
import { nameOfKey } from './key-hashes.js'
import { simulate } from './simulate.js'
import { DELETE, READ, type Trace, WRITE } from './trace.js'
import { TraceBuilder } from './trace-builder.js'

const NEVER = Number.POSITIVE_INFINITY
/** Lifetimes end between requests, when production's timer has had its time. */
const HALF_SECOND = 500

function entryOf(value: number, staleUntil: number): MemoryEntry {
  const times = {
    createdAt: 0,
    freshUntil: staleUntil,
    staleUntil,
    grace: 0,
    refreshAt: NEVER,
    confirmedAt: 0,
    retryAt: 0,
  }
  return { value, tags: [], epoch: '', asOf: 0, judgedAt: 0, generation: 0, ...times }
}

/** What the memory tier of production makes of a trace, read through as a cache does. */
async function replayInProduction(trace: Trace, policy: MemoryPolicy, capacity: Capacity) {
  const clock = createVirtualClock({ start: 0 })
  const tier = createMemoryTier({
    maxEntries: capacity.entries,
    maxBytes: capacity.bytes,
    sizeOf: (value) => value as number,
    clock,
    policy: (limits) => createEviction(policy, limits),
  })
  let hits = 0
  for (const [step, key] of trace.keys.entries()) {
    const now = trace.times?.[step] ?? 0
    if (now > clock.now()) await clock.advance(now - clock.now())
    const name = nameOfKey(trace, key)
    const kind = trace.kinds?.[step] ?? READ
    if (kind === DELETE) tier.delete(name)
    else if (kind === READ && tier.get(name) !== undefined) hits++
    else tier.set(name, entryOf(trace.sizes?.[step] ?? 1, now + (trace.ttls?.[step] ?? NEVER)))
  }
  const { evictions, expirations, refusals } = tier.figures()
  tier.close()
  return { hits, evictions, expirations, refusals }
}

interface RandomStep {
  readonly key: number
  readonly kind: number
  readonly seconds: number
  readonly ttlSeconds: number
}

const step: fc.Arbitrary<RandomStep> = fc.record({
  key: fc.oneof(fc.nat(9), fc.nat(60)),
  kind: fc.constantFrom(READ, READ, READ, READ, WRITE, DELETE),
  seconds: fc.constantFrom(0, 0, 0, 1, 7),
  ttlSeconds: fc.constantFrom(1, 5, 20, 1_000),
})

/** A key's value always has the same size: production keeps what it has until it is told of another. */
function traceOf(steps: readonly RandomStep[]): Trace {
  const builder = new TraceBuilder({ kinds: true, sizes: true, times: true, ttls: true })
  let timeMs = 0
  for (const { key, kind, seconds, ttlSeconds } of steps) {
    timeMs += seconds * 1_000
    builder.add(key, { kind, bytes: 1 + ((key * 7) % 30), timeMs, ttlMs: ttlSeconds * 1_000 - HALF_SECOND })
  }
  return builder.finish('random', 61)
}

const capacity = fc.record({
  label: fc.constant('random'),
  entries: fc.integer({ min: 1, max: 40 }),
  bytes: fc.oneof(fc.constant(NEVER), fc.integer({ min: 20, max: 400 })),
})

describe('a simulation', () => {
  for (const policy of MEMORY_POLICIES) {
    it(`counts what the memory tier of production counts on the same requests: ${policy}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 200 }), capacity, async (steps, size) => {
          const trace = traceOf(steps)
          const { hits, evictions, expirations, refusals } = simulate(trace, policy, size)
          const expected = await replayInProduction(trace, policy, size)
          expect({ hits, evictions, refusals }).toEqual({
            hits: expected.hits,
            evictions: expected.evictions,
            refusals: expected.refusals,
          })
          // Production may still have to clear away what ended after the last request.
          expect(expirations).toBe(expected.expirations)
        }),
        { numRuns: 25 },
      )
    })
  }

  it('finds a value whose size has changed, and counts its new size from then on', () => {
    const builder = new TraceBuilder({ sizes: true })
    for (const [key, bytes] of [
      [0, 10],
      [1, 10],
      [0, 90],
      [1, 10],
    ] as const)
      builder.add(key, { bytes })
    const result = simulate(builder.finish('growing', 2), 'lru', { label: '', entries: 10, bytes: 95 })
    // The value of 90 bytes drives out the other.
    expect(result).toMatchObject({ requests: 4, hits: 1, evictions: 2 })
    expect(result.byteHitRatio).toBeCloseTo(90 / 120)
  })

  it('refuses what is larger than the whole cache', () => {
    const builder = new TraceBuilder({ sizes: true })
    for (const bytes of [101, 101]) builder.add(0, { bytes })
    expect(simulate(builder.finish('large', 1), 'lru', { label: '', entries: 10, bytes: 100 })).toMatchObject({
      hits: 0,
      refusals: 2,
    })
  })
})
