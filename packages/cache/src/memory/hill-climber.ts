/** Share of the slots by which the window changes at first. */
const FIRST_STEP = 0.0625
/** Each step is shorter than the one before by this factor, until the hit ratio leaps. */
const DECAY = 0.98
/** A change of the hit ratio from which on the climb begins anew. */
const RESTART = 0.05
/** Uses for each slot between two steps. */
const PERIOD_PER_SLOT = 10
const MAX_SHARE = 0.8

/**
 * Hill climbing for the share of a window: go on in the same direction while the hit ratio rises, turn when it falls,
 * in ever shorter steps; when it leaps, the traffic is another and the climb begins anew. As in Caffeine (Einziger,
 * Eytan, Friedman & Manes, "Adaptive software cache management", Middleware 2018).
 */
export class HillClimber {
  #share: number
  readonly #least: number
  #step = FIRST_STEP
  #hits = 0
  #uses = 0
  #hitRatio = 0

  constructor(share: number) {
    this.#share = share
    this.#least = share
  }

  count(isHit: boolean): void {
    this.#uses++
    if (isHit) this.#hits++
  }

  /** The share that the window should have now, in a store of that many slots. */
  share(slots: number): number {
    if (this.#uses >= PERIOD_PER_SLOT * slots) this.#climb()
    return this.#share
  }

  #climb(): void {
    const hitRatio = this.#hits / this.#uses
    const change = hitRatio - this.#hitRatio
    const direction = change >= 0 ? Math.sign(this.#step) : -Math.sign(this.#step)
    const length = Math.abs(change) >= RESTART ? FIRST_STEP : Math.abs(this.#step) * DECAY
    this.#step = direction * length
    this.#share = Math.min(MAX_SHARE, Math.max(this.#least, this.#share + this.#step))
    this.#hitRatio = hitRatio
    this.#hits = 0
    this.#uses = 0
  }
}
