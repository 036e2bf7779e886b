import type { EntryHead, MemoryEntry, Validity } from './entry.js'
import type { InvalidationMode, LogSnapshot, Operation, PatternOperation, PatternRecord, TagRecord } from './ports.js'

/** Compiles a pattern to a test of keys; throws a `CacheError` when the pattern is wrong. */
export type PatternCompiler = (operation: PatternOperation) => (key: string) => boolean

/** When a tag was last invalidated: by seq for entries of the remote tier, by local revision for those in memory. */
interface Mark {
  deletedAt: number
  expiredAt: number
  deletedRevision: number
  expiredRevision: number
}

interface PatternMark {
  readonly seq: number
  readonly revision: number
  readonly mode: InvalidationMode
  readonly matches: (key: string) => boolean
}

const MAX_TAGS = 100_000
const UNKNOWN = -1

/**
 * The table by which entries are judged against tags, patterns and `clear`. Two clocks run in it. Entries of the remote
 * tier are judged by `seq`: invalid when their `asOf` is older than the newest invalidation that covers them. Entries
 * in memory are judged by `revision`, which counts what this node has applied, so that invalidations that have no seq
 * yet (issued while the remote tier is away) count too, and so that one integer comparison clears a memory hit.
 */
export class ValidityTable {
  /** Grows with everything applied that may cover entries by tag, pattern or clear. */
  revision = 0
  epoch = ''
  readonly #compile: PatternCompiler
  readonly #maxTags: number
  readonly #tags = new Map<string, Mark>()
  #patterns: PatternMark[] = []
  #clearedAt = 0
  #clearedRevision = 0
  #floor = 0
  /** Tags whose revisions were forgotten had none newer than this. */
  #forgottenRevision = 0

  constructor(compile: PatternCompiler, maxTags = MAX_TAGS) {
    this.#compile = compile
    this.#maxTags = maxTags
  }

  /** Starts anew from what the log knows; entries judged before are the business of the suspicion generation. */
  reset(snapshot: LogSnapshot): void {
    // What tags were invalidated is forgotten here: whatever was judged, or taken off, before now must not count as
    // valid.
    this.#forgottenRevision = this.revision
    this.revision++
    this.epoch = snapshot.position.epoch
    this.#tags.clear()
    this.#floor = snapshot.floor
    this.#clearedAt = snapshot.clearedAt
    this.#patterns = snapshot.patterns.map((pattern) => this.#mark(pattern, pattern.seq))
  }

  /** Counts an operation at `seq`, or without one when it could not be logged yet. Keys do not belong here. */
  apply(operation: Exclude<Operation, { type: 'key' | 'set' }>, seq: number | undefined): void {
    const revision = ++this.revision
    if (operation.type === 'clear') {
      this.#clearedRevision = revision
      this.#clearedAt = Math.max(this.#clearedAt, seq ?? 0)
      return
    }
    if (operation.type === 'pattern') {
      this.#patterns.push(this.#mark(operation, seq ?? 0))
      return
    }
    const mark = this.#tags.get(operation.tag) ?? this.#remember(operation.tag, unheardOf())
    if (operation.mode === 'delete') {
      mark.deletedAt = Math.max(mark.deletedAt, seq ?? UNKNOWN)
      mark.deletedRevision = revision
    } else {
      mark.expiredAt = Math.max(mark.expiredAt, seq ?? 0)
      mark.expiredRevision = revision
    }
  }

  /** Judges a memory entry by what was applied since it was last judged. Remembering the verdict is the caller's. */
  judgeMemory(key: string, entry: MemoryEntry): Validity | 'unknown' {
    return this.judgeSince(entry.judgedAt, key, entry.tags)
  }

  /** Whether something applied after `revision` covers the key or one of the tags. */
  judgeSince(revision: number, key: string, tags: readonly string[]): Validity | 'unknown' {
    if (this.#clearedRevision > revision) return 'deleted'
    if (tags.length > 0 && this.#forgottenRevision > revision) return 'unknown'
    let verdict: Validity = 'valid'
    for (const tag of tags) {
      const mark = this.#tags.get(tag)
      if (mark === undefined) continue
      if (mark.deletedRevision > revision) return 'deleted'
      if (mark.expiredRevision > revision) verdict = 'expired'
    }
    for (const pattern of this.#patterns) {
      if (pattern.revision <= revision || !pattern.matches(key)) continue
      if (pattern.mode === 'delete') return 'deleted'
      verdict = 'expired'
    }
    return verdict
  }

  /** Whether an entry with these tags can be judged without a look-up. */
  knows(tags: readonly string[]): boolean {
    for (let at = 0; at < tags.length; at++) {
      if ((this.#tags.get(tags[at]!)?.deletedAt ?? UNKNOWN) === UNKNOWN) return false
    }
    return true
  }

  /** The tags whose past must be looked up before an entry of the remote tier can be judged. */
  unknownTags(tags: readonly string[]): string[] {
    return tags.filter((tag) => (this.#tags.get(tag)?.deletedAt ?? UNKNOWN) === UNKNOWN)
  }

  /** Takes in what a look-up returned for tags of the current epoch. */
  learn(tags: readonly string[], records: readonly TagRecord[], floor: number): void {
    this.#floor = Math.max(this.#floor, floor)
    for (const [index, tag] of tags.entries()) {
      const record = records[index]
      if (record === undefined) continue
      const mark = this.#tags.get(tag) ?? this.#remember(tag, unheardOf())
      mark.deletedAt = Math.max(mark.deletedAt, record.deletedAt)
      mark.expiredAt = Math.max(mark.expiredAt, record.expiredAt)
    }
  }

  /** Judges an entry of the remote tier by seq. Every tag must be known (see {@link unknownTags}). */
  judgeRemote(key: string, entry: EntryHead): Validity {
    if (entry.epoch !== this.epoch || entry.asOf < this.#clearedAt) return 'deleted'
    if (entry.tags.length > 0 && entry.asOf < this.#floor) return 'deleted'
    let verdict: Validity = entry.expired ? 'expired' : 'valid'
    for (let at = 0; at < entry.tags.length; at++) {
      const mark = this.#tags.get(entry.tags[at]!)
      if (mark === undefined || mark.deletedAt > entry.asOf) return 'deleted'
      if (mark.expiredAt > entry.asOf) verdict = 'expired'
    }
    for (const pattern of this.#patterns) {
      if (pattern.seq <= entry.asOf || !pattern.matches(key)) continue
      if (pattern.mode === 'delete') return 'deleted'
      verdict = 'expired'
    }
    return verdict
  }

  /** Judges an entry of the remote tier by clear and patterns alone: what a sweep removes. */
  judgeSwept(key: string, entry: EntryHead): Validity {
    return this.judgeRemote(key, { ...entry, tags: [], expired: false })
  }

  /** Forgets patterns that were counted without a seq: they have been logged since, and count again with one. */
  forgetUnlogged(): void {
    this.#patterns = this.#patterns.filter((pattern) => pattern.seq !== 0)
  }

  /** Forgets patterns by seq, once a sweep has removed from every tier what they cover. */
  retirePatterns(seqs: readonly number[]): void {
    this.#patterns = this.#patterns.filter((pattern) => !seqs.includes(pattern.seq))
  }

  #mark(pattern: PatternOperation | PatternRecord, seq: number): PatternMark {
    return { seq, revision: this.revision, mode: pattern.mode, matches: this.#compile(pattern) }
  }

  #remember(tag: string, mark: Mark): Mark {
    if (this.#tags.size >= this.#maxTags) {
      for (const [oldest, forgotten] of this.#tags) {
        this.#forgottenRevision = Math.max(
          this.#forgottenRevision,
          forgotten.deletedRevision,
          forgotten.expiredRevision,
        )
        this.#tags.delete(oldest)
        break
      }
    }
    this.#tags.set(tag, mark)
    return mark
  }
}

/** A tag without a past that this node knows of: it must be looked up before a remote entry is judged by it. */
function unheardOf(): Mark {
  return { deletedAt: UNKNOWN, expiredAt: 0, deletedRevision: 0, expiredRevision: 0 }
}
