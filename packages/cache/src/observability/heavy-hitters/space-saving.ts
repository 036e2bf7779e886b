/** A key that a summary holds: its weight is between `estimate - error` and `estimate`. */
export interface Counted {
  readonly key: string
  readonly label: string
  readonly estimate: number
  readonly error: number
}

/** What is known of a stream of keys, the heaviest first. No key that is not listed weighs more than `errorBound`. */
export interface Summary {
  readonly total: number
  readonly errorBound: number
  readonly keys: readonly Counted[]
}

interface Slot {
  key: string
  label: string
  count: number
  error: number
  /** Its place in the heap. */
  at: number
}

/**
 * The keys that weigh most in a stream, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi, 2005), with
 * weights. A key that is new when all slots are taken gets the slot of the lightest, and its weight as the possible
 * error. So a key's estimate is never too low, too high by no more than its error, no error exceeds total / capacity,
 * and every key that weighs more than that is held.
 */
export class SpaceSaving {
  readonly #capacity: number
  /** A heap: the lightest first. */
  readonly #heap: Slot[] = []
  readonly #slots = new Map<string, Slot>()
  #total = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** `label` says what the key belongs to, and is kept with it. `weight` is above 0. */
  add(key: string, weight: number, label: string): void {
    this.#total += weight
    const known = this.#slots.get(key)
    if (known !== undefined) {
      known.count += weight
      this.#sink(known)
    } else if (this.#heap.length < this.#capacity) {
      const slot = { key, label, count: weight, error: 0, at: this.#heap.length }
      this.#heap.push(slot)
      this.#slots.set(key, slot)
      this.#rise(slot)
    } else {
      const slot = this.#heap[0] as Slot
      this.#slots.delete(slot.key)
      slot.error = slot.count
      slot.count += weight
      slot.key = key
      slot.label = label
      this.#slots.set(key, slot)
      this.#sink(slot)
    }
  }

  summary(): Summary {
    const errorBound = this.#heap.length < this.#capacity ? 0 : (this.#heap[0]?.count ?? 0)
    const keys = this.#heap.map(({ key, label, count, error }) => ({ key, label, estimate: count, error }))
    return { total: this.#total, errorBound, keys: keys.sort(byEstimate) }
  }

  #rise(slot: Slot): void {
    for (;;) {
      const parent = this.#heap[(slot.at - 1) >> 1]
      if (slot.at === 0 || parent === undefined || parent.count <= slot.count) return
      this.#swap(slot, parent)
    }
  }

  #sink(slot: Slot): void {
    for (;;) {
      const left = this.#heap[2 * slot.at + 1]
      const right = this.#heap[2 * slot.at + 2]
      const lighter = right !== undefined && left !== undefined && right.count < left.count ? right : left
      if (lighter === undefined || lighter.count >= slot.count) return
      this.#swap(slot, lighter)
    }
  }

  #swap(a: Slot, b: Slot): void {
    const at = a.at
    a.at = b.at
    b.at = at
    this.#heap[a.at] = a
    this.#heap[b.at] = b
  }
}

/** A summary of the `count` heaviest alone. */
export function heaviest({ total, errorBound, keys }: Summary, count: number): Summary {
  return { total, errorBound: Math.max(errorBound, keys[count]?.estimate ?? 0), keys: keys.slice(0, count) }
}

/**
 * One summary of several streams (Agarwal et al., Mergeable Summaries, 2012). A stream that does not list a key may
 * have counted up to its bound of it, so that much is added to both the estimate and its error: what holds for each of
 * them holds for all.
 */
export function merged(summaries: readonly Summary[]): Summary {
  const sum = (of: (summary: Summary) => number) => summaries.reduce((before, summary) => before + of(summary), 0)
  const errorBound = sum((summary) => summary.errorBound)
  const found = new Map<string, Counted>()
  for (const summary of summaries) {
    for (const { key, label, estimate, error } of summary.keys) {
      const known = found.get(key) ?? { label, estimate: errorBound, error: errorBound }
      found.set(key, {
        key,
        label: known.label || label,
        estimate: known.estimate + estimate - summary.errorBound,
        error: known.error + error - summary.errorBound,
      })
    }
  }
  return { total: sum(({ total }) => total), errorBound, keys: [...found.values()].sort(byEstimate) }
}

function byEstimate(a: Counted, b: Counted): number {
  return b.estimate - a.estimate
}
