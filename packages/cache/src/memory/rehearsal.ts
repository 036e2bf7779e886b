import type { Candidate } from './candidates.js'
import type { EvictionLimits } from './eviction.js'
import { type Advantage, Evidence } from './evidence.js'
import { Miniatures } from './miniatures.js'

/** The share of the room that is rehearsed with: it is full when a quarter of the store is. */
const SHARE = 0.25
/** What the others are compared with: it rules while the store fills. */
const FIRST = 0

/**
 * A rehearsal: while a store fills for the first time, every policy would hold the same, and miniatures of it show
 * nothing. Those of a store with a quarter of the room give up entries long before, so that something is known of the
 * traffic when the first one has to go. That is the one moment at which another policy can take over and nothing is
 * lost.
 */
export class Rehearsal {
  readonly #miniatures: Miniatures
  readonly evidence: Evidence

  /** `limits` are those of the miniatures of the whole store. */
  constructor(candidates: readonly Candidate[], { maxEntries, maxBytes }: EvictionLimits) {
    const limits = { maxEntries: maxEntries * SHARE, maxBytes: maxBytes * SHARE }
    this.#miniatures = new Miniatures(
      candidates.map(({ create }) => create(limits)),
      limits,
    )
    this.evidence = new Evidence(candidates.map(({ leastDifference }) => leastDifference))
  }

  access(hash: number, bytes: number): void {
    this.#miniatures.access(hash, bytes)
    this.evidence.record(this.#miniatures.hits)
  }

  forget(hash: number): void {
    this.#miniatures.forget(hash)
  }

  /** The candidate that should rule instead of the first one, if there is one that is better by enough. */
  best(): Advantage | undefined {
    return this.evidence.judge(FIRST, () => 0)
  }
}
