import { CacheError, show } from './errors.js'
import { checkName } from './keys.js'
import { type Duration, milliseconds } from './units.js'

/** The value that a load would replace: what the origin said when it was last asked. */
export interface PreviousLoad {
  readonly value: unknown
  readonly tags: readonly string[]
  readonly etag: string | undefined
}

/** What a loader decided about its result. */
export interface LoadDecisions {
  readonly ttl: number | undefined
  readonly tags: readonly string[]
  readonly skipped: boolean
  readonly etag: string | undefined
  readonly notModified: boolean
}

/** What a loader returned, and what it decided about it. */
export interface Loaded {
  readonly value: unknown
  readonly decisions: LoadDecisions
}

const NOT_MODIFIED = Symbol('not modified')
const LONGEST_ETAG = 1_024

/** What every loader is given: a signal that fires when nobody will use the result, and a say in how it is kept. */
class ResultContext {
  /** Aborted by the hard timeout, and when the cache is closed meanwhile. */
  readonly signal: AbortSignal
  #ttl: number | undefined
  readonly #tags: string[] = []
  #skipped = false

  constructor(signal: AbortSignal) {
    this.signal = signal
  }

  /** Keeps the result fresh for `duration` instead of the configured ttl. */
  ttl(duration: Duration): void {
    this.#ttl = milliseconds('ctx.ttl', duration)
  }

  /** Adds tags to the result. */
  tags(...tags: readonly (string | readonly string[])[]): void {
    for (const tag of tags.flat()) this.#tags.push(checkName('tag', tag))
  }

  /** Gives the result to its callers and stores it nowhere. */
  skip(): void {
    this.#skipped = true
  }

  /** Takes over what was decided for all of a batch, where nothing was decided for this one. */
  adopt(batch: ResultContext): void {
    this.#ttl ??= batch.#ttl
    this.#tags.push(...batch.#tags)
    this.#skipped ||= batch.#skipped
  }

  get decisions(): Pick<LoadDecisions, 'ttl' | 'tags' | 'skipped'> {
    return { ttl: this.#ttl, tags: this.#tags, skipped: this.#skipped || this.#ttl === 0 }
  }
}

/** What a loader of one value is given. */
export class LoadContext extends ResultContext {
  readonly key: string
  readonly #previous: PreviousLoad | undefined
  #etag: string | undefined
  #notModified = false
  #onLost: (() => void) | undefined

  constructor(key: string, signal: AbortSignal, previous?: PreviousLoad) {
    super(signal)
    this.key = key
    this.#previous = previous
  }

  /** The value that this load would replace, stale or due for refreshing; `undefined` when there is none. */
  get stale(): unknown {
    return this.#previous?.value
  }

  /** Whether there is a {@link stale} value, even if that is `undefined`. */
  get hasStale(): boolean {
    return this.#previous !== undefined
  }

  /**
   * The version of the value: what the load of {@link stale} has stored, and what the next load will be given once it
   * is assigned. Up to 1,024 characters; `null` (as `Headers.get` returns) and `undefined` are none.
   */
  get etag(): string | undefined {
    return this.#etag ?? this.#previous?.etag
  }

  set etag(etag: string | null | undefined) {
    if (typeof etag === 'string' && etag.length > LONGEST_ETAG)
      throw new CacheError(
        'invalid-argument',
        `ctx.etag: expected at most ${LONGEST_ETAG} characters, got ${etag.length}`,
      )
    if (typeof etag !== 'string' && etag !== null && etag !== undefined)
      throw new CacheError('invalid-argument', `ctx.etag: expected a string, null or undefined, got ${show(etag)}`)
    this.#etag = etag ?? undefined
  }

  /**
   * For `return ctx.notModified()`: the origin confirms the {@link stale} value, which lives on from now, in the remote
   * tier too, with its tags and etag. Throws when there is none.
   */
  notModified(): never {
    if (this.#previous === undefined) {
      throw new CacheError(
        'invalid-argument',
        `ctx.notModified: expected a stale value of ${show(this.key)}, got none`,
        {
          key: this.key,
        },
      )
    }
    this.#notModified = true
    // What it returns is only ever handed back to the cache; `never` lets the loader keep the type of its values.
    return NOT_MODIFIED as never
  }

  /** What the loader decided. A confirmed value keeps its tags, and its etag unless there is a new one. */
  override get decisions(): LoadDecisions {
    const kept = this.#notModified ? this.#previous : undefined
    const { ttl, tags, skipped } = super.decisions
    return {
      ttl,
      tags: kept === undefined ? tags : [...kept.tags, ...tags],
      skipped,
      etag: this.#etag ?? kept?.etag,
      notModified: this.#notModified,
    }
  }

  /** The value that a loader means by what it returned. */
  static meantBy(context: LoadContext, returned: unknown): unknown {
    if (returned === NOT_MODIFIED && !context.#notModified)
      throw new CacheError(
        'invalid-argument',
        'ctx.notModified: expected its result for the same input, got another one',
      )
    return context.#notModified ? context.#previous?.value : returned
  }

  /** Calls `listener` once when the load is given up while its loader is still under way. */
  static onLost(context: LoadContext, listener: () => void): void {
    context.#onLost = listener
  }

  static lose(context: LoadContext): void {
    context.#onLost?.()
  }
}

/** What `loadMany` is given: a say for the whole batch, and in {@link items} one for each input, which goes first. */
export class BatchContext extends ResultContext {
  /** In the order of the inputs: for the key, ttl, tags, etag or confirmation of one of them. */
  readonly items: readonly LoadContext[]

  constructor(signal: AbortSignal, items: readonly LoadContext[]) {
    super(signal)
    this.items = items
    // An etag that is assigned to the batch instead of an item would be lost.
    Object.freeze(this)
  }
}

/** Loads one value; the result may be a promise. */
export type Loader<V = unknown> = (context: LoadContext) => V | Promise<V>

/** A loader that gets the key arguments of its definition separately, so that a warm hit builds no closure. */
export type BoundLoader = (context: LoadContext, args: readonly unknown[]) => unknown
