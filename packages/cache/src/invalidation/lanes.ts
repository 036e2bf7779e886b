/** Work that takes its turn in a lane. */
export interface Turn {
  /** Called when everything before it in its lane is done. Call `done` when this one is. */
  begin(done: () => void): void
}

/**
 * Order per name: turns of one lane come one at a time, in the order in which they were taken; lanes know nothing of
 * each other. Holds nothing for lanes without turns.
 */
export class Lanes<T extends Turn> {
  readonly #lanes = new Map<string, T[]>()

  /** The turn that was taken last in the lane and is not done; it may have begun. */
  last(name: string): T | undefined {
    return this.#lanes.get(name)?.at(-1)
  }

  take(name: string, turn: T): void {
    const lane = this.#lanes.get(name)
    if (lane !== undefined) {
      lane.push(turn)
      return
    }
    this.#lanes.set(name, [turn])
    this.#begin(name, turn)
  }

  #begin(name: string, turn: T): void {
    turn.begin(() => {
      const lane = this.#lanes.get(name)
      if (lane?.[0] !== turn) return
      lane.shift()
      const next = lane[0]
      if (next === undefined) this.#lanes.delete(name)
      else this.#begin(name, next)
    })
  }
}
