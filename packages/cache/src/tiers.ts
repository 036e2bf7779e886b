import type { Bulkhead } from './bulkhead.js'
import { RecentTime } from './clock.js'
import { DefinitionNames } from './definition-names.js'
import type { MemoryEntry, Validity } from './entry.js'
import { EntryMaking } from './entry-making.js'
import { CacheError } from './errors.js'
import { type BypassedTier, CacheEvents } from './events.js'
import type { Family } from './family.js'
import { Flights } from './flights.js'
import { InvalidationLog, type LogReader } from './invalidation-log.js'
import { checkName } from './keys.js'
import { LeaseWaiters } from './lease-waiters.js'
import type { ResolvedEntryOptions, ResolvedOptions } from './options.js'
import { Outbox } from './outbox.js'
import type {
  Clock,
  Codec,
  CounterSource,
  Logger,
  LogMessage,
  LogSnapshot,
  MemoryTier,
  Operation,
  PatternRecord,
  RemoteTier,
  RemovalCause,
} from './ports.js'
import type { ReadSampling } from './read-sampling.js'
import type { LogStats } from './stats.js'
import { type PatternCompiler, ValidityTable } from './tags.js'
import type { Tracing } from './tracing.js'

/** Parts of the protocol that the proofs switch off to see the checker fail. Never options of the product. */
export interface WithoutParts {
  readonly fence: boolean
  readonly lease: boolean
  readonly replay: boolean
  readonly heartbeat: boolean
}

/** Implementations of the ports, chosen once in `create-cache.ts`. */
export interface CacheParts {
  readonly options: ResolvedOptions
  readonly memory: MemoryTier
  readonly remote: RemoteTier
  readonly codec: Required<Codec>
  readonly clock: Clock
  readonly logger: Logger
  readonly counters: CounterSource
  readonly compilePattern: PatternCompiler
  readonly tracing?: Tracing | undefined
  readonly without: WithoutParts
}

/**
 * Whether a bypass is of this process or of the fleet; of the fleet: who began it and why, and when it ends by itself.
 */
export type BypassTold =
  | { readonly scope: 'node' }
  | { readonly scope: 'fleet'; readonly by?: string; readonly reason?: string; readonly until?: number }

/** Told of what is judged on read until a sweep has removed it. */
export interface SweepListener {
  note(operation: Operation, seq: number | undefined, own: boolean): void
  noteAll(patterns: readonly PatternRecord[]): void
}

/**
 * The tiers of one cache with the tables by which their entries are judged. It hears the invalidation log and applies
 * it: entries of memory are dropped, expired or left to be judged, and flights that are overtaken are fenced.
 */
export class Tiers implements LogReader {
  readonly options: ResolvedOptions
  readonly memory: MemoryTier
  readonly remote: RemoteTier
  readonly codec: Required<Codec>
  readonly clock: Clock
  /**
   * Of warm hits, which share their looks at it and at all else that they depend on: interrupted when any of it
   * changes.
   */
  readonly recent: RecentTime
  readonly logger: Logger
  readonly counters: CounterSource
  readonly events: CacheEvents
  readonly entries: EntryMaking
  readonly flights = new Flights()
  readonly waiters: LeaseWaiters
  readonly validity: ValidityTable
  readonly log: InvalidationLog
  readonly outbox: Outbox
  /** Sweeps behind patterns and clear; attached by the cache. */
  sweeper: SweepListener | undefined
  /** Listeners that are given a share of the reads; nobody pays for it while there are none. */
  sampling: ReadSampling | undefined
  readonly without: WithoutParts
  /** Spans around what is waited for; `undefined`: none. */
  readonly tracing: Tracing | undefined
  readonly compilePattern: PatternCompiler
  readonly definitions = new DefinitionNames()
  /** Of all definitions, for figures and for `close`. */
  readonly bulkheads: Bulkhead[] = []
  /** Set by `close`: nothing new begins. */
  closing = false
  /**
   * Tiers that an operator has taken out of the reads. Asked beyond the warm hit only: memory that is bypassed is
   * empty.
   */
  readonly bypassed = { memory: false, remote: false }
  /** The scopes of its bypasses: a tier is in use again when it is bypassed for neither. */
  readonly #bypassedFor = { memory: new Set<BypassTold['scope']>(), remote: new Set<BypassTold['scope']>() }

  constructor(parts: CacheParts) {
    this.options = parts.options
    this.memory = parts.memory
    this.remote = parts.remote
    this.codec = parts.codec
    this.clock = parts.clock
    this.recent = new RecentTime(parts.clock)
    this.entries = new EntryMaking(parts.clock, parts.options.memory.ttl)
    this.logger = parts.logger
    this.counters = parts.counters
    this.without = parts.without
    this.tracing = parts.tracing
    this.compilePattern = parts.compilePattern
    this.events = new CacheEvents(
      (error) => parts.logger.error({ err: error }, 'a cache event listener failed'),
      () => {
        this.recent.interrupt()
        this.memory.onRemove(this.events.listens('remove') ? this.#reportRemoval : undefined)
      },
    )
    this.waiters = new LeaseWaiters(parts.clock)
    this.validity = new ValidityTable(parts.compilePattern)
    this.log = new InvalidationLog({
      remote: parts.remote,
      reader: this,
      clock: parts.clock,
      events: this.events,
      logger: parts.logger,
      node: parts.options.node,
      timeoutMs: parts.options.remoteOptions.commitTimeout,
      without: parts.without,
    })
    this.outbox = new Outbox({
      remote: parts.remote,
      log: this.log,
      events: this.events,
      node: parts.options.node,
      maxRecovery: parts.options.remoteOptions.maxRecovery,
      apply: (operations) => this.apply(operations, undefined),
      recovered: () => this.validity.forgetUnlogged(),
      failed: (operation, error) => this.failed(operation, error),
    })
    this.remote.onState((state) => {
      // The subscription may have come back first, and heard nothing of what was missed.
      if (state === 'up') void this.log.heartbeat()
      // The end of a lease is no longer heard of: reads that wait for one go to the origin.
      if (state === 'down') this.waiters.wakeAll()
      if (this.events.listens('remote-state')) this.events.emit({ type: 'remote-state', state })
    })
    this.remote.onLeaseEnd((key) => this.waiters.wake(key))
  }

  readonly #reportRemoval = (key: string, _entry: MemoryEntry, cause: RemovalCause): void => {
    if (cause === 'capacity' || cause === 'expired') this.events.emit({ type: 'remove', key, cause })
  }

  /** Judges all of memory now, so that patterns that were swept elsewhere need not be remembered for its sake. */
  judgeMemory(): void {
    for (const [key, entry] of this.memory.entries()) {
      if (entry.judgedAt === this.validity.revision) continue
      const verdict = this.verdictOn(key, entry)
      if (verdict === 'deleted') this.memory.delete(key)
      else this.judged(entry, verdict)
    }
  }

  /** The verdict on a memory entry: one without grace that is softly invalidated is as good as deleted. */
  verdictOn(key: string, entry: MemoryEntry): Validity | 'unknown' {
    const verdict = this.validity.judgeMemory(key, entry)
    return verdict === 'expired' && entry.grace === 0 ? 'deleted' : verdict
  }

  /** Remembers a verdict on a memory entry. */
  judged(entry: MemoryEntry, verdict: 'valid' | 'expired' | 'unknown'): void {
    if (verdict === 'unknown') entry.generation = -1
    if (verdict === 'expired') {
      entry.freshUntil = 0
      entry.retryAt = 0
    }
    entry.judgedAt = this.validity.revision
  }

  /**
   * Keeps an entry in memory, unless memory is bypassed. A value that cannot be measured is not kept, and nobody fails
   * for it.
   */
  keep(key: string, entry: MemoryEntry, now = this.clock.now(), hash?: number): void {
    if (this.bypassed.memory) return
    try {
      this.memory.set(key, entry, now, hash)
    } catch (error) {
      this.memory.delete(key)
      this.logger.warn({ key, err: error }, 'a value was not kept in memory')
    }
  }

  /** Takes a tier out of the reads, or back. The log is heard and written all the while, so that nothing is missed. */
  bypass(tier: BypassedTier, on: boolean, told: BypassTold = { scope: 'node' }): void {
    const bypassedFor = this.#bypassedFor[tier]
    if (bypassedFor.has(told.scope) === on) return
    if (on) bypassedFor.add(told.scope)
    else bypassedFor.delete(told.scope)
    this.bypassed[tier] = bypassedFor.size > 0
    if (tier === 'memory') this.memory.clear()
    if (this.events.listens('bypass')) this.events.emit({ type: 'bypass', tier, on, ...told })
  }

  /**
   * From now on entries under the keys of this definition carry its name as a tag, whoever stores or reads them. What
   * memory holds without it was stored before, and is let go of.
   */
  addDefinition(name: string): void {
    this.definitions.add(name)
    if (this.memory.figures().entries === 0) return
    for (const [key, { tags }] of this.memory.entries())
      if (this.definitions.ownerOf(key) === name && !tags.includes(name)) this.memory.delete(key)
  }

  /**
   * The tag that an entry carries without being told: the name of the definition that its key belongs to; '' for none.
   */
  implicitTagOf(family: Family, key: string): string {
    return family.name === '' ? this.definitions.ownerOf(key) : family.name
  }

  /** Tags of an entry: the implicit one first, then the others, each once. */
  tagsOf(family: Family, key: string, tags: readonly string[]): readonly string[] {
    const implicit = this.implicitTagOf(family, key)
    if (tags.length === 0) return implicit === '' ? [] : [implicit]
    for (const tag of tags) checkName('tag', tag)
    return [...new Set(implicit === '' ? tags : [implicit, ...tags])]
  }

  /** A name for a lease that is about to be taken, which no other lease has. */
  newLeaseToken(): string {
    return `${this.options.node}.${this.clock.random().toString(36).slice(2)}`
  }

  assertOpen(): void {
    if (this.closing) throw new CacheError('closed', 'the cache is closed')
  }

  /** Applies operations of the log, or (without `message`) of our own that could not be logged yet. */
  apply(operations: readonly Operation[], message: Pick<LogMessage, 'epoch' | 'seq' | 'origin'> | undefined): void {
    for (const operation of operations) {
      if (operation.type === 'key' || operation.type === 'set') this.#applyToKey(operation, message)
      else {
        this.validity.apply(operation, message?.seq)
        this.recent.interrupt()
        this.sweeper?.note(operation, message?.seq, message?.origin === this.options.node)
        if (operation.type === 'clear') this.memory.clear()
        if (operation.type === 'clear' && !this.without.fence) this.flights.fenceWhere(() => true, 'delete')
        if (operation.type === 'pattern' && !this.without.fence)
          this.flights.fenceWhere(this.compilePattern(operation), operation.mode)
      }
    }
  }

  #applyToKey(
    operation: Extract<Operation, { type: 'key' | 'set' }>,
    message: Pick<LogMessage, 'epoch' | 'seq' | 'origin'> | undefined,
  ): void {
    // The writer keeps the value that it has just written; its own write flight tells whether it may.
    if (operation.type === 'set' && (message === undefined || message.origin === this.options.node)) return
    if (!this.without.fence) this.flights.fence(operation.key, operation.type === 'key' ? operation.mode : 'write')
    const entry = this.memory.peek(operation.key)
    if (entry === undefined) return
    // Loaded after this node had applied the message: a late copy of it says nothing about this entry.
    if (message !== undefined && entry.epoch === message.epoch && entry.asOf >= message.seq) return
    if (operation.type === 'key' && operation.mode === 'expire' && entry.grace > 0) {
      entry.shortcut?.end()
      entry.freshUntil = 0
      entry.retryAt = 0
    } else this.memory.delete(operation.key)
  }

  /**
   * What was applied so far is judged now, because the table forgets it; what is under way began before the new
   * account.
   */
  restart(snapshot: LogSnapshot): void {
    this.judgeMemory()
    if (!this.without.fence) this.flights.fenceWhere(() => true, 'delete')
    this.validity.reset(snapshot)
    this.recent.interrupt()
    this.sweeper?.noteAll(snapshot.patterns)
  }

  logStats(): LogStats {
    return { ...this.log.stats(), recovering: this.outbox.waiting }
  }

  async beat(): Promise<void> {
    if (this.outbox.waiting > 0) await this.outbox.flush()
  }

  failed(operation: string, error: unknown, key?: string): void {
    this.counters.of('').remoteErrors++
    if (this.events.listens('remote-error')) this.events.emit({ type: 'remote-error', operation, key, error })
  }

  /** Whether this node knew all of the log within the family's bound. */
  heardWithin(options: ResolvedEntryOptions, now: number): boolean {
    return options.onPartition === 'serve' || this.log.confirmedAt >= now - options.maxStaleness
  }
}
