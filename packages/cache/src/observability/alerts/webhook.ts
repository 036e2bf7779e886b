import type { Clock, Timer } from '../../ports.js'
import type { WebhookFormat } from '../../watch-options.js'
import type { AlertSeverity, Delivery } from '../../watching.js'
import { FORMATS, type Notification } from './formats.js'
import { SIGNATURE_HEADER, signature } from './signature.js'

/** A webhook, resolved. */
export interface ResolvedWebhook {
  readonly url: string
  readonly name: string
  readonly format: WebhookFormat
  readonly secret: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly attempts: number
  readonly severity: AlertSeverity
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface WebhookContext {
  readonly clock: Clock
  readonly fetch: Fetch
  readonly log: (delivery: Delivery) => void
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
const MOST_WAITING = 50

/** How an attempt ended. */
type Attempt =
  | { readonly end: 'delivered'; readonly status: number }
  | { readonly end: 'refused' | 'failed'; readonly status?: number; readonly error: string; readonly afterMs?: number }

/**
 * Delivers notifications to one receiver, one after another, so that it never hears of an end before the beginning. An
 * attempt that gets no answer, 408, 425, 429 or 5xx is repeated with growing pauses (or as `Retry-After` says); another
 * refusal is final.
 */
export class Webhook {
  readonly #hook: ResolvedWebhook
  readonly #context: WebhookContext
  readonly #waiting: Notification[] = []
  readonly #closing = new AbortController()
  #working: Promise<void> | undefined

  constructor(hook: ResolvedWebhook, context: WebhookContext) {
    this.#hook = hook
    this.#context = context
  }

  send(notification: Notification): void {
    const alerts = notification.alerts.filter(
      ({ severity }) => this.#hook.severity === 'warning' || severity === 'critical',
    )
    if (alerts.length === 0 || this.#closing.signal.aborted) return
    this.#waiting.push({ ...notification, alerts })
    if (this.#waiting.length > MOST_WAITING) this.#dropOne()
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    return this.#working ?? Promise.resolve()
  }

  /** Gives up what waits; an attempt under way is cut off. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#working
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      await this.#deliver(next)
    }
  }

  async #deliver(notification: Notification): Promise<void> {
    const body = JSON.stringify(FORMATS[this.#hook.format](notification))
    for (let attempt = 1; ; attempt++) {
      const startedAt = this.#context.clock.monotonic()
      const result = await this.#attempt(body)
      const isLast = result.end !== 'failed' || attempt >= this.#hook.attempts || this.#closing.signal.aborted
      this.#context.log({
        at: this.#context.clock.now(),
        target: this.#hook.name,
        alerts: notification.alerts.map(({ id }) => id),
        event: notification.event,
        attempt,
        outcome: result.end === 'delivered' ? 'delivered' : isLast ? 'given-up' : 'retrying',
        ...(result.status === undefined ? {} : { status: result.status }),
        ...(result.end === 'delivered' ? {} : { error: result.error }),
        durationMs: this.#context.clock.monotonic() - startedAt,
      })
      if (result.end === 'delivered' || isLast) return
      await this.#pause(result.afterMs ?? backoffMs(attempt, this.#context.clock.random()))
    }
  }

  async #attempt(body: string): Promise<Attempt> {
    const { url, secret, headers, timeoutMs } = this.#hook
    const { clock, fetch } = this.#context
    const late = new AbortController()
    const timer = clock.setTimeout(() => late.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'user-agent': 'tableforge-cache',
          ...(secret === undefined ? {} : { [SIGNATURE_HEADER]: signature(secret, body, clock.now()) }),
        },
        body,
        // The body, and headers that may be secret, are for this receiver and no other.
        redirect: 'manual',
        signal: AbortSignal.any([late.signal, this.#closing.signal]),
      })
      await response.body?.cancel()
      return judged(response, clock.now())
    } catch (error) {
      return { end: 'failed', error: late.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error) }
    } finally {
      clock.clearTimeout(timer)
    }
  }

  #pause(ms: number): Promise<void> {
    const { clock } = this.#context
    return new Promise((resolve) => {
      const done = () => {
        clock.clearTimeout(timer)
        this.#closing.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer: Timer = clock.setTimeout(done, ms)
      this.#closing.signal.addEventListener('abort', done)
      if (this.#closing.signal.aborted) done()
    })
  }

  /** The oldest repetition: the others say something new. */
  #dropOne(): void {
    const repeated = this.#waiting.findIndex(({ event }) => event === 'repeated')
    this.#waiting.splice(Math.max(0, repeated), 1)
  }
}

const WORTH_ANOTHER_ATTEMPT = new Set([408, 425, 429])

function judged(response: Response, now: number): Attempt {
  const { status } = response
  if (status >= 200 && status < 300) return { end: 'delivered', status }
  const error = `the receiver answered ${status}`
  if (status < 500 && !WORTH_ANOTHER_ATTEMPT.has(status)) return { end: 'refused', status, error }
  const afterMs = retryAfterMs(response.headers.get('retry-after'), now)
  return { end: 'failed', status, error, ...(afterMs === undefined ? {} : { afterMs }) }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST_PAUSE_MS, Math.max(0, ms))
}

/** Doubled each time, shortened at random by up to a half. */
function backoffMs(attempt: number, random: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)) * (1 - random / 2)
}

/** `fetch` says why in its cause. Messages may name the host, but neither the path nor what is in it. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'failed'
}
