interface Slot<T> {
  /** What has not begun yet, and who waits for it. */
  next:
    | { job: () => Promise<T>; readonly waiting: { resolve(value: T): void; reject(error: unknown): void }[] }
    | undefined
}

/**
 * One job at a time for each key; of those that arrive meanwhile only the last is done, and all who asked get its
 * result. For positions of a token that is being dragged: each makes the one before it worthless.
 */
export class LatestOnly<T> {
  readonly #slots = new Map<string, Slot<T>>()

  run(key: string, job: () => Promise<T>): Promise<T> {
    const slot = this.#slots.get(key)
    if (slot === undefined) {
      this.#slots.set(key, { next: undefined })
      return job().finally(() => this.#proceed(key))
    }
    return new Promise<T>((resolve, reject) => {
      slot.next = { job, waiting: [...(slot.next?.waiting ?? []), { resolve, reject }] }
    })
  }

  #proceed(key: string): void {
    const next = this.#slots.get(key)?.next
    if (next === undefined) {
      this.#slots.delete(key)
      return
    }
    this.#slots.set(key, { next: undefined })
    next
      .job()
      .then(
        (value) => {
          for (const { resolve } of next.waiting) resolve(value)
        },
        (error) => {
          for (const { reject } of next.waiting) reject(error)
        },
      )
      .finally(() => this.#proceed(key))
  }
}
