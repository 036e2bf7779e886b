/**
 * A settled promise: `SETTLED.then(f)` runs `f` in the next microtask, for less than `queueMicrotask`, which creates an
 * AsyncResource.
 */
export const SETTLED = Promise.resolve()

/** A collector of what comes before the next microtask: `take` is given all of it then, at most `limit` at a time. */
export class Collector<Item> {
  readonly #take: (items: readonly Item[]) => void
  readonly #limit: number
  #items: Item[] = []

  /** `take` must not throw. */
  constructor(take: (items: readonly Item[]) => void, limit = 1_000) {
    this.#take = take
    this.#limit = limit
  }

  /** What waits to be taken. */
  get size(): number {
    return this.#items.length
  }

  push(item: Item): void {
    this.#items.push(item)
    if (this.#items.length >= this.#limit) this.#flush()
    else if (this.#items.length === 1) void SETTLED.then(this.#flush)
  }

  readonly #flush = (): void => {
    const items = this.#items
    if (items.length === 0) return
    this.#items = []
    this.#take(items)
  }
}

interface Call<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * The calls made before the next microtask, as one: `add` returns the promise of its own result, and `run` receives
 * everything that was added meanwhile, at most `limit` at a time, and answers in the same order. An `Error` instance
 * among the answers rejects that call alone (the DataLoader convention).
 */
export class Batch<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>
  readonly #calls: Collector<Call<Item, Result>>

  constructor(run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>, limit?: number) {
    this.#run = run
    this.#calls = new Collector((calls) => void this.#make(calls), limit)
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => this.#calls.push({ item, resolve, reject }))
  }

  async #make(calls: readonly Call<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(calls.map(({ item }) => item))
      for (const [index, { resolve, reject }] of calls.entries()) {
        const result = results[index]
        if (result instanceof Error) reject(result)
        else resolve(result as Result)
      }
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
}
