import type { CacheEvents } from './events.js'
import type { InvalidationLog } from './invalidation-log.js'
import type { Commit, CommitResult, LogPosition, Operation, RemoteTier } from './ports.js'
import { RecoveryQueue } from './recovery-queue.js'

/** More are sent in several commits. */
export const OPERATIONS_PER_COMMIT = 500

type Logged = Extract<CommitResult, { logged: true }>

export interface OutboxParts {
  readonly remote: RemoteTier
  readonly log: InvalidationLog
  readonly events: CacheEvents
  readonly node: string
  readonly maxRecovery: number
  /** Applies what could not be logged yet. */
  readonly apply: (operations: readonly Operation[]) => void
  /** All that could not be logged has been logged since. */
  readonly recovered: () => void
  readonly failed: (operation: string, error: unknown) => void
}

/**
 * What this node has to say to the others: operations go to the log, and what cannot be sent counts here at once and
 * waits in the recovery queue. While anything waits, the remote tier is neither read nor filled, because it may still
 * hold what was invalidated here.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #recovery: RecoveryQueue
  #flushing: Promise<boolean> | undefined

  constructor(parts: OutboxParts) {
    this.#parts = parts
    this.#recovery = new RecoveryQueue(parts.maxRecovery)
  }

  /** Operations that wait for the remote tier. */
  get waiting(): number {
    return this.#recovery.size
  }

  /** The remote tier may be read and filled: the log is heard, and nothing issued here waits to be sent. */
  get ready(): boolean {
    return this.#recovery.size === 0 && this.#parts.log.heard
  }

  /** Makes the remote tier usable if it can be now. Never rejects. */
  async becomeReady(): Promise<boolean> {
    if (!this.#parts.log.heard && !(await this.#parts.log.becomeHeard())) return false
    if (this.#recovery.size > 0) await this.flush()
    return this.ready
  }

  /** Sends operations (and values) to the log. Resolves when they, and all before them, are applied here. */
  async issue(commit: Omit<Commit, 'origin'>): Promise<LogPosition | undefined> {
    if (!this.ready && !(await this.becomeReady())) return this.#postpone(commit.operations)
    let result: CommitResult
    try {
      result = await this.#parts.remote.commit({ ...commit, origin: this.#parts.node })
    } catch (error) {
      result = { logged: false, error }
    }
    if (!result.logged) {
      this.#parts.failed('commit', result.error)
      return this.#postpone(commit.operations)
    }
    this.#acknowledge(result, commit.operations)
    await this.#parts.log.reach(result.position)
    return result.position
  }

  /** Hands the log the message that a commit has made. */
  #acknowledge({ position, prevSeq, prevId }: Logged, operations: readonly Operation[]): void {
    this.#parts.log.acknowledge({ ...position, prevSeq, prevId, origin: this.#parts.node, operations })
  }

  /** What could not be sent counts here at once, and for the others when the remote tier is back. */
  #postpone(operations: readonly Operation[]): undefined {
    this.#parts.apply(operations)
    this.#recovery.add(operations)
    return undefined
  }

  /** Sends what waits, in order. `true` when nothing is left. Never rejects. */
  flush(): Promise<boolean> {
    this.#flushing ??= this.#sendRecovered().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  async #sendRecovered(): Promise<boolean> {
    const { remote, log, events, node, recovered, failed } = this.#parts
    const total = this.#recovery.size
    while (this.#recovery.size > 0) {
      if (!log.heard || remote.state() === 'down') return false
      const operations = this.#recovery.peek(OPERATIONS_PER_COMMIT)
      try {
        const result = await remote.commit({ origin: node, values: [], operations })
        if (!result.logged) {
          failed('recover', result.error)
          return false
        }
        this.#recovery.remove(operations)
        this.#acknowledge(result, operations)
      } catch (error) {
        failed('recover', error)
        return false
      }
    }
    if (total > 0) {
      recovered()
      events.emit({ type: 'recovered', operations: total })
    }
    return true
  }
}
