/** A cached value with all that is needed to judge it, as it travels between tiers. Times in milliseconds. */
export interface Entry<V = unknown> {
  readonly value: V
  /** Wall time of the load or set. */
  readonly createdAt: number
  /** Fresh before `createdAt + ttl`; jitter is already applied. */
  readonly ttl: number
  /** Stale, but kept, for this long after. */
  readonly grace: number
  /** The definition's name is among them. */
  readonly tags: readonly string[]
  /** Log epoch and highest seq that the loading node had applied before it began to load. */
  readonly epoch: string
  readonly asOf: number
  /** Softly invalidated: to be treated as past its ttl. */
  readonly expired: boolean
  /** Version that the origin gave it, kept for the next load (RFC 9110, 8.8.3). */
  readonly etag?: string | undefined
  /** How long its load took, where an early refresh wants to know. */
  readonly loadMs?: number | undefined
  /** What the value takes on the heap, in bytes, where decoding has counted it. */
  readonly heapBytes?: number | undefined
}

/*
 * What every read creates comes from constructors, not literals. When many objects of one literal survive (the values
 * of a bulk read), V8 allocates that literal's objects in the old space from then on, where each dead one keeps what it
 * refers to alive until the next full collection. Objects from a constructor stay young, and share one hidden class.
 */

/** An entry that was loaded, set or decoded. */
export class StoredEntry<V = unknown> implements Entry<V> {
  value: V
  readonly createdAt: number
  readonly ttl: number
  readonly grace: number
  readonly tags: readonly string[]
  readonly epoch: string
  readonly asOf: number
  expired = false
  readonly etag: string | undefined
  readonly loadMs: number | undefined
  heapBytes: number | undefined = undefined

  constructor(
    value: V,
    life: { readonly createdAt: number; readonly ttl: number; readonly grace: number },
    tags: readonly string[],
    asOf: { readonly epoch: string; readonly seq: number },
    etag: string | undefined,
    loadMs: number | undefined,
  ) {
    this.value = value
    this.createdAt = life.createdAt
    this.ttl = life.ttl
    this.grace = life.grace
    this.tags = tags
    this.epoch = asOf.epoch
    this.asOf = asOf.seq
    this.etag = etag
    this.loadMs = loadMs
  }
}

/** What the load of an entry leaves behind for the next one. */
export interface LoadMemo {
  readonly etag: string | undefined
  /** 0 when unknown. */
  readonly loadMs: number
  /** Wall time of its own expiry, which the memory tier's ttl may come before. */
  readonly expiresAt: number
}

/** What was made to serve an entry of memory faster, and must not outlive its stay there. */
export interface Shortcut {
  /** Called by the memory tier in the moment in which it lets go of the entry, before anybody hears of that. */
  end(): void
}

/** All that is known of an entry without decoding its value. */
export type EntryHead = Omit<Entry, 'value'>

/** How an entry of memory was found to be valid. */
export type Proof = Readonly<Pick<MemoryEntry, 'judgedAt' | 'confirmedAt' | 'generation'>>

/** An entry as the memory tier holds it: judged once, then cheap to serve. */
export class MemoryEntry<V = unknown> {
  readonly value: V
  /** What the value takes on the heap, in bytes; without it the memory tier calculates it. */
  readonly heapBytes?: number | undefined
  readonly createdAt: number
  readonly tags: readonly string[]
  readonly epoch: string
  readonly asOf: number
  /** Wall time until which it is fresh: its own ttl, capped by the memory tier's. 0 once softly invalidated. */
  freshUntil: number
  /** Wall time until which it is kept: the end of its grace, or of its freshness where it has none. */
  readonly staleUntil: number
  /** Milliseconds that it outlives its ttl. 0: it is never served past its ttl, nor once it is softly invalidated. */
  readonly grace: number
  /** Wall time at which a refresh may start ahead of expiry; Infinity for never. */
  refreshAt: number
  /** Revision of the validity table (tags, patterns, clear) at which it was last judged. */
  judgedAt: number
  /** Wall time of the last proof from outside: when its load or remote read began. */
  confirmedAt: number
  /** Suspicion generation of the log; an entry of an older generation must be confirmed. */
  generation: number
  /** Wall time before which a failed refresh is not tried again (fail-safe throttle). */
  retryAt: number
  /** There when the load left something to remember. */
  readonly memo?: LoadMemo | undefined
  /** Ended by the memory tier when it lets go of the entry. */
  shortcut?: Shortcut | undefined

  constructor(entry: Entry<V>, lifetime: Pick<MemoryEntry, 'freshUntil' | 'staleUntil' | 'refreshAt'>, proof: Proof) {
    this.value = entry.value
    this.heapBytes = entry.heapBytes
    this.createdAt = entry.createdAt
    this.tags = entry.tags
    this.epoch = entry.epoch
    this.asOf = entry.asOf
    this.freshUntil = lifetime.freshUntil
    this.staleUntil = lifetime.staleUntil
    this.grace = entry.grace
    this.refreshAt = lifetime.refreshAt
    this.judgedAt = proof.judgedAt
    this.confirmedAt = proof.confirmedAt
    this.generation = proof.generation
    this.retryAt = 0
    this.memo = memoOf(entry)
    this.shortcut = undefined
  }
}

function memoOf({ etag, loadMs, createdAt, ttl }: Entry): LoadMemo | undefined {
  return etag === undefined && loadMs === undefined
    ? undefined
    : { etag, loadMs: loadMs ?? 0, expiresAt: createdAt + ttl }
}

/** Whether an entry may be served at all, in the words of the validity rule. */
export type Validity = 'valid' | 'expired' | 'deleted'

/** What an entry is by its ttl, while it is kept at all: stale is past its ttl, within grace. */
export type EntryState = 'fresh' | 'stale'

export function stateOf(entry: MemoryEntry, now: number): EntryState {
  return now < entry.freshUntil ? 'fresh' : 'stale'
}
