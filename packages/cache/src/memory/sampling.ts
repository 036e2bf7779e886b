/** Hashes are sampled by their lowest bits, which the tables of the policies do not use. */
const STEPS = 2 ** 16
/** Entries of a miniature while little is known, and once the choice has settled. */
const YOUNG_ENTRIES = 1_024
const SETTLED_ENTRIES = 128
/** Stores of up to this many entries are simulated whole: a sample of so few keys would tell little. */
const LARGEST_WHOLE = 512
/** Larger stores have larger miniatures: at least one entry for this many. */
const LARGEST_RATIO = 1_024
/** Sampled reads for each entry of a miniature after which half as many keys will do. */
const HALVED_AFTER = 10

/**
 * Which share of the keys the miniatures see: all of them in a small store, few in a large one, so that a miniature has
 * some hundred entries either way; fewer once much was seen, for then the choice has been made and watching must be
 * cheap.
 */
export class Sampling {
  readonly #capacity: number
  readonly #leastEntries: number
  /** Keys whose hash ends in less are seen. */
  threshold: number
  #reads = 0

  /** For a store that holds about `capacity` entries when it is full. */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#leastEntries = capacity <= LARGEST_WHOLE ? capacity : Math.max(SETTLED_ENTRIES, capacity / LARGEST_RATIO)
    const young = Math.max(YOUNG_ENTRIES, this.#leastEntries)
    this.threshold = Math.min(STEPS, Math.ceil((young / capacity) * STEPS))
  }

  get rate(): number {
    return this.threshold / STEPS
  }

  /** How many entries a miniature of the store has. */
  get entries(): number {
    return Math.max(1, Math.round(this.#capacity * this.rate))
  }

  includes(hash: number): boolean {
    return (hash & (STEPS - 1)) < this.threshold
  }

  /** Counts a sampled read; `true` when half as many keys are enough from now on. */
  settles(): boolean {
    if (++this.#reads < HALVED_AFTER * this.entries) return false
    this.#reads = 0
    if (this.entries < this.#leastEntries * 2) return false
    this.threshold = Math.ceil(this.threshold / 2)
    return true
  }
}
