import type { Entry, EntryHead, MemoryEntry } from './entry.js'

/**
 * What the core knows of the world. Each port has a contract suite in `testing/` that runs on every
 * implementation; choosing one happens once, in `create-cache.ts`.
 */

/** A handle returned by {@link Clock.setTimeout}; opaque to the core. */
export type Timer = unknown

/** Time, timers and randomness, injected so that races are tested on a virtual clock. */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds from an arbitrary origin that never go backwards; for durations. */
  monotonic(): number
  /**
   * Runs `callback` once after `delayMs`, never before, and never at all for `Infinity`. Beyond 24.8 days
   * (2^31 - 1 ms) Node.js would fire at once. A pending timer does not keep the process alive.
   */
  setTimeout(callback: () => void, delayMs: number): Timer
  clearTimeout(timer: Timer): void
  /**
   * Runs `callback` soon after this turn of the event loop: whatever is called later than that was called in another
   * turn. Allows bursts of reads to share a reading of the clock; without it, `now` is called for each.
   */
  afterTurn?(callback: () => void): void
  /**
   * Keeps the process alive until the function that it returns is called. Without it, a process that has nothing else
   * to do may end before its cache is closed.
   */
  keepAlive?(): () => void
  /** A number in [0, 1). */
  random(): number
}

/** Why the memory tier let an entry go. */
export type RemovalCause = 'capacity' | 'expired' | 'deleted' | 'replaced' | 'cleared'

/** Figures of a memory tier at one moment; the counters only ever grow. */
export interface MemoryFigures {
  entries: number
  /** Sum of the calculated sizes of the entries, in bytes. */
  bytes: number
  /**
   * What may be held at this moment: the bounds, or a little more while lowered ones are being approached turn by turn.
   */
  maxEntries: number
  maxBytes: number
  evictions: number
  expirations: number
  /** Values larger than the whole tier allows, refused without evicting others. */
  refusals: number
}

/** How many entries at most, and how many bytes. */
export interface MemoryBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** What decides which entries a memory tier gives up, and what the adaptive policy has learnt so far. */
export interface PolicyFigures {
  /** As chosen by the option `memory.policy`. */
  readonly name: string
  /** The one that rules now: the same, or what the adaptive policy has chosen. */
  readonly active: string
  /**
   * Byte hit rate, 0 to 1: bytes served from memory, divided by those plus the bytes that had to be stored again. 1
   * before any traffic; estimated from one hit in 16.
   */
  readonly byteHitRate: number
  /** Share of the keys that the estimates come from, 0 to 1; 0 where nothing is estimated. */
  readonly sampleRate: number
  /** Reads that the estimates rest on; older ones count for less. */
  readonly sampledReads: number
  readonly candidates: readonly PolicyCandidate[]
  /** How often another one came to rule. */
  readonly changes: number
  readonly lastChange: PolicyChange | undefined
}

export interface PolicyCandidate {
  readonly name: string
  /** Estimated share of the recent reads that would have been memory hits, 0 to 1. */
  readonly hitRatio: number
}

export interface PolicyChange {
  /** Wall time in milliseconds. */
  readonly at: number
  readonly from: string
  readonly to: string
  /** In words, with the figures that decided. */
  readonly why: string
}

/**
 * The first tier: this process's memory. Synchronous, bounded by entries and by bytes. It holds entries until
 * `staleUntil`; whether one may be served (fresh, valid, confirmed) is the caller's question.
 */
export interface MemoryTier {
  /**
   * The entry, counted as a use by the eviction policy; `undefined` when absent or past `staleUntil`. `now` and the
   * key's hash save reading the clock and hashing the key to a caller who has just done that; so below.
   */
  get(key: string, now?: number, hash?: number): MemoryEntry | undefined
  /** As {@link get}, without counting as a use. */
  peek(key: string, now?: number, hash?: number): MemoryEntry | undefined
  /**
   * Where the entry under the key is, for {@link touch}: its slot, until the tier lets go of it. -1 when there is none.
   */
  slotOf(key: string): number
  /**
   * Counts a use of the entry in a slot, as {@link get} does, for a reader that has the entry already. It must be
   * there.
   */
  touch(slot: number): void
  /** Bytes that the entry under the key counts for; `undefined` when there is none. */
  bytesOf(key: string): number | undefined
  /** Stores or replaces. `false` when the value is too large for the tier, which then holds nothing under `key`. */
  set(key: string, entry: MemoryEntry, now?: number, hash?: number): boolean
  /** `true` when something was removed. */
  delete(key: string): boolean
  clear(): void
  /** Live entries, in no particular order. Safe against removal during iteration. */
  entries(): IterableIterator<[key: string, entry: MemoryEntry]>
  /**
   * Sets other bounds. Higher ones apply at once; lower ones are approached by 1,000 entries a turn of the event loop,
   * expired ones first, while nothing grows.
   */
  resize(bounds: Partial<MemoryBounds>): void
  figures(): MemoryFigures
  policy(): PolicyFigures
  /** At most one listener, told of every removal with its cause; `undefined` for none, which makes removals cheaper. */
  onRemove(listener: ((key: string, entry: MemoryEntry, cause: RemovalCause) => void) | undefined): void
  /** Stops timers and lets go of everything. */
  close(): void
}

/** Soft (`expire`) invalidation keeps the value for grace; hard (`delete`) does not. */
export type InvalidationMode = 'delete' | 'expire'

/** One thing an invalidation covers. Keys are executed physically, the others are judged when entries are read. */
export type Operation =
  | { readonly type: 'key'; readonly key: string; readonly mode: InvalidationMode }
  /** A value was written under the key: other nodes drop theirs. */
  | { readonly type: 'set'; readonly key: string }
  | { readonly type: 'tag'; readonly tag: string; readonly mode: InvalidationMode }
  | PatternOperation
  | { readonly type: 'clear' }

/**
 * A pattern over keys. `glob`: `*` any run, `?` one character, `\` escapes. `regex`: the source of a RegExp, read as
 * RE2 syntax.
 */
export interface PatternOperation {
  readonly type: 'pattern'
  readonly syntax: 'glob' | 'regex'
  readonly source: string
  readonly flags: string
  readonly mode: InvalidationMode
}

/**
 * A place in the invalidation log. `seq` counts 1, 2, 3, ... without holes within an `epoch`; a new epoch begins when
 * the log was lost (flush, failover to an empty node, eviction). `id` names the message at `seq` at random, so that two
 * histories that reached the same number after a failover can be told apart. An empty log has `seq` 0 and `id` ''.
 */
export interface LogPosition {
  readonly epoch: string
  readonly seq: number
  readonly id: string
}

/** One message of the log. */
export interface LogMessage extends LogPosition {
  /** `seq - 1`, and the id of the message there; what the receiver must have applied last. */
  readonly prevSeq: number
  readonly prevId: string
  /** The node that issued it, and its own number for the commit, so that it recognises its own. */
  readonly origin: string
  readonly operations: readonly Operation[]
}

/** A pattern that is still to be judged on read, because the background sweep has not finished with it. */
export interface PatternRecord extends PatternOperation {
  readonly seq: number
}

/** What a node that starts, or lost its place, needs to judge entries. */
export interface LogSnapshot {
  readonly position: LogPosition
  /** Entries with tags and an `asOf` below are invalid: their tags may have been pruned. */
  readonly floor: number
  /** `seq` of the last `clear`, 0 when there was none. */
  readonly clearedAt: number
  readonly patterns: readonly PatternRecord[]
}

/** The last invalidations of a tag, by mode; 0 when there was none. */
export interface TagRecord {
  readonly deletedAt: number
  readonly expiredAt: number
}

export interface LogListener {
  message(message: LogMessage): void
  /** The subscription is live (again); messages may have been missed before. */
  up(): void
  /** The subscription was lost; messages may be missed until `up`. */
  down(): void
}

/** The invalidation log of one namespace: ordered by `seq`, published as it grows, readable again for a while. */
export interface Log {
  position(): Promise<LogPosition>
  snapshot(): Promise<LogSnapshot>
  /** At most `limit` messages after `seq`, oldest first; `'trimmed'` when the first of them is no longer kept. */
  read(after: number, limit: number): Promise<readonly LogMessage[] | 'trimmed'>
  /** In input order, with the epoch and floor that they belong to. */
  tags(names: readonly string[]): Promise<{ position: LogPosition; floor: number; tags: readonly TagRecord[] }>
  /**
   * Begins a new epoch, empty and at seq 0, if `epoch` is still the current one: for a node that saw history diverge.
   * Values of the old epoch are invalid from then on.
   */
  renew(epoch: string): Promise<LogPosition>
  /** Removes patterns whose sweep is done (by `seq`). */
  retirePatterns(seqs: readonly number[]): Promise<void>
  /** Resolves when the first subscription is live. Call the returned function to unsubscribe. */
  subscribe(listener: LogListener): Promise<() => Promise<void>>
}

/** The answer to asking for a lease. */
export type LeaseAnswer =
  | { readonly granted: true }
  /** Another node is loading; its lease ends in `remainingMs` unless renewed. The asker is on the list to be woken. */
  | { readonly granted: false; readonly remainingMs: number; readonly changed?: false }
  /** Another value than the expected one is in place: read again instead of loading. */
  | { readonly granted: false; readonly remainingMs: 0; readonly changed: true }

/** A value to be stored: encoded envelope and physical expiry (`ttl + grace`) in milliseconds. */
export interface RemoteValue {
  readonly key: string
  readonly bytes: Uint8Array
  readonly expiresInMs: number
}

/**
 * One atomic step of truth: values written, keys deleted or expired with their leases, operations logged and published.
 */
export interface Commit {
  readonly origin: string
  /**
   * Values to write; each comes with a `set` operation for its key. With a `token` (write-through) the value is written
   * only if that lease is still ours, and otherwise the key's value is deleted: another write or an invalidation
   * overlapped. The lease ends either way.
   */
  readonly values: readonly (RemoteValue & { readonly token?: string })[]
  readonly operations: readonly Operation[]
}

/**
 * What became of a commit. On Cluster the keys' slots come first, then the log's: `logged: false` says that the first
 * step was done and the second failed, so that the operations must be sent again.
 */
export type CommitResult =
  | { readonly logged: true; readonly prevSeq: number; readonly prevId: string; readonly position: LogPosition }
  | { readonly logged: false; readonly error: unknown }

/**
 * The property names of objects, as the codec shares them between values: `id` is a digest of `bytes`, in hexadecimal.
 */
export interface StoredStructure {
  readonly id: string
  readonly bytes: Uint8Array
  readonly expiresInMs: number
}

/**
 * Where structures are kept, beside the values of the namespace. They never change: what has the same id is the same.
 */
export interface StructureStore {
  /** Contents in input order, `undefined` for the absent; one round trip. */
  readStructures(ids: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Stores them again or anew; one that is there already lives for the longer of both times. */
  writeStructures(structures: readonly StoredStructure[]): Promise<void>
}

export type RemoteState = 'connecting' | 'up' | 'down' | 'closed'

/**
 * The second tier, shared between processes: Redis or its in-process stand-in, scoped to one namespace. Every method
 * rejects with a `CacheError` of code `remote-unavailable` or `remote-failed` when the backend does not do its part;
 * a key that is absent is a value (`undefined`), never an error.
 */
export interface RemoteTier {
  readonly kind: string
  readonly log: Log
  /**
   * Where the codec shares what many values have in common. Without it each value contains all that reading it takes.
   */
  readonly structures?: StructureStore
  /** Without it, what processes tell each other of their figures stays in each of them. */
  readonly board?: Board
  /** How long a commit may hold up other calls by design (waiting for replicas), in milliseconds. Default 0. */
  readonly holdsUpMs?: number
  state(): RemoteState
  onState(listener: (state: RemoteState, error?: unknown) => void): () => void
  /** Resolves when usable; rejects with a clear error when credentials, permissions or the address are wrong. */
  connect(): Promise<void>
  /** Encoded values in input order; one round trip. */
  get(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Values together with the head of the log, read no earlier than this call. */
  getWithPosition(
    keys: readonly string[],
  ): Promise<{ readonly values: readonly (Uint8Array | undefined)[]; readonly position: LogPosition }>
  /** Remaining physical life in milliseconds, `undefined` when absent. */
  remainingMs(key: string): Promise<number | undefined>
  /**
   * Takes the lease beside the value unless somebody holds it; the loser is noted as waiting. With `expected`, what the
   * asker has read (`'absent'`: nothing), only while that is still in place: between its read and this call another
   * node may have filled the key and ended its lease. Values are told apart by their first 64 bytes at least.
   */
  acquire(key: string, token: string, leaseMs: number, expected?: Uint8Array | 'absent'): Promise<LeaseAnswer>
  /** `false` when the lease is no longer ours. */
  renew(key: string, token: string, leaseMs: number): Promise<boolean>
  /** Gives the lease back unused and wakes waiting nodes. Nothing happens when it is no longer ours. */
  release(key: string, token: string): Promise<void>
  /** Takes the lease whoever holds it, so that no load that began before can fill the key; for write-through. */
  seize(key: string, token: string, leaseMs: number): Promise<void>
  /**
   * Stores each value whose lease is still ours, ends that lease and wakes waiting nodes. One round trip; `true` =
   * stored.
   */
  fill(values: readonly (RemoteValue & { readonly token: string })[]): Promise<readonly boolean[]>
  commit(commit: Commit): Promise<CommitResult>
  /** Called with a key when its lease ended (filled, released, invalidated) while this node was on its waiting list. */
  onLeaseEnd(listener: (key: string) => void): () => void
  /** Every key of the namespace in batches, by cursor (SCAN), never blocking the backend. */
  scan(batch: number): AsyncIterable<readonly string[]>
  close(): Promise<void>
}

/**
 * A notice board of the namespace: small parts that its nodes put up under a topic for each other to read until they
 * expire, and chores that one of them holds. Nothing cached and nothing logged; it may be lost at any time. Topics,
 * parts and chores are named by 1 to 128 of `A-Z a-z 0-9 . _ -`.
 */
export interface Board {
  /** Puts up a part, or replaces it. */
  put(topic: string, part: string, bytes: Uint8Array, expiresInMs: number): Promise<void>
  /** For each topic, in input order, the parts that have not expired, by name. */
  read(topics: readonly string[]): Promise<readonly ReadonlyMap<string, Uint8Array>[]>
  remove(topic: string, part: string): Promise<void>
  /** Takes a chore unless somebody else holds it, or prolongs it for its holder; whether it is the holder's now. */
  claim(chore: string, holder: string, leaseMs: number): Promise<boolean>
}

/** Opens a remote tier for a namespace; what `redis({...})` and `inProcessRemote()` return and `createCache` calls. */
export interface RemoteFactory {
  readonly kind: string
  open(context: {
    readonly namespace: string
    readonly node: string
    readonly clock: Clock
    readonly logger: Logger
  }): RemoteTier
}

/** Entries to bytes and back. */
export interface Codec {
  /** `key` is the one under which the entry is stored, for codecs that bind what they write to it. */
  encode(entry: Entry, key?: string): Uint8Array
  /**
   * The entry, or a promise of it when something has to be fetched first that many values share. Throws, or rejects
   * with, a `CacheError` of code `damaged-value` for anything that it did not write or can no longer read.
   */
  decode(bytes: Uint8Array, key?: string): Entry | Promise<Entry>
  /**
   * All but the value, for callers that judge without serving. Throws as `decode` does. Default: `decode`, without the
   * value.
   */
  decodeHead?(bytes: Uint8Array, key?: string): EntryHead
}

/** Structured logging in pino's shape. */
export interface Logger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** A distribution of durations; one call costs well under a microsecond. */
export interface DurationRecorder {
  record(durationMs: number): void
}

/**
 * The counters of one definition, or of calls without one. The core increments the numbers itself (a method call would
 * cost more than the hit it counts); histograms see every remote call and load, and a sample of memory hits.
 */
export interface Counters {
  /** Reads answered, by where the value came from. */
  memoryHits: number
  remoteHits: number
  /** Reads answered with a value past its ttl, within grace (a part of the hits above). */
  staleHits: number
  /** Reads that no tier could answer. */
  misses: number
  /** A part of {@link misses}: reads that ended in an error. */
  failedReads: number
  /** Reads that found nothing usable in memory, or did not look there, and asked the remote tier. */
  memoryMisses: number
  /** A part of {@link memoryMisses}: reads with `freshness: 'remote'`, which do not look into memory. */
  memoryBypasses: number
  /** Leases asked of the remote tier, and those that another node held. */
  leases: number
  leaseWaits: number
  loads: number
  loadErrors: number
  /** Loads whose result was stored nowhere because an invalidation overtook them. */
  fencedLoads: number
  /** A part of {@link loadErrors}: loads that were still under way at their hard timeout. */
  loadTimeouts: number
  /** Failed attempts that were tried again. */
  loadRetries: number
  /** A part of {@link loads}: the origin confirmed the value that there was. */
  notModified: number
  /** Refreshes that a read set off behind its answer: ahead of expiry, early by chance, or while stale. */
  refreshes: number
  /** Loads that a full bulkhead refused. */
  overloads: number
  sets: number
  invalidations: number
  remoteErrors: number
  damagedValues: number
  /** A sample of the memory hits: one in 128. */
  readonly memoryTime: DurationRecorder
  /** Reads that memory could not answer, to their end. */
  readonly readTime: DurationRecorder
  readonly remoteTime: DurationRecorder
  readonly loadTime: DurationRecorder
  /** Not a time taken: the age of each value that was served past its ttl. */
  readonly staleAge: DurationRecorder
}

/** Hands out counters: one set for each definition name, '' for calls without a definition. */
export interface CounterSource {
  of(definition: string): Counters
}
