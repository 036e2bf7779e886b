/** What a step of a trace does. Only reads count as requests; the others change what a read can find. */
export const READ = 0
/** Stores a new value under the key, whether or not one is there. */
export const WRITE = 1
/** Removes the key, as an invalidation does. */
export const DELETE = 2

/**
 * A recorded or made-up sequence of requests, one step an element, in columns. A column that is absent is the same for
 * every step: a read, one byte, no time, no end of life.
 */
export interface Trace {
  readonly name: string
  /** Number of the key of each step: 0, 1, 2, ... in order of first appearance. */
  readonly keys: Uint32Array
  /** How many different keys there are. */
  readonly distinct: number
  /** {@link READ}, {@link WRITE} or {@link DELETE}. */
  readonly kinds?: Uint8Array
  /** Bytes of the value. */
  readonly sizes?: Uint32Array
  /** Milliseconds since any fixed moment, never falling. */
  readonly times?: Float64Array
  /**
   * How long a value that is stored at this step lives, in milliseconds; `Infinity`: until it is evicted. Needs
   * `times`.
   */
  readonly ttls?: Float64Array
}

/** How many steps are reads. */
export function readsOf({ keys, kinds }: Trace): number {
  return kinds === undefined ? keys.length : kinds.reduce((count, kind) => count + (kind === READ ? 1 : 0), 0)
}

/** The bytes that would hold the last version of every key: what a cache that never evicts comes to. */
export function footprintOf({ keys, sizes, distinct }: Trace): number {
  if (sizes === undefined) return distinct
  const last = new Uint32Array(distinct)
  for (let step = 0; step < keys.length; step++) last[keys[step]!] = sizes[step]!
  return last.reduce((total, bytes) => total + bytes, 0)
}
