const SLICES = 10

/**
 * Outcomes of the calls of a sliding window: how many, how many failed, and how many were slow (a failed call may be
 * both). Kept in ten slices of the window, so that counting allocates nothing and what is old leaves by tenths.
 */
export class CallWindow {
  readonly #sliceMs: number
  readonly #calls = new Array<number>(SLICES).fill(0)
  readonly #failed = new Array<number>(SLICES).fill(0)
  readonly #slow = new Array<number>(SLICES).fill(0)
  #slice = 0

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES
  }

  /** `now` is monotonic time in milliseconds. */
  count(now: number, outcome: { readonly failed: boolean; readonly slow: boolean }): void {
    this.#advance(now)
    const at = this.#slice % SLICES
    this.#calls[at]!++
    if (outcome.failed) this.#failed[at]!++
    if (outcome.slow) this.#slow[at]!++
  }

  totals(now: number): { readonly calls: number; readonly failed: number; readonly slow: number } {
    this.#advance(now)
    return { calls: sum(this.#calls), failed: sum(this.#failed), slow: sum(this.#slow) }
  }

  forget(): void {
    for (const counts of [this.#calls, this.#failed, this.#slow]) counts.fill(0)
  }

  /** Empties the slices that the clock has passed since the last call. */
  #advance(now: number): void {
    const slice = Math.floor(now / this.#sliceMs)
    const passed = Math.min(slice - this.#slice, SLICES)
    for (let ahead = 1; ahead <= passed; ahead++) {
      const at = (this.#slice + ahead) % SLICES
      this.#calls[at] = 0
      this.#failed[at] = 0
      this.#slow[at] = 0
    }
    this.#slice = slice
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
