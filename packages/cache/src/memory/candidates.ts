import { arc } from './arc.js'
import type { EvictionPolicyFactory } from './eviction.js'
import { fifo } from './fifo.js'
import { gdsf } from './gdsf.js'
import { lru } from './lru.js'
import { s3FifoWith } from './s3-fifo.js'
import { wTinyLfuWith } from './w-tinylfu.js'

/** A policy with its tuning, among which the adaptive one chooses. */
export interface Candidate {
  readonly name: string
  readonly create: EvictionPolicyFactory
  /** The share of all reads by which it must be better than what rules, to take over. */
  readonly leastDifference: number
}

const LEAST_DIFFERENCE = 0.002
/** For policies that one scan or loop empties, however well they do before. */
const FRAGILE_DIFFERENCE = 0.02

function windowed(window: number): Candidate {
  return {
    name: `w-tinylfu (window ${window * 100} %)`,
    create: wTinyLfuWith({ window }),
    leastDifference: LEAST_DIFFERENCE,
  }
}

function queued(smallShare: number, promoteAfter: number): Candidate {
  const create = s3FifoWith({ smallShare, promoteAfter })
  return { name: `s3-fifo (small queue ${smallShare * 100} %)`, create, leastDifference: LEAST_DIFFERENCE }
}

/**
 * What the adaptive policy chooses from: few, since each is simulated, and all different; what other tunings add was
 * within half a point wherever it was tried. The first one rules until something better is known.
 */
export const CANDIDATES: readonly Candidate[] = Object.freeze([
  windowed(0.2),
  windowed(0.01),
  { name: 'arc', create: arc, leastDifference: LEAST_DIFFERENCE },
  queued(0.1, 2),
  queued(0.3, 1),
  { name: 'lru', create: lru, leastDifference: FRAGILE_DIFFERENCE },
  { name: 'fifo', create: fifo, leastDifference: FRAGILE_DIFFERENCE },
])

/** The same, and what weighs uses against sizes, for a store whose bound is its bytes. */
export const CANDIDATES_BY_SIZE: readonly Candidate[] = Object.freeze([
  ...CANDIDATES,
  { name: 'gdsf', create: gdsf, leastDifference: LEAST_DIFFERENCE },
])
