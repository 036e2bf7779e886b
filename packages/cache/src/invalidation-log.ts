import { asDeletion } from './as-deletion.js'
import { CacheError } from './errors.js'
import type { CacheEvents } from './events.js'
import type { Clock, Logger, LogMessage, LogPosition, Operation, RemoteTier, TagRecord, Timer } from './ports.js'
import type { LogStats } from './stats.js'

/** How long messages that overtook others may wait for those before the log itself is read. */
const REORDER_TOLERANCE_MS = 5
const READ_LIMIT = 1_000
const MOST_UNACKNOWLEDGED = 1_000
/** Messages that may wait for those before them: while those cannot be read, everybody else goes on to publish. */
const MOST_AHEAD = 10_000
const NOWHERE: LogPosition = { epoch: '', seq: 0, id: '' }

/** What the log tells its cache. */
export interface LogReader {
  /**
   * Drop or judge what these operations cover, and fence flights. `seq` is undefined for what could not be logged yet.
   */
  apply(operations: readonly Operation[], message: Pick<LogMessage, 'epoch' | 'seq' | 'origin'> | undefined): void
  /** Everything in memory must be confirmed: begin again from the log's own account of itself. */
  restart(snapshot: Awaited<ReturnType<RemoteTier['log']['snapshot']>>): void
  /** After each heartbeat: time to send what could not be sent. Never rejects. */
  beat(): Promise<unknown>
  /** A call to the remote tier on behalf of the log went wrong. */
  failed(operation: string, error: unknown): void
}

export interface InvalidationLogParts {
  readonly remote: RemoteTier
  readonly reader: LogReader
  readonly clock: Clock
  readonly events: CacheEvents
  readonly logger: Logger
  readonly node: string
  /** How long after the first start reads and writes wait for the connection that is being made. */
  readonly timeoutMs: number
  /** Parts that the proofs switch off, to see the checker fail; never an option of the product. */
  readonly without: { readonly replay: boolean; readonly heartbeat: boolean }
}

/**
 * This node's place in the invalidation log of the namespace, and how it keeps it: messages are applied as they arrive,
 * `applied` moves only without holes, a hole is read again from the log, a heartbeat notices a lost last message, and
 * what cannot be repaired makes all of memory suspect. What this node itself has to say goes through the `Outbox`.
 */
export class InvalidationLog {
  /** Everything up to here has been applied. */
  applied: LogPosition = NOWHERE
  /** Wall time at which this node last knew that nothing was missing; measured from when the question was sent. */
  confirmedAt = Number.NEGATIVE_INFINITY
  /** Grows when the log is lost: memory entries of an older generation are suspect. */
  generation = 0
  readonly #parts: InvalidationLogParts
  /** Messages that were applied before their predecessors, by seq. */
  readonly #ahead = new Map<number, LogMessage>()
  /** Messages of this node's own that were applied as such, until their commits are acknowledged. */
  readonly #ownApplied = new Set<string>()
  readonly #reached: { seq: number; resolve: () => void }[] = []
  #heartbeatMs = Number.POSITIVE_INFINITY
  #heartbeatTimer: Timer
  #reorderTimer: Timer
  #starting: Promise<void> | undefined
  #firstStartedAt: number | undefined
  #synchronizing: Promise<void> | undefined
  #repairing: Promise<void> | undefined
  #unsubscribe: (() => Promise<void>) | undefined
  #subscribed = false
  /** There are signs that the log was begun anew: until its account was taken, values cannot be judged. */
  #astray = false
  /** The log has a hole that cannot be filled: memory must be confirmed even if the epoch is still the same. */
  #lost = false
  #repairs = 0
  #losses = 0
  #closed = false

  constructor(parts: InvalidationLogParts) {
    this.#parts = parts
  }

  /** Values of the remote tier can be judged: the log has been heard, and there are no signs that it was begun anew. */
  get heard(): boolean {
    return this.applied !== NOWHERE && !this.#astray
  }

  stats(): Omit<LogStats, 'recovering'> {
    return {
      epoch: this.applied.epoch,
      applied: this.applied.seq,
      unconfirmedMs: this.#parts.clock.now() - this.confirmedAt,
      subscribed: this.#subscribed,
      repairs: this.#repairs,
      losses: this.#losses,
    }
  }

  /** Asks for a heartbeat often enough that a loss is noticed well within `maxStaleness`. */
  expect(maxStalenessMs: number): void {
    const wanted = Math.max(10, maxStalenessMs / 3)
    if (wanted >= this.#heartbeatMs) return
    this.#heartbeatMs = wanted
    if (this.applied !== NOWHERE) this.#scheduleHeartbeat()
  }

  /** Subscribes and takes the first position. Rejects when the remote tier is unavailable. */
  start(): Promise<void> {
    this.#firstStartedAt ??= this.#parts.clock.monotonic()
    this.#starting = this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #start(): Promise<void> {
    const { remote } = this.#parts
    await remote.connect()
    if (this.#unsubscribe === undefined) {
      this.#unsubscribe = await remote.log.subscribe({
        message: (message) => this.receive(message),
        up: () => {
          this.#subscribed = true
          void this.heartbeat()
        },
        down: () => {
          this.#subscribed = false
        },
      })
      this.#subscribed = true
    }
    await this.#synchronize()
    this.#scheduleHeartbeat()
  }

  /** Waits for the first contact, or takes the log's account if it may have been begun anew. Never rejects. */
  async becomeHeard(): Promise<boolean> {
    if (this.applied === NOWHERE && this.#starting !== undefined) await this.#firstContact(this.#starting)
    if (this.heard) return true
    if (this.#closed || this.#parts.remote.state() === 'down') return false
    return (await this.#attempt(() => this.#synchronize())) && this.heard
  }

  /**
   * A message from the subscription, the log itself, or the acknowledgement of a commit of our own. Any order, any
   * number of times.
   */
  receive(message: LogMessage): void {
    if (this.#closed || this.applied === NOWHERE) return
    if (message.epoch !== this.applied.epoch) {
      this.#astray = true
      void this.#attempt(() => this.#synchronize())
      // Its effects are applied all the same, without its seq: dropping too much is safe, and its epoch may be the
      // newer one.
      const own = message.origin === this.#parts.node
      this.#parts.reader.apply(own ? message.operations : message.operations.map(asDeletion), undefined)
      return
    }
    if (message.seq === this.applied.seq && message.id !== this.applied.id && !this.#parts.without.replay) {
      void this.#attempt(() => this.#diverged())
      return
    }
    if (message.seq <= this.applied.seq || this.#ahead.has(message.seq)) return
    this.#parts.reader.apply(message.operations, message)
    if (message.origin === this.#parts.node) this.#expectAcknowledgement(message.id)
    this.#emitApplied(message)
    if (this.#parts.without.replay) {
      this.applied = { epoch: message.epoch, seq: message.seq, id: message.id }
      return
    }
    this.#ahead.set(message.seq, message)
    if (this.#ahead.size > MOST_AHEAD) {
      this.#ahead.clear()
      void this.#attempt(() => this.#lose('trimmed'))
      return
    }
    this.#advance()
    if (this.#ahead.size > 0 && this.#reorderTimer === undefined) {
      this.#reorderTimer = this.#parts.clock.setTimeout(() => {
        this.#reorderTimer = undefined
        if (this.#ahead.size > 0) void this.#attempt(() => this.#repair())
      }, REORDER_TOLERANCE_MS)
    }
  }

  /**
   * A commit of this node was logged: as {@link receive}, but it counts here even when its number was another's before.
   */
  acknowledge(message: LogMessage): void {
    this.receive(message)
    if (message.epoch !== this.applied.epoch || this.#ownApplied.delete(message.id)) return
    // A message that a failover has lost since was applied under this number, and the head will tell.
    this.#parts.reader.apply(message.operations, undefined)
    void this.heartbeat()
  }

  /**
   * Resolves when `applied` has come to a position of the log, or when that can no longer be expected (log lost, remote
   * away, closed).
   */
  async reach(position: LogPosition): Promise<void> {
    if (this.#closed) return
    if (position.epoch !== this.applied.epoch) {
      await this.#attempt(() => this.#synchronize())
      // The account that was joined may have been taken before the position was reached, and nothing else will show the
      // gap.
      if (position.epoch === this.applied.epoch && position.seq > this.applied.seq)
        await this.#attempt(() => this.#repair())
    } else if (position.seq > this.applied.seq) {
      await new Promise<void>((resolve) => this.#reached.push({ seq: position.seq, resolve }))
    }
  }

  /**
   * Catches up with a head that was read no earlier than `sentAt`, when `appliedThen` was applied; afterwards this node
   * knows that nothing was missing at `sentAt`. Rejects when it could not catch up.
   */
  async catchUp(head: LogPosition, sentAt: number, appliedThen: LogPosition): Promise<void> {
    if (head.epoch !== this.applied.epoch || this.#astray) await this.#synchronize()
    if (head.epoch === this.applied.epoch && head.seq > this.applied.seq) {
      if (this.#parts.without.replay) this.applied = head
      else await this.#repair()
      // The repair that was joined may have begun before this head was read.
      if (head.epoch === this.applied.epoch && head.seq > this.applied.seq) await this.#repair()
      if (head.epoch === this.applied.epoch && head.seq > this.applied.seq) {
        throw new CacheError(
          'remote-failed',
          `the invalidation log ends at ${this.applied.seq}, but its head is ${head.seq}`,
        )
      }
    }
    if (head.epoch === appliedThen.epoch && head.epoch === this.applied.epoch) {
      const rewritten = head.seq === this.applied.seq && head.id !== this.applied.id
      if (head.seq < appliedThen.seq || rewritten) await this.#diverged()
    }
    this.confirmedAt = Math.max(this.confirmedAt, sentAt)
  }

  /** What the log knows of tags that this node has not heard of. Rejects when the log was begun anew meanwhile. */
  async lookUp(tags: readonly string[]): Promise<{ floor: number; tags: readonly TagRecord[] }> {
    const answer = await this.#parts.remote.log.tags(tags)
    if (answer.position.epoch === this.applied.epoch) return answer
    await this.#synchronize()
    throw new CacheError('remote-failed', 'the invalidation log was begun anew during a look-up')
  }

  /** Asks for the head of the log and catches up with it. Never rejects: silence shows in `confirmedAt`. */
  async heartbeat(): Promise<void> {
    if (this.#closed || this.#parts.without.heartbeat) return
    const sentAt = this.#parts.clock.now()
    const before = this.applied
    await this.#attempt(async () => {
      if (before === NOWHERE || this.#astray) await this.#synchronize()
      else await this.catchUp(await this.#parts.remote.log.position(), sentAt, before)
    })
    await this.#parts.reader.beat()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#parts.clock.clearTimeout(this.#heartbeatTimer)
    this.#parts.clock.clearTimeout(this.#reorderTimer)
    for (const waiting of this.#reached.splice(0)) waiting.resolve()
    await this.#attempt(async () => this.#unsubscribe?.())
  }

  /** Moves `applied` over everything that has arrived without a hole. */
  #advance(): void {
    for (
      let next = this.#ahead.get(this.applied.seq + 1);
      next !== undefined;
      next = this.#ahead.get(this.applied.seq + 1)
    ) {
      this.#ahead.delete(next.seq)
      if (next.prevId !== this.applied.id) {
        void this.#attempt(() => this.#diverged())
        return
      }
      this.applied = { epoch: next.epoch, seq: next.seq, id: next.id }
    }
    for (let index = this.#reached.length - 1; index >= 0; index--) {
      if ((this.#reached[index]?.seq ?? 0) <= this.applied.seq) this.#reached.splice(index, 1)[0]?.resolve()
    }
  }

  /** Commits whose acknowledgement got lost are forgotten in the end. */
  #expectAcknowledgement(id: string): void {
    this.#ownApplied.add(id)
    for (const oldest of this.#ownApplied) {
      if (this.#ownApplied.size <= MOST_UNACKNOWLEDGED) break
      this.#ownApplied.delete(oldest)
    }
  }

  /** Reads the missing range from the log; one at a time. */
  #repair(): Promise<void> {
    this.#repairing ??= this.#readMissing().finally(() => {
      this.#repairing = undefined
      // Waiting callers would otherwise wait for ever when the remote tier is away; the operations themselves are
      // applied.
      for (const waiting of this.#reached.splice(0)) waiting.resolve()
    })
    return this.#repairing
  }

  async #readMissing(): Promise<void> {
    const { remote, events } = this.#parts
    const from = this.applied.seq + 1
    for (;;) {
      const { epoch, seq } = this.applied
      const messages = await remote.log.read(seq, READ_LIMIT)
      if (this.applied.epoch !== epoch) return
      if (messages === 'trimmed') return this.#lose('trimmed')
      for (const message of messages) {
        if (message.epoch !== this.applied.epoch) return this.#lose('epoch')
        this.receive(message)
      }
      if (messages.length < READ_LIMIT) break
    }
    if (this.applied.seq >= from) {
      this.#repairs++
      if (events.listens('log-repaired')) events.emit({ type: 'log-repaired', from, to: this.applied.seq })
    }
  }

  /**
   * Two histories under one epoch (a failover lost acknowledged writes): a new epoch ends the confusion for everybody.
   */
  async #diverged(): Promise<void> {
    await this.#parts.remote.log.renew(this.applied.epoch)
    await this.#lose('diverged')
  }

  async #lose(reason: 'trimmed' | 'epoch' | 'diverged'): Promise<void> {
    this.#astray = true
    this.#lost = true
    this.#losses++
    this.#parts.logger.warn({ reason, applied: this.applied }, 'invalidation log lost: memory must be confirmed')
    this.#parts.events.emit({ type: 'log-lost', reason })
    await this.#synchronize()
  }

  /** Takes the log's own account of itself; one at a time. */
  #synchronize(): Promise<void> {
    this.#synchronizing ??= this.#takeSnapshot().finally(() => {
      this.#synchronizing = undefined
    })
    return this.#synchronizing
  }

  /** Within an epoch it says nothing new, unless the log was lost; otherwise everything begins again from it. */
  async #takeSnapshot(): Promise<void> {
    const { remote, reader, clock, events, logger, without } = this.#parts
    const sentAt = clock.now()
    const snapshot = await remote.log.snapshot()
    const first = this.applied === NOWHERE
    const anew = snapshot.position.epoch !== this.applied.epoch
    this.#astray = false
    if (!anew && !this.#lost) return
    const from = this.applied.epoch
    const isNewLoss = !first && anew && !this.#lost
    if (isNewLoss) this.#losses++
    if (!first) this.generation++
    this.#lost = false
    this.applied = snapshot.position
    this.#ahead.clear()
    this.#ownApplied.clear()
    reader.restart(snapshot)
    this.confirmedAt = without.heartbeat ? Number.POSITIVE_INFINITY : Math.max(this.confirmedAt, sentAt)
    // Emitted last: a listener may read at once, and must not be given anything from before.
    if (isNewLoss) {
      logger.warn({ from, to: this.applied.epoch }, 'invalidation log begun anew: memory must be confirmed')
      events.emit({ type: 'log-lost', reason: 'epoch' })
    }
    for (const waiting of this.#reached.splice(0)) waiting.resolve()
  }

  /** Waits for the connection that is being made: all together for so long after the first start, and then nobody. */
  async #firstContact(starting: Promise<void>): Promise<void> {
    const { clock, timeoutMs } = this.#parts
    const patience = (this.#firstStartedAt ?? 0) + timeoutMs - clock.monotonic()
    if (patience <= 0) return
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, patience)
      const done = () => {
        clock.clearTimeout(timer)
        resolve()
      }
      starting.then(done, done)
    })
  }

  #scheduleHeartbeat(): void {
    const { clock } = this.#parts
    clock.clearTimeout(this.#heartbeatTimer)
    if (this.#closed || this.#heartbeatMs === Number.POSITIVE_INFINITY) return
    this.#heartbeatTimer = clock.setTimeout(() => {
      void this.heartbeat().finally(() => this.#scheduleHeartbeat())
    }, this.#heartbeatMs)
  }

  #emitApplied(message: LogMessage): void {
    const { events } = this.#parts
    if (events.listens('applied')) {
      const { origin, epoch, seq, operations } = message
      events.emit({ type: 'applied', origin, epoch, seq, operations })
    }
  }

  async #attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      this.#parts.reader.failed('log', error)
      return false
    }
  }
}
