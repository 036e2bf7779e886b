import { asDeletion } from './as-deletion.js'
import type { Operation } from './ports.js'

/**
 * Invalidations that could not be sent, the last one for each thing they cover, in the order of their first arrival.
 * Bounded without losing anything: beyond `limit` it becomes a single `clear`, which covers all of them.
 */
export class RecoveryQueue {
  readonly #limit: number
  readonly #waiting = new Map<string, Operation>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#waiting.size
  }

  add(operations: readonly Operation[]): void {
    for (const operation of operations) {
      // What became of a write that failed is unknown; deleting is right in every case.
      const safe = asDeletion(operation)
      const name = coverOf(safe)
      const earlier = this.#waiting.get(name)
      // A soft invalidation must not weaken a hard one that waits, nor be forgotten with it: that one may be on its way
      // already, and what is loaded after it arrives is covered by this one only.
      const hard = earlier !== undefined && 'mode' in earlier && earlier.mode === 'delete' && 'mode' in safe
      this.#waiting.set(name, hard ? { ...safe, mode: 'delete' } : safe)
    }
    if (this.#waiting.size > this.#limit || this.#waiting.has(CLEAR)) {
      this.#waiting.clear()
      this.#waiting.set(CLEAR, { type: 'clear' })
    }
  }

  /** The first `count`, left in the queue until {@link remove}. */
  peek(count: number): Operation[] {
    const first: Operation[] = []
    for (const operation of this.#waiting.values()) {
      if (first.length >= count) break
      first.push(operation)
    }
    return first
  }

  /** Takes out those that were sent, unless a newer one has taken their place meanwhile. */
  remove(sent: readonly Operation[]): void {
    for (const operation of sent) {
      const name = coverOf(operation)
      if (this.#waiting.get(name) === operation) this.#waiting.delete(name)
    }
  }
}

const CLEAR = 'clear'

function coverOf(operation: Operation): string {
  switch (operation.type) {
    case 'key':
    case 'set':
      return `key ${operation.key}`
    case 'tag':
      return `tag ${operation.tag}`
    case 'pattern':
      return `pattern ${operation.syntax} ${operation.flags} ${operation.source}`
    case 'clear':
      return CLEAR
  }
}
