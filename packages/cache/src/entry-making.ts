import { earliestDraw } from './early-refresh.js'
import { type Entry, MemoryEntry, type Proof, StoredEntry } from './entry.js'
import type { LoadDecisions } from './load-context.js'
import type { ResolvedEntryOptions } from './options.js'
import type { Clock, LogPosition } from './ports.js'

/** Redis refuses longer expiries; ten years are for ever to a cache. */
const LONGEST_EXPIRY_MS = 315_360_000_000
/** An entry that was set has nothing of a load. */
const NO_LOAD = Object.freeze({ ttl: undefined, etag: undefined, loadMs: undefined })

/** Makes entries: how long each lives, in every tier, is decided here. */
export class EntryMaking {
  readonly #clock: Clock
  readonly #memoryTtl: number

  /** `memoryTtl`: milliseconds for which memory keeps an entry fresh at most. */
  constructor(clock: Clock, memoryTtl: number) {
    this.#clock = clock
    this.#memoryTtl = memoryTtl
  }

  /**
   * A new entry of a family, with its life drawn from the options. `asOf` is the position before its load or set began.
   */
  make(
    value: unknown,
    options: ResolvedEntryOptions,
    tags: readonly string[],
    asOf: LogPosition,
    load: Partial<Pick<LoadDecisions, 'ttl' | 'etag'>> & Pick<Entry, 'loadMs'> = NO_LOAD,
  ): Entry {
    const drawn = load.ttl ?? ttlOf(value, options)
    const ttl = options.jitter === 0 ? drawn : drawn * (1 - options.jitter * this.#clock.random())
    const life = { createdAt: this.#clock.now(), ttl, grace: options.grace }
    return new StoredEntry(value, life, tags, asOf, load.etag, load.loadMs)
  }

  /** The entry as memory holds it: its own life, capped by the memory tier's ttl from now. */
  forMemory(entry: Entry, options: ResolvedEntryOptions, proof: Proof, now = this.#clock.now()): MemoryEntry {
    const freshUntil = entry.expired ? 0 : Math.min(entry.createdAt + entry.ttl, now + this.#memoryTtl)
    const staleUntil = entry.grace > 0 ? entry.createdAt + entry.ttl + entry.grace : freshUntil
    return new MemoryEntry(entry, { freshUntil, staleUntil, refreshAt: refreshAtOf(entry, options) }, proof)
  }
}

function ttlOf(value: unknown, { ttl, negativeTtl }: ResolvedEntryOptions): number {
  return value === null || value === undefined ? (negativeTtl ?? ttl) : ttl
}

/** Milliseconds for which the remote tier holds an entry. */
export function expiryOf({ ttl, grace }: Entry): number {
  return Math.min(Math.ceil(ttl + grace), LONGEST_EXPIRY_MS)
}

/** The first moment at which a read may refresh an entry ahead of its expiry. */
function refreshAtOf({ createdAt, ttl, loadMs }: Entry, { refreshAhead, earlyRefresh }: ResolvedEntryOptions): number {
  const ahead = refreshAhead === undefined ? Number.POSITIVE_INFINITY : createdAt + ttl * refreshAhead
  return earlyRefresh === 0 || loadMs === undefined
    ? ahead
    : Math.min(ahead, earliestDraw(createdAt + ttl, loadMs, earlyRefresh))
}
