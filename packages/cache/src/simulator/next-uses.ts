import { READ, type Trace } from './trace.js'

/** No read of the value follows. */
export const NEVER = 0xffffffff

const known = new WeakMap<Trace, Uint32Array>()

/**
 * For each step, the step that reads next what the cache holds after it; {@link NEVER} when the key is not asked for
 * again, or is written or deleted before it is. Computed once for each trace.
 */
export function nextUses(trace: Trace): Uint32Array {
  const computed = known.get(trace)
  if (computed !== undefined) return computed
  const { keys, kinds } = trace
  const next = new Uint32Array(keys.length)
  const soonest = new Uint32Array(trace.distinct).fill(NEVER)
  for (let step = keys.length - 1; step >= 0; step--) {
    const key = keys[step]!
    next[step] = soonest[key]!
    soonest[key] = kinds === undefined || kinds[step] === READ ? step : NEVER
  }
  known.set(trace, next)
  return next
}
