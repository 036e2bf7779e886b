/**
 * A collector that turns the calls of one microtask into one: `add` returns the promise of its own result, and `run`
 * receives everything that was added meanwhile, at most `limit` at a time, and answers in the same order. An `Error`
 * instance among the answers rejects that call alone (the DataLoader convention).
 */
export class Batch<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>
  readonly #limit: number
  #items: Item[] = []
  #waiting: { resolve: (result: Result) => void; reject: (error: unknown) => void }[] = []

  constructor(run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>, limit = 1_000) {
    this.#run = run
    this.#limit = limit
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => this.push(item, resolve, reject))
  }

  /** As {@link add}, without a promise. The callbacks must not throw. */
  push(item: Item, resolve: (result: Result) => void, reject: (error: unknown) => void): void {
    this.#items.push(item)
    this.#waiting.push({ resolve, reject })
    if (this.#items.length >= this.#limit) this.#flush()
    else if (this.#items.length === 1) queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    const items = this.#items
    const waiting = this.#waiting
    if (items.length === 0) return
    this.#items = []
    this.#waiting = []
    // An async wrapper, so that a synchronous throw of `run` rejects like any other failure.
    const answer = async () => this.#run(items)
    answer().then(
      (results) => {
        for (let index = 0; index < waiting.length; index++) {
          const result = results[index]
          if (result instanceof Error) waiting[index]!.reject(result)
          else waiting[index]!.resolve(result as Result)
        }
      },
      (error) => {
        for (const caller of waiting) caller.reject(error)
      },
    )
  }
}
