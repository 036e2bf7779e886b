import { arc } from './arc.js'
import type { EvictionPolicyFactory } from './eviction.js'
import { fifo } from './fifo.js'
import { gdsf } from './gdsf.js'
import { lru } from './lru.js'
import { s3FifoWith } from './s3-fifo.js'
import { sieve } from './sieve.js'
import { wTinyLfuWith } from './w-tinylfu.js'

/** A policy with its tuning, among which the adaptive one chooses. */
export interface Candidate {
  readonly name: string
  readonly create: EvictionPolicyFactory
}

function windowed(window: number): Candidate {
  return { name: `w-tinylfu (window ${window * 100} %)`, create: wTinyLfuWith({ window }) }
}

/**
 * What the adaptive policy chooses from: policies that lead somewhere, each in the tunings that matter. The first one
 * rules until something better is known: it is never far behind and leads on loops, where the others get nothing.
 */
export const CANDIDATES: readonly Candidate[] = Object.freeze([
  windowed(0.2),
  windowed(0.01),
  windowed(0.6),
  { name: 's3-fifo (promotion after 1 use)', create: s3FifoWith({ promoteAfter: 1 }) },
  { name: 's3-fifo (promotion after 2 uses)', create: s3FifoWith({ promoteAfter: 2 }) },
  { name: 's3-fifo (small queue 30 %)', create: s3FifoWith({ smallShare: 0.3 }) },
  { name: 'arc', create: arc },
  { name: 'lru', create: lru },
  { name: 'fifo', create: fifo },
  { name: 'sieve', create: sieve },
  { name: 'gdsf', create: gdsf },
])
