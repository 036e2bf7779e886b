import type { Cache } from '../cache.js'
import { composeCache } from '../create-cache.js'
import type { CacheOptions } from '../options.js'
import type { WithoutParts } from '../tiers.js'

/** A part of the coherence protocol that a proof may switch off, to see its checker fail without it. */
export type ProtocolPart = keyof WithoutParts

/** A cache with parts of the protocol switched off. It loses invalidations: for proofs only. */
export function createCacheWithout(parts: readonly ProtocolPart[], options: CacheOptions = {}): Cache {
  return composeCache(options, {
    fence: parts.includes('fence'),
    lease: parts.includes('lease'),
    replay: parts.includes('replay'),
    heartbeat: parts.includes('heartbeat'),
  })
}
