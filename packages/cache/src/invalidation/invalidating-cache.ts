import type { Cache } from '../cache.js'

/** The part of the public cache that this layer stands on. */
export type InvalidatingCache = Pick<Cache, 'node' | 'invalidate' | 'clear' | 'inspect' | 'on'>
