import type { Capacity } from './capacity.js'
import { type SimulatedPolicy, type SimulationResult, simulate } from './simulate.js'
import { readsOf, type Trace } from './trace.js'
import { columnsOf, stepOf, TraceBuilder } from './trace-builder.js'

const HASHES = 2 ** 32

/**
 * The steps of a share of the keys, chosen by a hash of the key, so that all or none of a key's steps are in (spatial
 * sampling: Waldspurger, Park, Garthwaite & Ahmad, "Efficient MRC construction with SHARDS", FAST 2015).
 */
export function sampledTrace(trace: Trace, share: number): Trace {
  const { keys } = trace
  const numbers = new Int32Array(trace.distinct).fill(-1)
  const builder = new TraceBuilder(columnsOf(trace))
  let distinct = 0
  for (let step = 0; step < keys.length; step++) {
    const key = keys[step]!
    if (mixed(key) >= share * HASHES) continue
    if (numbers[key] === -1) numbers[key] = distinct++
    builder.add(numbers[key]!, stepOf(trace, step))
  }
  return builder.finish(trace.name, distinct)
}

/**
 * An estimate of {@link simulate} from a {@link sampledTrace}: the policy runs on the sample with a cache that is
 * smaller in proportion (miniature simulation: Waldspurger, Saemundsson, Ahmad & Park, USENIX ATC 2017). Reads that the
 * sample has too many or too few, because a popular key is in it or is not, are taken for hits of such keys (the
 * adjustment of SHARDS).
 */
export function simulateSample(
  trace: Trace,
  sample: Trace,
  { policy, capacity, share }: { policy: SimulatedPolicy; capacity: Capacity; share: number },
): SimulationResult {
  const mini: Capacity = {
    label: capacity.label,
    entries: Math.max(1, Math.round(capacity.entries * share)),
    bytes: Math.max(1, capacity.bytes * share),
  }
  const result = simulate(sample, policy, mini)
  const requests = readsOf(trace)
  const expected = requests * share
  const estimate = (result.hits + expected - result.requests) / expected
  const hitRatio = Math.min(1, Math.max(0, estimate))
  return { ...result, capacity, requests, hits: Math.round(hitRatio * requests), hitRatio }
}

/**
 * MurmurHash3's finishing steps: another hash than the policies', which must not see a sample that is even by their
 * own.
 */
function mixed(key: number): number {
  let hash = Math.imul(key + 0x9e3779b9, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
