/**
 * Bounds what the origin is asked: at most `maxPerSecond` times in any second (a sliding log of when it was asked), and
 * at most `maxConcurrent` at a time. It never makes anybody wait: what is beyond the bound is refused.
 */
export class AskBudget {
  readonly #maxConcurrent: number
  readonly #monotonic: () => number
  /** When the last `maxPerSecond` questions were asked, the oldest at `#next`. */
  readonly #askedAt: number[]
  #next = 0
  #underWay = 0

  constructor(maxPerSecond: number, maxConcurrent: number, monotonic: () => number) {
    this.#maxConcurrent = maxConcurrent
    this.#monotonic = monotonic
    this.#askedAt = new Array<number>(maxPerSecond).fill(Number.NEGATIVE_INFINITY)
  }

  /** Whether one more question may be asked; each that is granted must be given back by {@link release}. */
  take(): boolean {
    const now = this.#monotonic()
    const oldest = this.#askedAt[this.#next] as number
    if (this.#underWay >= this.#maxConcurrent || now - oldest < 1_000) return false
    this.#askedAt[this.#next] = now
    this.#next = (this.#next + 1) % this.#askedAt.length
    this.#underWay++
    return true
  }

  release(): void {
    this.#underWay--
  }
}
