import { Batch } from './batches.js'
import { Bulkhead, type Place, resolveBulkhead, UNLIMITED } from './bulkhead.js'
import {
  type CallOptions,
  calledFamily,
  type DetailedReadOptions,
  type Details,
  type Peeked,
  type ReadOptions,
  withTags,
} from './call-options.js'
import {
  type DefinitionSpec,
  entryOptionsOf,
  type Input,
  type LoadArguments,
  type LoadMany,
  type WriteArguments,
} from './definition-spec.js'
import { CacheError, show } from './errors.js'
import type { Family } from './family.js'
import { checkList, type Inputs, pairsOf } from './inputs.js'
import type { InvalidationTarget } from './invalidation-target.js'
import { joinKey, type KeyParts, textOf } from './keys.js'
import { BatchContext, type BoundLoader, LoadContext } from './load-context.js'
import { LoadReports } from './load-reports.js'
import { LoadRetries } from './load-retries.js'
import { type ResolvedEntryOptions, resolveEntryOptions } from './options.js'
import type { InvalidationMode } from './ports.js'
import type { ReadPath } from './read-path.js'
import type { KeyInspection } from './stats.js'
import type { Tiers } from './tiers.js'
import type { WarmReads } from './warm-reads.js'
import type { Receipt, Writes } from './writes.js'

// biome-ignore lint/suspicious/noExplicitAny: the registry holds every shape; each keeps its types at its declaration
export type AnyDefinition = Definition<any, any, any>

/** What a definition stands on. */
export interface DefinitionParts {
  readonly tiers: Tiers
  readonly reads: ReadPath
  readonly writes: Writes
  readonly inspect: (key: string) => Promise<KeyInspection>
}

/**
 * A typed family of keys: how its keys are made, how its values are loaded, written, tagged and checked, and how long
 * they live. `Read` is what `get` resolves to: `V` with a loader, `V | undefined` without.
 */
export class Definition<Args extends unknown[], V, Read = V> {
  readonly name: string
  readonly options: ResolvedEntryOptions
  readonly #tiers: Tiers
  readonly #reads: ReadPath
  readonly #warm: WarmReads
  readonly #writes: Writes
  readonly #inspect: (key: string) => Promise<KeyInspection>
  readonly #spec: DefinitionSpec<Args, V>
  /**
   * The key function of a definition whose key takes one argument: specs differ in shape, so that looking it up costs.
   */
  readonly #keyOfOne: (...args: unknown[]) => KeyParts
  readonly #family: Family
  readonly #arity: number
  readonly #loads: Batch<BatchedLoad<Args>, V> | undefined
  /** Of the calls of `load` and `loadMany`. */
  readonly #bulkhead: Bulkhead
  readonly #loader: BoundLoader | undefined
  readonly #reports: LoadReports

  constructor({ tiers, reads, writes, inspect }: DefinitionParts, name: string, spec: DefinitionSpec<Args, V>) {
    this.name = name
    this.#tiers = tiers
    this.#reads = reads
    this.#warm = reads.warm
    this.#writes = writes
    this.#inspect = inspect
    this.#reports = new LoadReports(tiers)
    this.#spec = spec
    this.#arity = spec.key.length
    this.#keyOfOne = spec.key as (...args: unknown[]) => KeyParts
    this.options = resolveEntryOptions(`define('${name}')`, tiers.options.defaults, entryOptionsOf(spec))
    this.#bulkhead = new Bulkhead(
      name,
      resolveBulkhead(`define('${name}').bulkhead`, spec.bulkhead, tiers.options.bulkhead),
    )
    tiers.bulkheads.push(this.#bulkhead)
    this.#family = {
      name,
      // A load that is one of a batch has no place of its own: the batch has one.
      bulkhead: spec.loadMany === undefined ? this.#bulkhead : new Bulkhead(name, UNLIMITED),
      retries: new LoadRetries(tiers.clock),
      options: this.options,
      counters: tiers.counters.of(name),
      schema: spec.schema,
      warm: new Map(),
    }
    this.#loads = spec.loadMany === undefined ? undefined : new Batch((calls) => this.#loadBatch(calls), spec.maxBatch)
    const loads = spec.load !== undefined || spec.loadMany !== undefined
    this.#loader = loads ? (context, args) => this.#loadOne(context, args as Args) : undefined
  }

  /** The full key of an entry, as `cache.inspect` and the invalidation log know it. */
  keyOf(...args: Args): string {
    return joinKey(this.name, this.#spec.key(...args))
  }

  /** As {@link keyOf}, of an entry as bulk calls name it: by its argument, or the tuple of its arguments. */
  keyOfInput(input: Input<Args>): string {
    return this.keyOf(...this.#argsOf(input))
  }

  /** The value, loaded when no tier has it. */
  get(...args: Args): Promise<Read>
  get(...args: [...Args, options: ReadOptions]): Promise<Read>
  get(
    ...args: [...Args, options: DetailedReadOptions]
  ): Promise<Details<V> | (undefined extends Read ? undefined : never)>
  get(...args: unknown[]): Promise<unknown> {
    // Not async, which would make a promise for each hit. V8 makes no array of the arguments as long as they are only
    // counted, taken one by one and passed on.
    try {
      if (args.length !== 1 || this.#arity !== 1) return this.#getBy(...args)
      const input = args[0]
      const text = this.#textOf(input)
      const answer = this.#warm.answer(text, this.#family)
      return answer ?? this.#reads.read(joinKey(this.name, text), this.#family, this.#loader, [input], text)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** `get` with several arguments of the key, or none, or with options. */
  #getBy(...args: unknown[]): Promise<unknown> {
    if (args.length === this.#arity) {
      const text = this.#textBy(...(args as Args))
      const answer = this.#warm.answer(text, this.#family)
      return answer ?? this.#reads.read(joinKey(this.name, text), this.#family, this.#loader, args, text)
    }
    const { family, tags, details, inputs } = this.#called(args)
    const loader = withTags(this.#loader, tags)
    const key = this.keyOf(...inputs)
    return details
      ? this.#reads.readDetails(key, family, loader, inputs)
      : this.#reads.read(key, family, loader, inputs)
  }

  /** Values in input order: one MGET for what memory does not hold, one `loadMany` for what no tier holds. */
  getMany(inputs: readonly Input<Args>[], options?: ReadOptions): Promise<Read[]>
  getMany(
    inputs: readonly Input<Args>[],
    options: DetailedReadOptions,
  ): Promise<(Details<V> | (undefined extends Read ? undefined : never))[]>
  async getMany(inputs: readonly Input<Args>[], options?: ReadOptions | DetailedReadOptions): Promise<unknown[]> {
    checkList(`${this.name}.getMany`, inputs)
    if (options === undefined) return this.#reads.readMany(this.#inputsOf(inputs), this.#family, this.#loader)
    const { family, tags, details } = calledFamily(this.#family, options, `${this.name}.getMany`)
    const loader = withTags(this.#loader, tags)
    // All keys before the first read: a key function that throws leaves none behind that nobody hears of.
    const asked = inputs.map((input) => {
      const args = this.#argsOf(input)
      return { args, key: this.keyOf(...args) }
    })
    return Promise.all(
      asked.map(({ key, args }) =>
        details ? this.#reads.readDetails(key, family, loader, args) : this.#reads.read(key, family, loader, args),
      ),
    )
  }

  /** What memory holds now, without asking anybody. */
  peek(...args: Args): Peeked<V> | undefined {
    const text = args.length === 1 && this.#arity === 1 ? this.#textOf(args[0]) : this.#textBy(...args)
    const { name } = this
    return (this.#warm.peek(text, this.#family) ?? this.#reads.peek(joinKey(name, text), this.#family, text)) as
      | Peeked<V>
      | undefined
  }

  /** Whether a read that loads nothing would find a fresh value. */
  async has(...args: Args): Promise<boolean> {
    return (await this.#reads.readDetails(this.keyOf(...args), this.#family, undefined, args))?.state === 'fresh'
  }

  /**
   * Stores a value in every tier. With `write`, the origin takes it first, then the remote tier; memory takes it at the
   * next read.
   */
  async set(...args: [...Args, value: V] | [...Args, value: V, options: CallOptions]): Promise<Receipt> {
    const inputs = args.slice(0, this.#arity) as Args
    const value = args[this.#arity] as V
    const options = args[this.#arity + 1] as CallOptions | undefined
    if (args.length < this.#arity + 1) {
      throw new CacheError(
        'invalid-argument',
        `${this.name}.set: expected ${this.#arity} key arguments and a value, got ${args.length} arguments`,
      )
    }
    return this.#setAll([[inputs, value]], options)
  }

  /** Stores several values in one round trip; with `write`, one after the other through it. */
  async setMany(entries: Iterable<readonly [input: Input<Args>, value: V]>, options?: CallOptions): Promise<Receipt> {
    return this.#setAll(
      pairsOf(`${this.name}.setMany`, entries).map(([input, value]) => [this.#argsOf(input), value]),
      options,
    )
  }

  /** Invalidates one entry: `'delete'` (default) removes it, `'expire'` keeps it for grace. */
  async invalidate(...args: Args | [...Args, options: { mode?: InvalidationMode }]): Promise<Receipt> {
    const inputs = args.slice(0, this.#arity) as Args
    const options = args[this.#arity] as { mode?: InvalidationMode } | undefined
    return this.#invalidate({ keys: [this.keyOf(...inputs)], ...options })
  }

  /** Invalidates several entries in one message of the log. */
  async invalidateMany(inputs: readonly Input<Args>[], options: { mode?: InvalidationMode } = {}): Promise<Receipt> {
    checkList(`${this.name}.invalidateMany`, inputs)
    return this.#invalidate({ keys: inputs.map((input) => this.keyOfInput(input)), ...options })
  }

  /** Invalidates the whole definition, whatever the number of its entries. */
  invalidateAll(options: { mode?: InvalidationMode } = {}): Promise<Receipt> {
    return this.#invalidate({ tag: this.name, ...options })
  }

  /** What every tier holds of an entry, and what happened to it lately. */
  async inspect(...args: Args): Promise<KeyInspection> {
    return this.#inspect(this.keyOf(...args))
  }

  async #setAll(entries: readonly (readonly [Args, V])[], options: CallOptions = {}): Promise<Receipt> {
    const { family, tags } = calledFamily(this.#family, options, `${this.name}.set`)
    const assignments = entries.map(([args, value]) => ({
      key: this.keyOf(...args),
      value,
      tags: [...(this.#spec.tags?.(value, ...args) ?? []), ...(tags ?? [])],
    }))
    this.#tiers.assertOpen()
    const { write } = this.#spec
    if (write === undefined) return this.#writes.set(assignments, family)
    let receipt: Receipt = { seq: undefined, propagated: true }
    for (const [index, assignment] of assignments.entries()) {
      const [args, value] = entries[index] as readonly [Args, V]
      const one = await this.#writes.through(assignment, family, async () =>
        write(...([...args, value, { key: assignment.key }] as WriteArguments<Args, V>)),
      )
      receipt = { seq: one.seq, propagated: receipt.propagated && one.propagated }
    }
    return receipt
  }

  async #invalidate(target: InvalidationTarget): Promise<Receipt> {
    this.#tiers.assertOpen()
    return this.#writes.invalidate(target, this.#family)
  }

  async #loadOne(context: LoadContext, args: Args): Promise<V> {
    const returned =
      this.#loads === undefined
        ? await this.#spec.load?.(...([...args, context] as LoadArguments<Args>))
        : await this.#loads.add({ args, context })
    const value = LoadContext.meantBy(context, returned) as V
    const tags = this.#spec.tags?.(value, ...args)
    if (tags !== undefined) context.tags(tags)
    return value
  }

  /** One batch, in a place of its own, which it keeps until its loader has really ended. */
  async #loadBatch(calls: readonly BatchedLoad<Args>[]): Promise<readonly (V | Error)[]> {
    const abort = new AbortController()
    onceAll(
      calls,
      ({ context }, done) => context.signal.addEventListener('abort', done, { once: true }),
      () => abort.abort(calls[0]?.context.signal.reason),
    )
    const place = this.#enter(calls)
    onceAll(
      calls,
      ({ context }, done) => LoadContext.onLost(context, done),
      () => place.leave(),
    )
    try {
      if (!place.admitted) {
        abort.signal.addEventListener('abort', () => place.leave(), { once: true })
        await place.turn
        abort.signal.throwIfAborted()
        this.#tiers.assertOpen()
      }
      return await this.#callBatch(calls, abort.signal)
    } finally {
      place.leave()
    }
  }

  #enter(calls: readonly BatchedLoad<Args>[]): Place {
    try {
      return this.#bulkhead.enter()
    } catch (error) {
      const keys = calls.map(({ context }) => context.key)
      this.#reports.overloaded(keys, this.#bulkhead, this.#family)
      throw error
    }
  }

  async #callBatch(calls: readonly BatchedLoad<Args>[], signal: AbortSignal): Promise<readonly (V | Error)[]> {
    const { load, loadMany } = this.#spec
    const [only] = calls
    if (only !== undefined && calls.length === 1 && load !== undefined)
      return [await load(...([...only.args, only.context] as LoadArguments<Args>))]
    const shared = new BatchContext(
      signal,
      calls.map(({ context }) => context),
    )
    const values = await (loadMany as LoadMany<Args, V>)(
      calls.map(({ args }) => this.#inputOf(args)),
      shared,
    )
    if (!Array.isArray(values) || values.length !== calls.length) {
      throw new CacheError(
        'load-failed',
        `${this.name}.loadMany: expected ${calls.length} values in input order, got ${show(values)}`,
      )
    }
    for (const { context } of calls) context.adopt(shared)
    return values
  }

  /** The text of the key that one argument makes. */
  #textOf(input: unknown): string | number {
    const parts = this.#keyOfOne.call(this.#spec, input)
    return typeof parts === 'string' || typeof parts === 'number' ? parts : textOf(this.name, parts)
  }

  #textBy(...args: Args): string | number {
    return textOf(this.name, this.#spec.key(...args))
  }

  #inputsOf(inputs: readonly Input<Args>[]): Inputs {
    return {
      length: inputs.length,
      warmKey: (at) =>
        this.#arity === 1 ? this.#textOf(inputs[at]) : this.#textBy(...this.#argsOf(inputs[at] as Input<Args>)),
      key: (text) => joinKey(this.name, text),
      args: (at) => this.#argsOf(inputs[at] as Input<Args>),
    }
  }

  #inputOf(args: Args): Input<Args> {
    return (this.#arity === 1 ? args[0] : args) as Input<Args>
  }

  #argsOf(input: Input<Args>): Args {
    return (this.#arity === 1 ? [input] : input) as Args
  }

  /** Splits the arguments of a call into those of the key and the options behind them. */
  #called(args: readonly unknown[]): ReturnType<typeof calledFamily> & { inputs: Args } {
    const options = args[this.#arity]
    if (
      args.length !== this.#arity + 1 ||
      (options !== undefined && (typeof options !== 'object' || options === null))
    ) {
      throw new CacheError(
        'invalid-argument',
        `${this.name}.get: expected ${this.#arity} key arguments and perhaps options, got ${args.length} arguments ending in ${show(args.at(-1))}`,
      )
    }
    return {
      ...calledFamily(this.#family, options ?? {}, `${this.name}.get`),
      inputs: args.slice(0, this.#arity) as Args,
    }
  }
}

/** Calls `then` once every one of `all` is done. */
function onceAll<T>(all: readonly T[], listen: (one: T, done: () => void) => void, then: () => void): void {
  let left = all.length
  for (const one of all) listen(one, () => --left === 0 && then())
}

interface BatchedLoad<Args> {
  readonly args: Args
  readonly context: LoadContext
}
