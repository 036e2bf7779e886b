/** Uses after which evidence counts half, for each entry that a miniature holds. */
const HALF_LIFE = 30
/** Uses between two judgements, for each entry that a miniature holds. */
const PERIOD = 0.03
/** Fewest uses between two judgements. */
const LEAST_PERIOD = 20
/**
 * A change costs misses: the newcomer would have kept entries that are not there. It must have been better by this many
 * hits for each of them. What ruled from the beginning was a guess and goes soon. What was chosen by what happened
 * goes late: where each policy has its turn, changing among them is worse than any of them. One hit for each entry is
 * what the worst case would ask (Borodin, Linial and Saks, "An optimal on-line algorithm for metrical task system",
 * J. ACM 1992).
 */
const FIRST_ADVANTAGE = 0.05
const LATER_ADVANTAGE = 0.5

/** What speaks for a change of the ruling policy. Counts are of sampled reads, old ones at a discount. */
export interface Advantage {
  readonly candidate: number
  readonly hits: number
  readonly reads: number
}

/**
 * What is known about the candidates of an adaptive policy: how many of the recent reads would have been hits under
 * each, as their miniatures show, forgetting what is old.
 */
export class Evidence {
  readonly #hits: Float64Array
  readonly #all: number
  /** By candidate: the share of all reads by which it must be better. */
  readonly #leastDifferences: readonly number[]
  #entries = 1
  #hitsOfAll = 0
  #reads = 0
  #untilJudgement = LEAST_PERIOD
  #discount = 1
  #advantage = FIRST_ADVANTAGE

  /** `leastDifferences` says of each candidate by which share of all reads it must be better to come to rule. */
  constructor(leastDifferences: readonly number[]) {
    const candidates = leastDifferences.length
    this.#leastDifferences = leastDifferences
    this.#hits = new Float64Array(candidates)
    this.#all = 2 ** candidates - 1
  }

  get reads(): number {
    return this.#reads
  }

  /** The miniatures hold up to `entries` from now on, and see `share` as many reads as before. */
  rescale(entries: number, share: number): void {
    this.#entries = entries
    this.#discount = 0.5 ** (this.#period() / (entries * HALF_LIFE))
    this.#fade(share)
    this.#untilJudgement = this.#period()
  }

  /**
   * Goes on from what a rehearsal has shown; while a store fills, all candidates hold the same, and nothing is known.
   */
  inherit(rehearsed: Evidence): void {
    this.#hits.set(rehearsed.#hits)
    this.#hitsOfAll = rehearsed.#hitsOfAll
    this.#reads = rehearsed.#reads
  }

  /**
   * Counts a read; bit `candidate` of `hits` is set if it would have been a hit there. `true` when it is time to judge.
   */
  record(hits: number): boolean {
    if (hits === this.#all) this.#hitsOfAll++
    else if (hits !== 0) {
      for (let candidate = 0; candidate < this.#hits.length; candidate++)
        this.#hits[candidate]! += (hits >>> candidate) & 1
    }
    this.#reads++
    // Less than 0 when nobody has judged in time, because a change was under way.
    return --this.#untilJudgement <= 0
  }

  /**
   * The candidate that should rule instead, if there is one that is better by enough. `differenceOf` says how many
   * entries its miniature holds and that of the ruling policy does not.
   */
  judge(ruling: number, differenceOf: (candidate: number) => number): Advantage | undefined {
    let least = 0
    let best: Advantage | undefined
    for (let candidate = 0; candidate < this.#hits.length; candidate++) {
      const hits = this.#hits[candidate]! - this.#hits[ruling]!
      if (hits <= least || hits <= this.#leastDifferences[candidate]! * this.#reads) continue
      if (hits <= this.#advantage * differenceOf(candidate)) continue
      least = hits
      best = { candidate, hits, reads: this.#reads }
    }
    if (best !== undefined) this.#advantage = LATER_ADVANTAGE
    this.#fade(this.#discount)
    this.#untilJudgement = this.#period()
    return best
  }

  hitRatio(candidate: number): number {
    return this.#reads === 0 ? 0 : (this.#hits[candidate]! + this.#hitsOfAll) / this.#reads
  }

  #fade(share: number): void {
    for (let candidate = 0; candidate < this.#hits.length; candidate++) this.#hits[candidate]! *= share
    this.#hitsOfAll *= share
    this.#reads *= share
  }

  #period(): number {
    return Math.max(LEAST_PERIOD, Math.round(this.#entries * PERIOD))
  }
}
