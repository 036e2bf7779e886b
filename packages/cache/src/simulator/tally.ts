import type { PolicyChoiceReport } from '../memory/eviction.js'

/** Counts of a simulation, before they become ratios. */
export interface Tally {
  readonly hits: number
  /** Bytes of the values that were found. */
  readonly bytesHit: number
  readonly evictions: number
  readonly expirations: number
  /** Values that are larger than the whole cache. */
  readonly refusals: number
  /** What an adaptive policy has learnt by the end. */
  readonly choice?: PolicyChoiceReport | undefined
}
