import type { Capacity } from './capacity.js'
import { NEVER, nextUses } from './next-uses.js'
import type { Trace } from './trace.js'

/**
 * Reads that no policy can answer more of, also where sizes differ: each hit keeps a value of so many bytes for so many
 * steps; the cheapest such intervals are bought until the capacity times the length of the trace is spent (the bound
 * PFOO-L of Berger, Beckmann & Harchol-Balter, "Practical bounds on optimal caching with variable object sizes",
 * SIGMETRICS 2018). Above the optimum, since it lets the cache be overfull at one moment for being emptier at another.
 * Lifetimes are left out of account.
 */
export function upperBound(trace: Trace, capacity: Capacity): number {
  const { keys, sizes } = trace
  const next = nextUses(trace)
  const inBytes = Number.isFinite(capacity.bytes) && sizes !== undefined
  const costs = new Float64Array(keys.length)
  let intervals = 0
  for (let step = 0; step < keys.length; step++) {
    const end = next[step]!
    const bytes = sizes?.[step] ?? 1
    if (end === NEVER || bytes > capacity.bytes) continue
    costs[intervals++] = (end - step) * (inBytes ? bytes : 1)
  }
  const cheapest = costs.subarray(0, intervals).sort()
  let budget = (inBytes ? capacity.bytes : capacity.entries) * keys.length
  let hits = 0
  while (hits < intervals && cheapest[hits]! <= budget) budget -= cheapest[hits++]!
  return hits
}
