import type { Clock } from '../ports.js'

/** `closed`: calls pass. `open`: calls are refused until `until`. `half-open`: one call probes, the others are refused. */
type State =
  | { readonly name: 'closed' }
  | { readonly name: 'open'; readonly until: number; readonly restMs: number }
  | { readonly name: 'half-open'; readonly restMs: number }

export type BreakerState = State['name']

export interface BreakerOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly onState: (state: BreakerState) => void
  /** Opens when at least this share of the calls in the window failed. Default 0.5. */
  readonly failureRate?: number
  /** Fewer calls than this in the window prove nothing. Default 5. */
  readonly minimumCalls?: number
  /** Length of the window in milliseconds. Default 10,000. */
  readonly windowMs?: number
  /** First rest when open; doubles with every failed probe up to `maxRestMs`. Default 500, 8,000. */
  readonly restMs?: number
  readonly maxRestMs?: number
}

const SLICES = 10

/**
 * A circuit breaker on the failure rate of a sliding window (Nygard, "Release It!"), on an injected clock so that its
 * behaviour is tested without waiting. It remembers outcomes in ten slices of the window and allocates nothing per call.
 */
export class Breaker {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onState: (state: BreakerState) => void
  readonly #failureRate: number
  readonly #minimumCalls: number
  readonly #sliceMs: number
  readonly #restMs: number
  readonly #maxRestMs: number
  readonly #successes = new Array<number>(SLICES).fill(0)
  readonly #failures = new Array<number>(SLICES).fill(0)
  #slice = 0
  #state: State = { name: 'closed' }

  constructor(options: BreakerOptions) {
    this.#clock = options.clock
    this.#onState = options.onState
    this.#failureRate = options.failureRate ?? 0.5
    this.#minimumCalls = options.minimumCalls ?? 5
    this.#sliceMs = (options.windowMs ?? 10_000) / SLICES
    this.#restMs = options.restMs ?? 500
    this.#maxRestMs = options.maxRestMs ?? 8_000
  }

  get state(): BreakerState {
    return this.#state.name
  }

  /** Whether a call may be made now; after `true` its outcome must be told. */
  admits(): boolean {
    switch (this.#state.name) {
      case 'closed':
        return true
      case 'half-open':
        return false
      case 'open':
        if (this.#clock.monotonic() < this.#state.until) return false
        this.#become({ name: 'half-open', restMs: this.#state.restMs })
        return true
    }
  }

  succeeded(): void {
    if (this.#state.name === 'half-open') {
      this.#successes.fill(0)
      this.#failures.fill(0)
      this.#become({ name: 'closed' })
    }
    this.#advance()
    this.#successes[this.#slice % SLICES]!++
  }

  failed(): void {
    const now = this.#clock.monotonic()
    if (this.#state.name === 'half-open') {
      const restMs = Math.min(this.#state.restMs * 2, this.#maxRestMs)
      this.#become({ name: 'open', until: now + restMs, restMs })
      return
    }
    this.#advance()
    this.#failures[this.#slice % SLICES]!++
    if (this.#state.name === 'open') return
    const failures = this.#failures.reduce((sum, count) => sum + count, 0)
    const calls = failures + this.#successes.reduce((sum, count) => sum + count, 0)
    if (calls >= this.#minimumCalls && failures / calls >= this.#failureRate) {
      this.#become({ name: 'open', until: now + this.#restMs, restMs: this.#restMs })
    }
  }

  #become(state: State): void {
    this.#state = state
    this.#onState(state.name)
  }

  /** Empties the slices that the clock has passed since the last call. */
  #advance(): void {
    const now = Math.floor(this.#clock.monotonic() / this.#sliceMs)
    const passed = Math.min(now - this.#slice, SLICES)
    for (let slice = 1; slice <= passed; slice++) {
      this.#successes[(this.#slice + slice) % SLICES] = 0
      this.#failures[(this.#slice + slice) % SLICES] = 0
    }
    if (passed === SLICES) {
      this.#successes.fill(0)
      this.#failures.fill(0)
    }
    this.#slice = now
  }
}
