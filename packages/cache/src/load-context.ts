import { checkName } from './keys.js'
import { type Duration, milliseconds } from './units.js'

/** What a loader is given: the key, a signal that fires when nobody will use the result, and a say in how it is kept. */
export class LoadContext {
  readonly key: string
  readonly signal: AbortSignal
  #ttl: number | undefined
  readonly #tags: string[] = []
  #skipped = false

  constructor(key: string, signal: AbortSignal) {
    this.key = key
    this.signal = signal
  }

  /** Keeps this entry fresh for `duration` instead of the configured ttl. */
  ttl(duration: Duration): void {
    const ttl = milliseconds('ctx.ttl', duration)
    this.#ttl = ttl
    if (ttl === 0) this.#skipped = true
  }

  /** Adds tags to this entry. */
  tags(...tags: readonly (string | readonly string[])[]): void {
    for (const tag of tags.flat()) this.#tags.push(checkName('tag', tag))
  }

  /** Gives the result to those who wait for it and stores it nowhere. */
  skip(): void {
    this.#skipped = true
  }

  /** Takes over what was decided for a whole batch. */
  adopt(batch: LoadContext): void {
    this.#ttl ??= batch.#ttl
    this.#tags.push(...batch.#tags)
    this.#skipped ||= batch.#skipped
  }

  /** What the loader decided. */
  get decisions(): { readonly ttl: number | undefined; readonly tags: readonly string[]; readonly skipped: boolean } {
    return { ttl: this.#ttl, tags: this.#tags, skipped: this.#skipped }
  }
}

/** Loads one value; the result may be a promise. */
export type Loader<V = unknown> = (context: LoadContext) => V | Promise<V>

/** A loader that gets the key arguments of its definition separately, so that a warm hit builds no closure. */
export type BoundLoader = (context: LoadContext, args: readonly unknown[]) => unknown
