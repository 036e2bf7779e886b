import type { BreakerSettings } from '../breaker-options.js'
import type { BreakerReason } from '../events.js'
import type { Clock } from '../ports.js'
import { CallWindow } from './call-window.js'

/**
 * `closed`: calls pass. `open`: calls are refused; a probe is due after `restMs`. `half-open`: probes are under way,
 * and calls are still refused, so that nobody's request is the one that finds out.
 */
type State =
  | { readonly name: 'closed' }
  | { readonly name: 'open'; readonly restMs: number }
  | { readonly name: 'half-open'; readonly restMs: number }

export type BreakerState = State['name']

export interface BreakerOptions extends BreakerSettings {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly onState: (state: BreakerState, reason: BreakerReason, afterMs?: number) => void
}

/**
 * A circuit breaker on the rates of failed and of slow calls in a sliding window (Nygard, "Release It!"; slow-call rate
 * as in Resilience4j), on an injected clock so that its behaviour is tested without waiting. It opens at once when told
 * that the backend is silent. What happens while it is open is the prober's: it never admits a call to find out.
 */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #window: CallWindow
  #state: State = { name: 'closed' }

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#window = new CallWindow(options.windowMs)
  }

  get state(): BreakerState {
    return this.#state.name
  }

  /** Whether calls may be made. */
  get admits(): boolean {
    return this.#state.name === 'closed'
  }

  /** How long it rests before the next probe, in milliseconds; 0 while closed. */
  get restMs(): number {
    return this.#state.name === 'closed' ? 0 : this.#state.restMs
  }

  /** The outcome of a call that was admitted. Those that end after it opened say nothing new. */
  ended(durationMs: number, failed: boolean): void {
    if (this.#state.name !== 'closed') return
    const { clock, failureRate, slowRate, slowAfterMs, minimumCalls } = this.#options
    const now = clock.monotonic()
    const slow = durationMs > slowAfterMs
    this.#window.count(now, { failed, slow })
    // A call that is neither raises no rate.
    if (!failed && !slow) return
    const totals = this.#window.totals(now)
    if (totals.calls < minimumCalls) return
    if (totals.failed / totals.calls >= failureRate) this.#open('failures')
    else if (totals.slow / totals.calls >= slowRate) this.#open('slow-calls')
  }

  /** The backend has not answered for `afterMs`: opens whatever the rates say. */
  trip(afterMs: number): void {
    if (this.#state.name === 'closed') this.#open('silence', afterMs)
  }

  /** Probes begin. `false` when it is not open. */
  beginProbe(): boolean {
    if (this.#state.name !== 'open') return false
    this.#become({ name: 'half-open', restMs: this.#state.restMs }, 'probe')
    return true
  }

  /** What came of the probes: it closes and begins to count anew, or rests for longer. */
  probed(answered: boolean): void {
    if (this.#state.name !== 'half-open') return
    if (answered) {
      this.#window.forget()
      this.#become({ name: 'closed' }, 'probe')
      return
    }
    const restMs = Math.min(this.#state.restMs * 2, this.#options.maxRestMs)
    this.#become({ name: 'open', restMs }, 'probe')
  }

  #open(reason: BreakerReason, afterMs?: number): void {
    this.#become({ name: 'open', restMs: this.#options.restMs }, reason, afterMs)
  }

  #become(state: State, reason: BreakerReason, afterMs?: number): void {
    this.#state = state
    this.#options.onState(state.name, reason, afterMs)
  }
}
