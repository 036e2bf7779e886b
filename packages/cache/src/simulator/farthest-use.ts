/**
 * A heap of steps, the last one on top. Entries that are no longer true stay until they come to the top or are swept.
 */
export class FarthestUse {
  #steps = new Uint32Array(1_024)
  #size = 0
  readonly #isTrue: (step: number) => boolean

  /** `isTrue` tells whether a step that was pushed is still the next use of something that is held. */
  constructor(isTrue: (step: number) => boolean) {
    this.#isTrue = isTrue
  }

  /** `held`: how many entries are true. The heap never grows far beyond that. */
  push(step: number, held: number): void {
    if (this.#size === this.#steps.length) this.#makeRoom(held)
    this.#steps[this.#size] = step
    this.#up(this.#size++)
  }

  /** The farthest step that is true; -1 for none. */
  peek(): number {
    while (this.#size > 0 && !this.#isTrue(this.#steps[0]!)) this.pop()
    return this.#size === 0 ? -1 : this.#steps[0]!
  }

  /** Takes the top away. */
  pop(): void {
    this.#steps[0] = this.#steps[--this.#size]!
    this.#down(0)
  }

  /** Sweeps out what is not true; grows when that is not much. */
  #makeRoom(held: number): void {
    const truths = this.#steps.filter(this.#isTrue)
    if (held * 2 >= this.#steps.length) this.#steps = new Uint32Array(this.#steps.length * 2)
    this.#steps.set(truths)
    this.#size = truths.length
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#down(at)
  }

  #up(from: number): void {
    const step = this.#steps[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#steps[parent]! >= step) break
      this.#steps[at] = this.#steps[parent]!
      at = parent
    }
    this.#steps[at] = step
  }

  #down(from: number): void {
    const step = this.#steps[from]!
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && this.#steps[child + 1]! > this.#steps[child]!) child++
      if (this.#steps[child]! <= step) break
      this.#steps[at] = this.#steps[child]!
      at = child
    }
    this.#steps[at] = step
  }
}
