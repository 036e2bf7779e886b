import type { PolicyChoiceReport } from '../memory/eviction.js'
import { createEviction } from '../memory/policies.js'
import { MEMORY_POLICIES, type MemoryPolicy, oneOf } from '../options.js'
import { belady } from './belady.js'
import { type Capacity, checkCapacity } from './capacity.js'
import { hashesOf } from './key-hashes.js'
import { SimulatedStore } from './simulated-store.js'
import type { Tally } from './tally.js'
import { DELETE, READ, type Trace } from './trace.js'

/** What bounds the others from above: it knows the future. */
export const OPTIMUM = 'belady'

/** A policy that can be simulated: one of production's, or the optimum. */
export type SimulatedPolicy = MemoryPolicy | typeof OPTIMUM

/** All that can be simulated, production's first. */
export const SIMULATED_POLICIES: readonly SimulatedPolicy[] = Object.freeze([...MEMORY_POLICIES, OPTIMUM])

/** What a policy makes of a trace at one size. Ratios are from 0 to 1. */
export interface SimulationResult {
  readonly trace: string
  readonly policy: SimulatedPolicy
  readonly capacity: Capacity
  /** Reads. */
  readonly requests: number
  readonly hits: number
  readonly hitRatio: number
  /** Of all bytes that were asked for, the part that was here; absent when the trace has no sizes. */
  readonly byteHitRatio?: number
  readonly evictions: number
  readonly expirations: number
  /** Values that are larger than the whole cache. */
  readonly refusals: number
  /** What an adaptive policy has learnt by the end. */
  readonly choice?: PolicyChoiceReport
  /** How long the simulation took. */
  readonly elapsedMs: number
}

/**
 * Replays a trace against a policy at one size: a read that finds nothing stores the value, as a cache in front of an
 * origin does. A read that finds a value of another size than the trace says has met an older version, which is
 * replaced and counts as a hit. Throws a `CacheError` for a policy or a capacity that is none.
 */
export function simulate(trace: Trace, policy: SimulatedPolicy, capacity: Capacity): SimulationResult {
  oneOf('policy', policy, SIMULATED_POLICIES)
  checkCapacity(capacity)
  const startedAt = performance.now()
  const tally = policy === OPTIMUM ? belady(trace, capacity) : replay(trace, policy, capacity)
  const elapsedMs = performance.now() - startedAt
  const { hits, bytesHit, evictions, expirations, refusals, choice } = tally
  const { requests, bytes } = demandOf(trace)
  return {
    trace: trace.name,
    policy,
    capacity,
    requests,
    hits,
    hitRatio: requests === 0 ? 0 : hits / requests,
    ...(trace.sizes && { byteHitRatio: bytes === 0 ? 0 : bytesHit / bytes }),
    evictions,
    expirations,
    refusals,
    ...(choice && { choice }),
    elapsedMs,
  }
}

function replay(trace: Trace, policy: MemoryPolicy, capacity: Capacity): Tally {
  const limits = { maxEntries: capacity.entries, maxBytes: capacity.bytes }
  const store = new SimulatedStore(createEviction(policy, limits), {
    capacity,
    distinct: trace.distinct,
    hashes: hashesOf(trace),
  })
  const { keys, kinds, sizes, times, ttls } = trace
  let [hits, bytesHit] = [0, 0]
  for (let step = 0; step < keys.length; step++) {
    const key = keys[step]!
    const kind = kinds?.[step] ?? READ
    const bytes = sizes?.[step] ?? 1
    const now = times?.[step] ?? 0
    if (ttls !== undefined) store.advance(now)
    if (kind === DELETE) {
      store.delete(key, now)
      continue
    }
    if (kind === READ && store.read(key, now, bytes)) {
      hits++
      bytesHit += bytes
    } else {
      store.write(key, bytes, now, now + (ttls?.[step] ?? Number.POSITIVE_INFINITY))
    }
  }
  const { evictions, expirations, refusals, choice } = store
  return { hits, bytesHit, evictions, expirations, refusals, choice }
}

const demands = new WeakMap<Trace, { requests: number; bytes: number }>()

/** How many reads there are, and how many bytes they ask for. Counted once for each trace. */
function demandOf(trace: Trace): { requests: number; bytes: number } {
  const known = demands.get(trace)
  if (known !== undefined) return known
  const { keys, kinds, sizes } = trace
  const demand = { requests: 0, bytes: 0 }
  for (let step = 0; step < keys.length; step++) {
    if (kinds !== undefined && kinds[step] !== READ) continue
    demand.requests++
    demand.bytes += sizes?.[step] ?? 1
  }
  demands.set(trace, demand)
  return demand
}
