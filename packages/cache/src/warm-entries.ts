import type { MemoryEntry, Shortcut } from './entry.js'

/** What finds a warm entry: the whole key in calls without a definition, else the part behind the definition's name. */
export type WarmKey = string | number
/** The warm entries of one family of keys. */
export type WarmIndex = Map<WarmKey, WarmEntry>

/** Warm entries of a cache. Each takes about 250 bytes, index and promise included. */
const MAX_WARM = 65_536
/** When there is no room, one of so many newcomers takes the place of the oldest: a scan does not drive out what is hot. */
const ADMITTED_OF = 8

/**
 * A finding that stands until something changes: *this entry of memory is fresh, valid and heard of*. A read that meets one need
 * not make the full key, look it up and judge what it finds, and returns the promise that all such reads share. Made by
 * the read path when it has judged an entry; void once `until` has come, once the cache's `stamp` is another one (something was
 * invalidated by tag, pattern or clear, or the log was lost), or when the memory tier lets go of the entry.
 */
export class WarmEntry implements Shortcut {
  // What a hit looks at comes first: it is one line of the processor's cache.
  /** Fulfilled with the value; `undefined` when every reader gets a copy. */
  answer: Promise<unknown> | undefined = undefined
  /** Tick of the recent time at which the entry is no longer to be served without another look. */
  until = 0
  /** State of everything that entries are judged by. */
  stamp = 0
  /** Slot of the entry in the memory tier. */
  slot = -1
  /** The entry's, and thus not a copy. */
  value: unknown = undefined
  entry: MemoryEntry | undefined = undefined
  /** The full key. */
  key = ''
  /** Where it is found. */
  index: WarmIndex
  warmKey: WarmKey
  readonly #all: WarmEntries

  constructor(all: WarmEntries, index: WarmIndex, warmKey: WarmKey) {
    this.#all = all
    this.index = index
    this.warmKey = warmKey
  }

  end(): void {
    if (this.entry === undefined) return
    this.entry.shortcut = undefined
    this.entry = undefined
    this.answer = undefined
    this.value = undefined
    this.key = ''
    this.index.delete(this.warmKey)
    this.#all.free(this)
  }
}

/**
 * All warm entries of a cache, so many at a time. When there is no room, the ones that were made first make it, and are made
 * again when they are met again.
 */
export class WarmEntries {
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

  /**
   * The warm entry of `entry`, for the caller to fill in. `undefined` when there is no room for it now, or when the entry is
   * warm under another name already: ending one would leave the other standing.
   */
  warm(index: WarmIndex, warmKey: WarmKey, entry: MemoryEntry): WarmEntry | undefined {
    const found = index.get(warmKey)
    if (entry.shortcut !== found) return undefined
    const warm = found ?? this.#place(index, warmKey)
    if (warm === undefined) return undefined
    warm.entry = entry
    entry.shortcut = warm
    return warm
  }

  /** Takes back one that has ended. */
  free(warm: WarmEntry): void {
    this.#free.push(warm)
  }

  #place(index: WarmIndex, warmKey: WarmKey): WarmEntry | undefined {
    if (this.#free.length === 0 && this.#all.length === this.#limit) {
      if (++this.#refused < ADMITTED_OF) return undefined
      this.#refused = 0
      this.#all[this.#oldest]?.end()
      this.#oldest = (this.#oldest + 1) % this.#limit
    }
    let warm = this.#free.pop()
    if (warm === undefined) {
      warm = new WarmEntry(this, index, warmKey)
      this.#all.push(warm)
    } else {
      warm.index = index
      warm.warmKey = warmKey
    }
    index.set(warmKey, warm)
    return warm
  }
}
