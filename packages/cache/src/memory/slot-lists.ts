const NONE = -1

/**
 * Doubly linked lists of slots that share two typed arrays, since a slot is in one list at a time. Every operation is
 * O(1) and allocates nothing.
 */
export class SlotLinks {
  /** Towards the front, the end that goes first. */
  ahead = new Int32Array(0)
  /** Towards the back, where newcomers queue. */
  behind = new Int32Array(0)

  grow(capacity: number): void {
    const ahead = new Int32Array(capacity)
    const behind = new Int32Array(capacity)
    ahead.set(this.ahead)
    behind.set(this.behind)
    this.ahead = ahead
    this.behind = behind
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
    return this.#links.behind[slot]!
  }

  push(slot: number): void {
    const { ahead, behind } = this.#links
    const back = this.back
    ahead[slot] = back
    behind[slot] = NONE
    if (back === NONE) this.front = slot
    else behind[back] = slot
    this.back = slot
    this.size++
  }

  remove(slot: number): void {
    const { ahead, behind } = this.#links
    const before = ahead[slot]!
    const after = behind[slot]!
    if (before === NONE) this.front = after
    else behind[before] = after
    if (after === NONE) this.back = before
    else ahead[after] = before
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
