/** Leases end by themselves in the end, so that of very many the oldest may be forgotten. */
const MOST_OWED = 10_000
const AT_A_TIME = 100

/**
 * Leases that this node may still hold in a remote tier that did not answer: those that it could not give back, and
 * those that it was perhaps granted. Until they are given back, or end by themselves, other nodes wait for fills that
 * never come.
 */
export class OwedReleases {
  readonly #release: (key: string, token: string) => Promise<unknown>
  /** Keys by token, oldest first. */
  readonly #owed = new Map<string, string>()
  #settling = false

  constructor(release: (key: string, token: string) => Promise<unknown>) {
    this.#release = release
  }

  get size(): number {
    return this.#owed.size
  }

  has(token: string): boolean {
    return this.#owed.has(token)
  }

  add(key: string, token: string): void {
    this.#owed.set(token, key)
    for (const oldest of this.#owed.keys()) {
      if (this.#owed.size <= MOST_OWED) break
      this.#owed.delete(oldest)
    }
  }

  /** The remote tier answers again: gives back what is owed. What fails stays owed. Never rejects. */
  async settle(): Promise<void> {
    if (this.#settling) return
    this.#settling = true
    try {
      while (this.#owed.size > 0) {
        const some = [...this.#owed].slice(0, AT_A_TIME)
        const outcomes = await Promise.allSettled(some.map(([token, key]) => this.#release(key, token)))
        for (const [index, [token]] of some.entries())
          if (outcomes[index]?.status === 'fulfilled') this.#owed.delete(token)
        if (outcomes.some(({ status }) => status === 'rejected')) return
      }
    } finally {
      this.#settling = false
    }
  }
}
