import type {
  Clock,
  Commit,
  CommitResult,
  LogMessage,
  LogPosition,
  LogSnapshot,
  Operation,
  PatternRecord,
  TagRecord,
} from '../ports.js'

/** What `redis/scripts` keeps in the head hash, under the same names. */
interface Head {
  readonly epoch: string
  seq: number
  id: string
  floor: number
  clearedAt: number
  /** Marks that the tag table must hold; a table of another size was lost. */
  tagMarks: number
  patterns: PatternRecord[]
}

export interface InProcessLogOptions {
  readonly clock: Clock
  /** Messages that can be read again: at least the last `logLength`, at most a quarter more. */
  readonly logLength: number
  /** Marks kept in the tag table (one for each tag and mode). */
  readonly maxTags: number
}

/** The parts that Redis could lose one by one, by eviction or by somebody's `DEL`. */
export type LogPart = 'head' | 'stream' | 'tags'

/**
 * The invalidation log of one namespace in one process, with the same three parts as in Redis (head, stream, tag table)
 * and the same answers to losing any of them, so that one contract suite describes both.
 */
export class InProcessLog {
  readonly #options: InProcessLogOptions
  #head: Head | undefined
  #stream: LogMessage[] = []
  /** Seq by mark (`d:tag`, `e:tag`), oldest first: an updated mark is inserted anew. */
  #tags = new Map<string, number>()

  constructor(options: InProcessLogOptions) {
    this.#options = options
  }

  position(): LogPosition {
    const { epoch, seq, id } = this.#current()
    return { epoch, seq, id }
  }

  snapshot(): LogSnapshot {
    const head = this.#current()
    this.#noticeLostTags(head)
    const { floor, clearedAt, patterns } = head
    return { position: this.position(), floor, clearedAt, patterns: [...patterns] }
  }

  append(commit: Commit): { readonly message: LogMessage; readonly result: CommitResult & { logged: true } } {
    const head = this.#current()
    this.#noticeLostTags(head)
    const message: LogMessage = {
      epoch: head.epoch,
      seq: head.seq + 1,
      id: randomName(this.#options.clock),
      prevSeq: head.seq,
      prevId: head.id,
      origin: commit.origin,
      operations: commit.operations.map((operation) => ({ ...operation })),
    }
    head.seq = message.seq
    head.id = message.id
    for (const operation of message.operations) this.#count(head, operation)
    this.#pruneTags(head)
    this.#stream.push(message)
    if (this.#stream.length > this.#options.logLength * 1.25) this.trim(this.#options.logLength)
    const { prevSeq, prevId } = message
    return { message, result: { logged: true, prevSeq, prevId, position: this.position() } }
  }

  read(after: number, limit: number): readonly LogMessage[] | 'trimmed' {
    const head = this.#current()
    if (after === head.seq) return []
    const oldest = this.#stream[0]
    if (after > head.seq || oldest === undefined || oldest.seq > after + 1) return 'trimmed'
    const from = after + 1 - oldest.seq
    return this.#stream.slice(from, from + limit)
  }

  tags(names: readonly string[]): { position: LogPosition; floor: number; tags: readonly TagRecord[] } {
    const head = this.#current()
    this.#noticeLostTags(head)
    const tags = names.map((name) => ({
      deletedAt: this.#tags.get(`d:${name}`) ?? 0,
      expiredAt: this.#tags.get(`e:${name}`) ?? 0,
    }))
    return { position: this.position(), floor: head.floor, tags }
  }

  renew(epoch: string): LogPosition {
    if (this.#head?.epoch === epoch) this.#head = undefined
    return this.position()
  }

  retirePatterns(seqs: readonly number[]): void {
    const head = this.#current()
    head.patterns = head.patterns.filter((pattern) => !seqs.includes(pattern.seq))
  }

  /** Keeps the last `keep` messages. */
  trim(keep: number): void {
    this.#stream = keep === 0 ? [] : this.#stream.slice(-keep)
  }

  lose(part: LogPart): void {
    if (part === 'head') this.#head = undefined
    if (part === 'stream') this.#stream = []
    if (part === 'tags') this.#tags.clear()
  }

  /** The head; a lost one begins a new epoch, which nothing of the old one may outlive. */
  #current(): Head {
    if (this.#head === undefined) {
      this.#stream = []
      this.#tags.clear()
      const epoch = randomName(this.#options.clock)
      this.#head = { epoch, seq: 0, id: '', floor: 0, clearedAt: 0, tagMarks: 0, patterns: [] }
    }
    return this.#head
  }

  /** Which tags were invalidated is unknown once the table is lost, so every entry with tags from before is invalid. */
  #noticeLostTags(head: Head): void {
    if (this.#tags.size === head.tagMarks) return
    this.#tags.clear()
    head.tagMarks = 0
    head.floor = head.seq
  }

  #count(head: Head, operation: Operation): void {
    if (operation.type === 'clear') head.clearedAt = head.seq
    if (operation.type === 'pattern') head.patterns.push({ ...operation, seq: head.seq })
    if (operation.type === 'tag') {
      const mark = `${operation.mode === 'delete' ? 'd' : 'e'}:${operation.tag}`
      this.#tags.delete(mark)
      this.#tags.set(mark, head.seq)
      head.tagMarks = this.#tags.size
    }
  }

  #pruneTags(head: Head): void {
    for (const [mark, seq] of this.#tags) {
      if (this.#tags.size <= this.#options.maxTags) break
      this.#tags.delete(mark)
      head.floor = seq
    }
    head.tagMarks = this.#tags.size
  }
}

function randomName(clock: Clock): string {
  return Math.floor(clock.random() * 2 ** 52).toString(36)
}
