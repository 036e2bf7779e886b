const NONE = -1

/**
 * Doubly linked lists of slots that share a typed array, since a slot is in one list at a time. Every operation is O(1)
 * and allocates nothing. Both links of a slot lie side by side, so that a processor fetches them together: at 2 x slot
 * the one towards the front, the end that goes first, and after it the one towards the back, where newcomers queue.
 */
export class SlotLinks {
  words = new Int32Array(0)

  grow(capacity: number): void {
    const words = new Int32Array(capacity * 2)
    words.set(this.words)
    this.words = words
  }
}

/** A queue of slots: what is pushed to the back comes to the front in time, and may be taken out anywhere. */
export class SlotQueue {
  readonly #links: SlotLinks
  /** -1 when the queue is empty. */
  front = NONE
  back = NONE
  size = 0

  constructor(links: SlotLinks) {
    this.#links = links
  }

  /** The slot that follows towards the back; -1 at the end. */
  next(slot: number): number {
    return this.#links.words[slot * 2 + 1]!
  }

  push(slot: number): void {
    const { words } = this.#links
    const { back } = this
    words[slot * 2] = back
    words[slot * 2 + 1] = NONE
    if (back === NONE) this.front = slot
    else words[back * 2 + 1] = slot
    this.back = slot
    this.size++
  }

  remove(slot: number): void {
    const { words } = this.#links
    const before = words[slot * 2]!
    const after = words[slot * 2 + 1]!
    if (before === NONE) this.front = after
    else words[before * 2 + 1] = after
    if (after === NONE) this.back = before
    else words[after * 2] = before
    this.size--
  }

  /** Takes the slot at the front out; -1 when there is none. */
  shift(): number {
    const slot = this.front
    if (slot !== NONE) this.remove(slot)
    return slot
  }

  moveToBack(slot: number): void {
    if (slot === this.back) return
    this.remove(slot)
    this.push(slot)
  }
}
