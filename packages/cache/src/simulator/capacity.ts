import { invalidOption } from '../errors.js'
import { byteCount, type Size } from '../units.js'
import { footprintOf, type Trace } from './trace.js'

/** The bounds of a simulated cache; `Infinity` where there is none. */
export interface Capacity {
  /** As it was asked for, such as `10%`. */
  readonly label: string
  readonly entries: number
  readonly bytes: number
}

const PERCENT = /^(\d+(?:\.\d+)?)\s*%$/
const COUNT = /^\d+$/
const BYTES = /^\d+(?:\.\d+)?\s*(?:b|kb|mb|gb)$/i
/** What the memory tier accepts at most. */
const MAX_ENTRIES = 2 ** 23

/**
 * A size of a cache: `10%` (of the distinct keys of the trace; with `by: 'bytes'`, of the bytes that hold all of them),
 * `5000` (entries) or `64mb` (bytes; the trace must have sizes). At least one entry. Throws a `CacheError` for anything
 * else.
 */
export function capacityOf(size: string, trace: Trace, by: 'entries' | 'bytes' = 'entries'): Capacity {
  const label = size.trim()
  const share = PERCENT.exec(label)?.[1]
  if (share !== undefined && Number(share) > 0 && Number(share) <= 100) {
    const part = Number(share) / 100
    return by === 'entries'
      ? { label, entries: entries(trace.distinct * part), bytes: Number.POSITIVE_INFINITY }
      : { label, entries: MAX_ENTRIES, bytes: bytes(footprintOf(trace) * part, label, trace) }
  }
  if (COUNT.test(label) && Number(label) >= 1) {
    return { label, entries: entries(Number(label)), bytes: Number.POSITIVE_INFINITY }
  }
  if (!BYTES.test(label)) {
    throw invalidOption('size', size, "a size such as '10%' (of the keys), '5000' (entries) or '64mb' (bytes)")
  }
  return { label, entries: MAX_ENTRIES, bytes: bytes(byteCount('size', label as Size), label, trace) }
}

/** Throws a `CacheError` for bounds that hold nothing, or are none. */
export function checkCapacity(capacity: Capacity): void {
  if (typeof capacity !== 'object' || capacity === null)
    throw invalidOption('capacity', capacity, '{ label, entries, bytes }, as capacityOf() makes it')
  const { entries, bytes } = capacity
  if (!(entries >= 1 && (Number.isInteger(entries) || entries === Number.POSITIVE_INFINITY)))
    throw invalidOption('capacity.entries', entries, 'a whole number of at least 1, or Infinity')
  if (!(bytes > 0)) throw invalidOption('capacity.bytes', bytes, 'a number above 0, or Infinity')
}

function entries(count: number): number {
  return Math.min(MAX_ENTRIES, Math.max(1, Math.round(count)))
}

function bytes(count: number, label: string, { name, sizes }: Trace): number {
  if (sizes !== undefined) return Math.max(1, Math.round(count))
  throw invalidOption('size', label, `entries or a share of the keys, since the trace ${name} has no sizes`)
}
