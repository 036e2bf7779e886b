/** The last `capacity` items, oldest first: a circular buffer. Adding is O(1) and forgets the oldest when full. */
export class Ring<T> {
  readonly #items: T[] = []
  #start = 0

  constructor(readonly capacity: number) {}

  get size(): number {
    return this.#items.length
  }

  get newest(): T | undefined {
    return this.at(this.size - 1)
  }

  push(item: T): void {
    if (this.#items.length < this.capacity) {
      this.#items.push(item)
      return
    }
    this.#items[this.#start] = item
    this.#start = (this.#start + 1) % this.capacity
  }

  /** The item at `index`, 0 being the oldest. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.size) return undefined
    return this.#items[(this.#start + index) % this.size]
  }

  /** The newest `count` items, oldest first. */
  last(count: number): T[] {
    const wanted = Math.min(Math.max(count, 0), this.size)
    return Array.from({ length: wanted }, (_, index) => this.at(this.size - wanted + index) as T)
  }

  toArray(): T[] {
    return this.last(this.size)
  }
}
