import type { BreakerSettings } from '../breaker-options.js'
import { CacheError } from '../errors.js'
import type { BreakerReason } from '../events.js'
import type { Clock, RemoteTier } from '../ports.js'
import type { WriteRefusal } from '../stats.js'
import { Breaker, type BreakerState } from './breaker.js'
import { OwedReleases } from './owed-releases.js'
import { isRefusal, type Patience, PendingCalls } from './pending-calls.js'
import { Prober } from './prober.js'
import { type Recover, Retry } from './retry.js'

export interface GuardOptions {
  readonly clock: Clock
  /** What a read may take, in milliseconds; anything without an answer for as long means that the backend is silent. */
  readonly timeoutMs: number
  /** What a write may take while the backend answers other calls. */
  readonly commitTimeoutMs: number
  /** Calls that the backend's client may hold at a time. */
  readonly maxPending: number
  readonly breaker: BreakerSettings
  readonly onState: (state: BreakerState, reason: BreakerReason, afterMs?: number) => void
}

/** `'repeat'`: the call changes nothing, or changes again what it has changed, and may be made a second time. */
export type Safety = 'repeat' | 'once'

/** What a server that is out of memory refuses, while it goes on to answer reads. */
const WRITES: ReadonlySet<string> = new Set(['acquire', 'seize', 'fill', 'commit', 'writeStructures', 'board.put'])

/**
 * What stands between a node and its remote tier: deadlines, a breaker, a bound on the calls under way, retries. A call
 * is refused at once while the connection is down or the breaker is open. Whether the backend is back is found out
 * behind, by probes and never by somebody's request.
 */
export class Guard {
  readonly #remote: RemoteTier
  readonly #timeoutMs: number
  readonly #commitTimeoutMs: number
  readonly #maxPending: number
  readonly #breaker: Breaker
  readonly #calls: PendingCalls
  readonly #retry: Retry
  readonly #prober: Prober
  readonly #owed: OwedReleases
  /** By operation, until one is accepted again. */
  readonly #refused = new Map<string, WriteRefusal>()
  readonly #clock: Clock
  readonly #unsubscribe: () => void

  constructor(remote: RemoteTier, options: GuardOptions) {
    const { clock } = options
    this.#clock = clock
    this.#remote = remote
    this.#timeoutMs = options.timeoutMs + (remote.holdsUpMs ?? 0)
    this.#commitTimeoutMs = Math.max(this.#timeoutMs, options.commitTimeoutMs)
    this.#maxPending = options.maxPending
    this.#breaker = new Breaker({
      ...options.breaker,
      clock,
      onState: (state, reason, afterMs) => {
        if (state === 'open') this.#prober.schedule()
        if (state === 'closed') void this.#owed.settle()
        options.onState(state, reason, afterMs)
      },
    })
    this.#calls = new PendingCalls({
      clock,
      kind: remote.kind,
      limit: options.maxPending,
      onSilence: (forMs) => this.#breaker.trip(forMs),
      onEnd: (operation, durationMs, error) => this.#judge(operation, durationMs, error),
    })
    this.#retry = new Retry(clock)
    this.#owed = new OwedReleases((key, token) =>
      this.call('once', 'release', this.writing(), () => remote.release(key, token)),
    )
    const probe = () => this.#calls.make('probe', this.reading(), () => remote.log.position())
    this.#prober = new Prober({ clock, breaker: this.#breaker, probe })
    this.#unsubscribe = remote.onState((state) => {
      if (state === 'down') this.#calls.failAll('the connection was lost')
      else if (state === 'up') void (this.#breaker.admits ? this.#owed.settle() : this.#prober.now())
    })
  }

  get breakerState(): BreakerState {
    return this.#breaker.state
  }

  /** The youngest refusal of a write that nothing has disproved since. */
  get writeRefusal(): WriteRefusal | undefined {
    return [...this.#refused.values()].sort((a, b) => b.at - a.at)[0]
  }

  /** The patience that a read has; `moreMs` for answers that are long by nature. */
  reading(moreMs = 0): Patience {
    const ms = this.#timeoutMs + moreMs
    return { suspectMs: ms, deadlineMs: ms }
  }

  /** The patience of what nobody's read waits for. */
  writing(moreMs = 0): Patience {
    return { suspectMs: this.#timeoutMs + moreMs, deadlineMs: this.#commitTimeoutMs + moreMs }
  }

  call<T>(safety: Safety, operation: string, patience: Patience, act: () => Promise<T>): Promise<T> {
    const because = this.#refusal()
    if (because !== undefined) {
      const message = `${this.#remote.kind}: ${operation} was refused: ${because}`
      return Promise.reject(new CacheError('remote-unavailable', message))
    }
    const call = (recover?: Recover<T>) => this.#calls.make(operation, patience, act, recover)
    return safety === 'repeat' ? this.#retry.run(call, () => this.#refusal() === undefined) : call()
  }

  /**
   * As {@link call}, when this node may hold a lease afterwards that it does not know of, or could not give back,
   * unless the call succeeds. An answer that is too late shows that the lease can be given back now.
   */
  async callForLease<T>(
    { key, token }: { readonly key: string; readonly token: string },
    safety: Safety,
    operation: string,
    patience: Patience,
    act: () => Promise<T>,
  ): Promise<T> {
    const answered = () => {
      if (this.#owed.has(token)) void this.#owed.settle()
    }
    try {
      return await this.call(safety, operation, patience, () => {
        const answer = act()
        answer.then(answered, () => undefined)
        return answer
      })
    } catch (error) {
      if (!isRefusal(error)) this.#owed.add(key, token)
      throw error
    }
  }

  stop(): void {
    this.#prober.stop()
    this.#calls.stop()
    this.#unsubscribe()
  }

  /** Why calls cannot be made now. */
  #refusal(): string | undefined {
    if (!this.#breaker.admits) return `the breaker is ${this.#breaker.state}`
    if (this.#remote.state() === 'down') return 'the connection is down'
    if (this.#calls.full) return `${this.#maxPending} calls are under way, as many as remoteOptions.maxPending allows`
    return undefined
  }

  #judge(operation: string, durationMs: number, error: unknown): void {
    // Without a connection calls are refused at once anyway, and a rate of refusals would delay the return.
    if (error !== undefined && this.#remote.state() !== 'up') return
    const isRefusedWrite = isRefusal(error) && WRITES.has(operation)
    if (isRefusedWrite) this.#refused.set(operation, { operation, reason: sentenceOf(error), at: this.#clock.now() })
    else if (error === undefined) this.#refused.delete(operation)
    this.#breaker.ended(durationMs, error !== undefined && !isRefusedWrite)
  }
}

/** What the backend said, without where it happened. */
function sentenceOf({ cause, message }: CacheError): string {
  const said = cause instanceof Error ? cause.message : message
  return said.split('. ', 1)[0] ?? said
}
