import type { MemoryEntry, Shortcut } from './entry.js'

/** What finds a warm entry: the whole key in calls without a definition, else the part behind the definition's name. */
export type WarmKey = string | number
/** Where the warm entries of one family of keys are: their places in {@link WarmEntries}. */
export type WarmIndex = Map<WarmKey, number>

/** Warm entries of a cache. Each takes about 250 bytes, index and promise included. */
const MAX_WARM = 65_536
/**
 * When there is no room, one of this many newcomers takes the place of the oldest: a scan does not drive out what is
 * hot.
 */
const ADMITTED_OF = 8
/** Places that there is room for at first; it doubles as needed. */
const INITIAL_CAPACITY = 256
/** Has come at every tick. */
const LONG_AGO = -(2 ** 31)

/**
 * A finding that stands until something changes: *this entry of memory is fresh, valid and heard of*. See the columns.
 */
export interface Finding {
  readonly until: number
  readonly slot: number
  readonly value: unknown
  readonly answer: Promise<unknown> | undefined
}

/**
 * The warm entries of a cache, a limited number at a time, in numbered places. A read that meets one need not make the
 * full key, look it up and judge what it finds, and returns the promise that all such reads share. Made by the read
 * path when it has judged an entry; void once `until` has come, once the cache's `stamp` is another one (something was
 * invalidated by tag, pattern or clear, or the log was lost), or when the memory tier lets go of the entry.
 *
 * What a hit looks at lies in columns: thousands of objects, each in a line or two of its own, would have a hit wait
 * for memory longer than it takes otherwise. When there is no room, the entries that were made first make it, and are
 * made again when they are met again.
 */
export class WarmEntries {
  // The columns, by place. Read as they are: an accessor for each would be a call more in every hit.
  /** Tick of the recent time at which the finding is no longer to be served without another look. */
  untils = new Int32Array(INITIAL_CAPACITY)
  /** Slot of the entry in the memory tier. */
  slots = new Int32Array(INITIAL_CAPACITY)
  /** Fulfilled with the value; `undefined` when every reader gets a copy. */
  readonly answers: (Promise<unknown> | undefined)[] = []
  /** The entry's, and thus not copies. */
  readonly values: unknown[] = []
  /** State of everything that entries are judged by, in which all of them were found. */
  stamp = 0
  readonly #limit: number
  readonly #all: WarmEntry[] = []
  readonly #free: WarmEntry[] = []
  #oldest = 0
  #refused = 0

  constructor(maxEntries: number) {
    this.#limit = Math.min(maxEntries, MAX_WARM)
  }

  get size(): number {
    return this.#all.length - this.#free.length
  }

  /** The full key. */
  keyAt(place: number): string {
    return this.#all[place]!.key
  }

  /**
   * The place of `entry`, where a finding about it is to be put; `undefined` when there is no room for it now, or when
   * the entry is warm under another name already: ending one would leave the other standing.
   */
  placeOf(entry: MemoryEntry, key: string, index: WarmIndex, warmKey: WarmKey): number | undefined {
    const found = index.get(warmKey)
    const known = found === undefined ? undefined : this.#all[found]
    if (entry.shortcut !== known) return undefined
    const warm = known ?? this.#admit(index, warmKey)
    if (warm === undefined) return undefined
    warm.entry = entry
    warm.key = key
    entry.shortcut = warm
    return warm.place
  }

  /** Puts what was found with everything that entries are judged by in the state of {@link stamp}. */
  put(place: number, { until, slot, value, answer }: Finding): void {
    this.untils[place] = until
    this.slots[place] = slot
    this.values[place] = value
    this.answers[place] = answer
  }

  /** What entries are judged by has changed: each is to be looked at again. */
  voidAll(stamp: number): void {
    this.untils.fill(LONG_AGO)
    this.stamp = stamp
  }

  /** Takes back the place of one that has ended. */
  free(warm: WarmEntry): void {
    this.untils[warm.place] = LONG_AGO
    this.values[warm.place] = undefined
    this.answers[warm.place] = undefined
    this.#free.push(warm)
  }

  #admit(index: WarmIndex, warmKey: WarmKey): WarmEntry | undefined {
    if (this.#free.length === 0 && this.#all.length === this.#limit) {
      if (++this.#refused < ADMITTED_OF) return undefined
      this.#refused = 0
      this.#all[this.#oldest]?.end()
      this.#oldest = (this.#oldest + 1) % this.#limit
    }
    const warm = this.#free.pop() ?? this.#added()
    warm.index = index
    warm.warmKey = warmKey
    index.set(warmKey, warm.place)
    return warm
  }

  #added(): WarmEntry {
    const warm = new WarmEntry(this, this.#all.length)
    this.#all.push(warm)
    this.values.push(undefined)
    this.answers.push(undefined)
    if (this.#all.length > this.untils.length) {
      this.untils = doubled(this.untils)
      this.slots = doubled(this.slots)
    }
    return warm
  }
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(column.length * 2)
  longer.set(column)
  return longer
}

/** What is known of a warm entry, for when it ends. */
class WarmEntry implements Shortcut {
  readonly place: number
  entry: MemoryEntry | undefined = undefined
  /** The full key. */
  key = ''
  /** Where it is found. */
  index: WarmIndex | undefined = undefined
  warmKey: WarmKey = ''
  readonly #all: WarmEntries

  constructor(all: WarmEntries, place: number) {
    this.#all = all
    this.place = place
  }

  end(): void {
    if (this.entry === undefined) return
    this.entry.shortcut = undefined
    this.entry = undefined
    this.index?.delete(this.warmKey)
    this.index = undefined
    this.warmKey = ''
    this.key = ''
    this.#all.free(this)
  }
}
