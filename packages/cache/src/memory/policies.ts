import type { MemoryPolicy } from '../options.js'
import { adaptive } from './adaptive.js'
import { arc } from './arc.js'
import type { EvictionLimits, EvictionPolicy, EvictionPolicyFactory } from './eviction.js'
import { fifo } from './fifo.js'
import { gdsf } from './gdsf.js'
import { lru } from './lru.js'
import { s3Fifo } from './s3-fifo.js'
import { sieve } from './sieve.js'
import { wTinyLfu } from './w-tinylfu.js'

const FACTORIES = {
  lru,
  fifo,
  sieve,
  's3-fifo': s3Fifo,
  arc,
  'w-tinylfu': wTinyLfu,
  gdsf,
  adaptive,
} as const satisfies Record<MemoryPolicy, EvictionPolicyFactory>

/**
 * A new policy by its name, for a store within `limits`. It must be told of slots ({@link EvictionPolicy.grow}) first.
 */
export function createEviction(name: MemoryPolicy, limits: EvictionLimits): EvictionPolicy {
  return FACTORIES[name](limits)
}
