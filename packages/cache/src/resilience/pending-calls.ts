import { CacheError, CacheTimeoutError } from '../errors.js'
import type { Clock, Timer } from '../ports.js'
import type { Recover } from './retry.js'

/** How long one call may take, in milliseconds. */
export interface Patience {
  /** Without any answer in time since the call was sent, the backend counts as silent. */
  readonly suspectMs: number
  /** The call fails. */
  readonly deadlineMs: number
}

export interface PendingCallsOptions {
  readonly clock: Clock
  /** Of the backend, for messages. */
  readonly kind: string
  /** Calls that the backend's client may hold at a time, those included that have missed their deadline. */
  readonly limit: number
  /** Nothing was answered in time for as long as a call may take; all that is under way has just failed. */
  readonly onSilence: (forMs: number) => void
  /**
   * A call ended: with `error` undefined when it was answered in time. `durationMs` is without what it may have waited
   * for others that were under way. Not told of calls that fail because all do.
   */
  readonly onEnd: (operation: string, durationMs: number, error: unknown) => void
}

interface Call {
  readonly operation: string
  readonly sentAt: number
  /** Calls that were under way when it was sent. */
  readonly before: number
  readonly suspectAt: number
  readonly deadlineAt: number
  readonly reject: (error: CacheError) => void
  /** Its place among the calls under way; -1 once it has ended, or failed because it was late. */
  place: number
}

/**
 * Between noticing that a call is late and the verdict. A process that was busy, or was not scheduled, finds its timers
 * due before it has read its sockets; meanwhile it reads them, so that its own delay is not taken for the backend's
 * silence.
 */
const SECOND_LOOK_MS = 5
/** How often a look that comes late itself is repeated: a process that was not scheduled has still not read. */
const MOST_LOOKS = 3
/** A thousand calls at once are a long queue on both ends, not a sick server. */
const MS_PER_CALL = 0.5

/**
 * The calls to a backend that are under way, each with a deadline, on one timer. When one of them is late and nothing
 * has been answered in time since it was sent, the backend is silent: all fail together instead of each waiting for
 * itself.
 */
export class PendingCalls {
  readonly #options: PendingCallsOptions
  /**
   * In no order: a call that ends is replaced by the last. A Set would keep, in its former tables, what calls have
   * answered.
   */
  readonly #calls: Call[] = []
  /** Calls that the client holds; some of them may have failed here already. */
  #held = 0
  #answeredAt = Number.NEGATIVE_INFINITY
  #timer: Timer
  /** Monotonic time at which the timer looks; -Infinity once it has looked and is about to judge. */
  #looksAt = Number.POSITIVE_INFINITY

  constructor(options: PendingCallsOptions) {
    this.#options = options
  }

  /** The client holds as many calls as it may. */
  get full(): boolean {
    return this.#held >= this.#options.limit
  }

  /**
   * Makes a call and answers as it does, or fails when its time is over; what `recover` makes of a failure counts
   * instead.
   */
  make<T>(operation: string, patience: Patience, act: () => Promise<T>, recover?: Recover<T>): Promise<T> {
    const { clock } = this.#options
    return new Promise<T>((resolve, fail) => {
      const reject = recover === undefined ? fail : (error: unknown) => resolve(recover(error))
      const sentAt = clock.monotonic()
      const { suspectMs, deadlineMs } = patience
      const before = this.#calls.length
      // Not of silence: a queue that moves is heard.
      const suspectAt = sentAt + suspectMs
      const deadlineAt = sentAt + deadlineMs + before * MS_PER_CALL
      const call: Call = { operation, sentAt, before, suspectAt, deadlineAt, reject, place: before }
      this.#calls.push(call)
      this.#held++
      this.#watch(Math.min(suspectAt, deadlineAt))
      const answered = (answer: T) => {
        if (this.#ended(call, undefined)) resolve(answer)
      }
      const failed = (error: unknown) => {
        if (this.#ended(call, error)) reject(error)
      }
      try {
        act().then(answered, failed)
      } catch (error) {
        // A method that throws at once has failed like any other.
        failed(error)
      }
    })
  }

  /** Fails nothing: closing the backend ends the calls. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#looksAt = Number.NEGATIVE_INFINITY
  }

  /** Fails all that is under way, as after a lost connection. */
  failAll(reason: string): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#looksAt = Number.POSITIVE_INFINITY
    for (const { operation, reject } of this.#removeAll())
      reject(new CacheError('remote-unavailable', `${this.#options.kind}: ${operation}: ${reason}`))
  }

  /** `false` when it is too late: the call has failed here already. */
  #ended(call: Call, error: unknown): boolean {
    this.#held--
    if (call.place < 0) return false
    this.#remove(call)
    const now = this.#options.clock.monotonic()
    if (error === undefined || isRefusal(error)) this.#answeredAt = now
    // Those after it count as well: what the first of many waits for is that this process has sent them all.
    const queueMs = Math.max(call.before, this.#calls.length) * MS_PER_CALL
    this.#options.onEnd(call.operation, Math.max(0, now - call.sentAt - queueMs), error)
    return true
  }

  #remove(call: Call): void {
    const last = this.#calls.pop() as Call
    if (last !== call) {
      this.#calls[call.place] = last
      last.place = call.place
    }
    call.place = -1
  }

  #removeAll(): readonly Call[] {
    const calls = this.#calls.splice(0)
    for (const call of calls) call.place = -1
    return calls
  }

  /**
   * Sees to it that the timer looks at `moment`, or before. It goes on running when the last call ends, since another
   * will come before it is due, and setting it would cost more than the call: it looks, finds nothing, and rests.
   */
  #watch(moment: number): void {
    const { clock } = this.#options
    const at = moment - SECOND_LOOK_MS
    if (at >= this.#looksAt || this.#looksAt === Number.NEGATIVE_INFINITY) return
    clock.clearTimeout(this.#timer)
    this.#looksAt = at
    this.#timer = clock.setTimeout(() => this.#look(), Math.max(0, at - clock.monotonic()))
  }

  #look(): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    if (this.#calls.some((call) => nextLookAt(call, now) - SECOND_LOOK_MS <= now)) {
      this.#looksAt = Number.NEGATIVE_INFINITY
      this.#lookAgain(1)
      return
    }
    this.#looksAt = Number.POSITIVE_INFINITY
    for (const call of this.#calls) this.#watch(nextLookAt(call, now))
  }

  #lookAgain(looks: number): void {
    const { clock } = this.#options
    const dueAt = clock.monotonic() + SECOND_LOOK_MS
    this.#timer = clock.setTimeout(() => {
      if (clock.monotonic() - dueAt > SECOND_LOOK_MS && looks < MOST_LOOKS) this.#lookAgain(looks + 1)
      else this.#judge()
    }, SECOND_LOOK_MS)
  }

  #judge(): void {
    this.#looksAt = Number.POSITIVE_INFINITY
    const now = this.#options.clock.monotonic()
    for (const call of this.#calls) {
      if (now < call.suspectAt || this.#answeredAt > call.sentAt) continue
      this.#silent(now - call.sentAt)
      return
    }
    for (const call of [...this.#calls]) {
      if (now < call.deadlineAt) continue
      this.#remove(call)
      const error = this.#late(call, now - call.sentAt)
      this.#options.onEnd(call.operation, now - call.sentAt, error)
      call.reject(error)
    }
    for (const call of this.#calls) this.#watch(nextLookAt(call, now))
  }

  #silent(forMs: number): void {
    const calls = this.#removeAll()
    this.#options.onSilence(forMs)
    for (const call of calls) call.reject(this.#late(call, forMs))
  }

  #late({ operation }: Call, afterMs: number): CacheTimeoutError {
    const message = `${this.#options.kind}: ${operation} was not answered within ${Math.round(afterMs)} ms`
    return new CacheTimeoutError('remote-timeout', message)
  }
}

/** When a call has to be looked at next. */
function nextLookAt({ suspectAt, deadlineAt }: Call, now: number): number {
  return now < suspectAt ? Math.min(suspectAt, deadlineAt) : deadlineAt
}

/** The backend answered, if only that it will not. */
export function isRefusal(error: unknown): error is CacheError {
  return error instanceof CacheError && error.code === 'remote-failed'
}
