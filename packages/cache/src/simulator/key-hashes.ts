import { hashOf } from '../hash.js'
import type { Trace } from './trace.js'

const known = new WeakMap<Trace, Int32Array>()

/**
 * The hash of every key of a trace, as production computes it from the name of a key; here `<trace>:<number>`, since
 * traces tell keys apart and not what they are called. Computed once for each trace.
 */
export function hashesOf(trace: Trace): Int32Array {
  const hashes =
    known.get(trace) ?? Int32Array.from({ length: trace.distinct }, (_, key) => hashOf(nameOfKey(trace, key)))
  known.set(trace, hashes)
  return hashes
}

/** The name under which a key of the trace would lie in a cache. */
export function nameOfKey(_trace: Trace, key: number): string {
  return `key:${key}`
}
