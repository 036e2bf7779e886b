import type { Clock, Logger, Timer } from '../ports.js'
import type { RedisConnection, Subscriber } from './connection.js'
import { remoteFailure } from './failure.js'

export interface SubscriptionOptions {
  readonly connection: RedisConnection
  readonly channels: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: readonly string[]
  message(channel: string, payload: string): void
  /** Live: whatever is published from now on will be heard. */
  up(): void
  down(): void
}

const FIRST_DELAY_MS = 50
const LONGEST_DELAY_MS = 2_000
/** A connection whose other end vanished without a word is noticed after at most twice this. */
const PING_EVERY_MS = 5_000
/** A process that was too busy to read finds its timer due before it has read the answer: it reads meanwhile. */
const SECOND_LOOK_MS = 5

/**
 * The node's one listening connection, opened again whenever it ends, with a delay that doubles up to two seconds and
 * is jittered, so that a restarted server is not met by all nodes at once. It is checked by pings, because a listener
 * that hears nothing cannot tell silence from a dead connection.
 */
export class Subscription {
  readonly #options: SubscriptionOptions
  #subscriber: Subscriber | undefined
  #timer: Timer | undefined
  #failures = 0
  #first: Promise<void> | undefined
  #closed = false

  constructor(options: SubscriptionOptions) {
    this.#options = options
  }

  get live(): boolean {
    return this.#subscriber !== undefined
  }

  /** Settles as the first attempt does; goes on trying when that fails. Once live, resolves at once. */
  start(): Promise<void> {
    if (this.#closed || this.live) return Promise.resolve()
    this.#first ??= this.#open().catch((error: unknown) => {
      this.#retry(error)
      throw error
    })
    return this.#first
  }

  close(): void {
    this.#closed = true
    this.#options.clock.clearTimeout(this.#timer)
    this.#subscriber?.close()
    this.#subscriber = undefined
  }

  async #open(): Promise<void> {
    const { connection, channels, message, up } = this.#options
    const subscriber: Subscriber = await connection.openSubscriber(channels, {
      message,
      end: (error) => this.#lost(subscriber, error),
    })
    if (this.#closed) {
      subscriber.close()
      return
    }
    this.#subscriber = subscriber
    this.#failures = 0
    up()
    this.#watch(subscriber)
  }

  #watch(subscriber: Subscriber): void {
    const { clock } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.#timer = clock.setTimeout(() => {
        const lost = () => this.#lost(subscriber, new Error('no answer to a ping'))
        this.#timer = clock.setTimeout(lost, SECOND_LOOK_MS)
      }, PING_EVERY_MS)
      subscriber.ping().then(
        () => {
          if (this.#subscriber !== subscriber) return
          clock.clearTimeout(this.#timer)
          this.#watch(subscriber)
        },
        (error) => this.#lost(subscriber, error),
      )
    }, PING_EVERY_MS)
  }

  #lost(subscriber: Subscriber, error: unknown): void {
    if (this.#subscriber !== subscriber) return
    this.#options.clock.clearTimeout(this.#timer)
    this.#subscriber = undefined
    subscriber.close()
    this.#options.down()
    this.#retry(error)
  }

  #retry(error: unknown): void {
    if (this.#closed) return
    const { clock, logger, secrets } = this.#options
    const failure = remoteFailure('subscription', error, secrets)
    if (this.#failures === 0)
      logger.warn({ err: failure }, 'the invalidation log is not heard; trying again until it is')
    const delayMs = jitteredDelay(this.#failures++, clock.random)
    this.#timer = clock.setTimeout(() => {
      this.#open().catch((again: unknown) => this.#retry(again))
    }, delayMs)
  }
}

/** Milliseconds before attempt `failures` + 1: exponential, capped, of which a random half is taken off. */
export function jitteredDelay(failures: number, random: () => number): number {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10))
  return Math.ceil(delay * (0.5 + random() / 2))
}
