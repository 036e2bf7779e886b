/** Keys that are waited for at most; the oldest are forgotten, and then found out by asking again. */
const MOST_KEYS = 10_000

/**
 * The keys for whose lease this node waits. The end of a lease may be published before the answer that told us to wait
 * has come back on the other connection, so what is heard while an answer is outstanding is remembered until it is
 * there.
 */
export class AwaitedLeases {
  readonly #asking = new Map<string, { askers: number; ended: boolean }>()
  readonly #waiting = new Set<string>()

  /** Runs `ask`; `endedMeanwhile` says whether the end of the lease has been heard since it began. */
  async whileAsking<T>(key: string, ask: (endedMeanwhile: () => boolean) => Promise<T>): Promise<T> {
    const question = this.#asking.get(key) ?? { askers: 0, ended: false }
    this.#asking.set(key, question)
    question.askers++
    try {
      return await ask(() => question.ended)
    } finally {
      if (--question.askers === 0) this.#asking.delete(key)
    }
  }

  wait(key: string): void {
    this.#waiting.add(key)
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= MOST_KEYS) break
      this.#waiting.delete(oldest)
    }
  }

  /** `true` when somebody here waits for it. */
  ended(key: string): boolean {
    const question = this.#asking.get(key)
    if (question !== undefined) question.ended = true
    return this.#waiting.delete(key)
  }

  /** All keys that are waited for, which are forgotten: their ends may have been missed. */
  drain(): string[] {
    const keys = [...this.#waiting]
    this.#waiting.clear()
    return keys
  }
}
