import { Bulkhead } from './bulkhead.js'
import {
  type CalledFamily,
  type CallOptions,
  calledFamily,
  type DetailedReadOptions,
  type Details,
  type Peeked,
  type ReadOptions,
  withTags,
} from './call-options.js'
import { type AnyDefinition, Definition } from './definition.js'
import {
  type BulkLoadingSpec,
  checkSpec,
  type DefinitionSpec,
  type LoadingSpec,
  type PassiveSpec,
} from './definition-spec.js'
import { CacheError, invalidOption } from './errors.js'
import type { BypassedTier, CacheEventListener, CacheEventType } from './events.js'
import type { Family } from './family.js'
import { checkList, KeyInputs, pairsOf } from './inputs.js'
import { type InspectOptions, inspectKey, type KeyTracer } from './inspection.js'
import { type InvalidationTarget, operationsOf } from './invalidation-target.js'
import { checkName } from './keys.js'
import type { Loader } from './load-context.js'
import { LoadRetries } from './load-retries.js'
import type { Timer } from './ports.js'
import { type InvalidationPreview, type PreviewOptions, previewOf } from './preview.js'
import { ReadPath } from './read-path.js'
import { ReadSampling, type SampledRead } from './read-sampling.js'
import { type CloseOptions, closeTimeout, shutDown } from './shutdown.js'
import type { CacheHealth, CacheStats, KeyInspection } from './stats.js'
import { Sweep } from './sweep.js'
import type { Tiers } from './tiers.js'
import type { Duration } from './units.js'
import type { WarmReads } from './warm-reads.js'
import type { AlertsView, Report, ReportQuery, Watching } from './watching.js'
import { type Receipt, Writes } from './writes.js'

/** What create-cache adds that is no part of reading: figures, now and over time, and the trace of keys. */
export interface CacheServices {
  readonly stats: () => CacheStats
  readonly health: () => Promise<CacheHealth>
  readonly tracer: KeyTracer
  /** Called once; a cache that is not watched answers with how to change that. */
  readonly watch: (cache: Cache) => Watching
}

const RESTART_MS = 1_000

/**
 * A cache of one namespace: memory in front of a remote tier in front of the origin. What a read does is in
 * `read-path.ts`, what a write or an invalidation does in `writes.ts`; both stand on `tiers.ts`.
 */
export class Cache implements AsyncDisposable {
  readonly namespace: string
  readonly node: string
  readonly #tiers: Tiers
  readonly #reads: ReadPath
  readonly #warm: WarmReads
  readonly #writes: Writes
  readonly #sweep: Sweep
  readonly #services: CacheServices
  readonly #definitions = new Map<string, AnyDefinition>()
  readonly #undefinedFamily: Family
  readonly #sampling: ReadSampling
  /** Figures over time and over the fleet, alerts, and the busiest keys. */
  readonly watch: Watching
  #starting: Promise<void> | undefined
  #retryTimer: Timer
  #closing: Promise<void> | undefined

  constructor(tiers: Tiers, services: CacheServices) {
    this.#tiers = tiers
    this.#services = services
    this.#reads = new ReadPath(tiers)
    this.#warm = this.#reads.warm
    this.#writes = new Writes(tiers)
    this.#sweep = new Sweep(tiers)
    tiers.sweeper = this.#sweep
    this.namespace = tiers.options.namespace
    this.node = tiers.options.node
    const bulkhead = new Bulkhead('', tiers.options.bulkhead)
    tiers.bulkheads.push(bulkhead)
    this.#undefinedFamily = {
      // In the order in which definitions name theirs: a hit would otherwise have to be ready for two shapes.
      name: '',
      bulkhead,
      retries: new LoadRetries(tiers.clock),
      options: tiers.options.defaults,
      counters: tiers.counters.of(''),
      schema: undefined,
      warm: new Map(),
    }
    this.#sampling = new ReadSampling(
      () => tiers.clock.random(),
      (error) => tiers.logger.error({ err: error }, 'a listener to sampled reads failed'),
    )
    tiers.log.expect(tiers.options.defaults.maxStaleness)
    this.watch = services.watch(this)
    this.#keepStarting()
  }

  /** Resolves when the remote tier is connected and the invalidation log is heard; rejects with the reason why not. */
  ready(): Promise<void> {
    return this.#start()
  }

  /**
   * Declares a typed family of keys: how they are made, loaded, written, tagged and checked, and how long they live.
   * Throws when the name is taken, or when its keys could be mixed up with another definition's.
   */
  define<Args extends unknown[], V>(name: string, spec: LoadingSpec<Args, V>): Definition<Args, V>
  define<Args extends unknown[], V>(name: string, spec: BulkLoadingSpec<Args, V>): Definition<Args, V>
  define<Args extends unknown[], V>(name: string, spec: PassiveSpec<Args, V>): Definition<Args, V, V | undefined>
  define<Args extends unknown[], V>(name: string, spec: DefinitionSpec<Args, V>): Definition<Args, V, V | undefined> {
    checkSpec(name, spec)
    for (const other of this.#definitions.keys()) {
      if (other === name || other.startsWith(`${name}:`) || name.startsWith(`${other}:`)) {
        throw invalidOption('define', name, `a name that does not share keys with the definition '${other}'`)
      }
    }
    const definition = new Definition<Args, V, V | undefined>(
      { tiers: this.#tiers, reads: this.#reads, writes: this.#writes, inspect: (key) => this.inspect(key) },
      name,
      spec,
    )
    this.#definitions.set(name, definition)
    this.#tiers.addDefinition(name)
    this.#tiers.log.expect(definition.options.maxStaleness)
    return definition
  }

  get definitions(): ReadonlyMap<string, AnyDefinition> {
    return this.#definitions
  }

  /** The value under the key, loaded and stored when no tier has it. */
  getOrLoad<V>(key: string, loader: Loader<V>, options?: ReadOptions): Promise<V>
  getOrLoad<V>(key: string, loader: Loader<V>, options: DetailedReadOptions): Promise<Details<V>>
  getOrLoad<V>(key: string, loader: Loader<V>, options?: ReadOptions | DetailedReadOptions): Promise<V | Details<V>> {
    // It may be the value itself, which has no place in a message.
    if (typeof loader !== 'function') {
      return Promise.reject(
        new CacheError(
          'invalid-argument',
          `getOrLoad: loader: expected a function, got something of type ${typeof loader}`,
          { key },
        ),
      )
    }
    if (options === undefined) return this.#read(key, loader) as Promise<V>
    return this.#readAs(key, loader, options) as Promise<V | Details<V>>
  }

  /**
   * The value under the key, or `undefined` when no tier has a fresh one. It is a stale one while a failed load
   * is not tried again (`graceThrottle`), or when the remote tier takes longer than its `softTimeout`. Details tell
   * those, and a stored `undefined`, apart.
   */
  get<V = unknown>(key: string, options?: ReadOptions): Promise<V | undefined>
  get<V = unknown>(key: string, options: DetailedReadOptions): Promise<Details<V> | undefined>
  get(key: string, options?: ReadOptions | DetailedReadOptions): Promise<unknown> {
    return options === undefined ? this.#read(key, undefined) : this.#readAs(key, undefined, options)
  }

  /** Values in input order, `undefined` where no tier has one; one MGET for all that memory does not hold. */
  getMany<V = unknown>(keys: readonly string[], options?: ReadOptions): Promise<(V | undefined)[]>
  getMany<V = unknown>(keys: readonly string[], options: DetailedReadOptions): Promise<(Details<V> | undefined)[]>
  async getMany(keys: readonly string[], options?: ReadOptions | DetailedReadOptions): Promise<unknown[]> {
    checkList('getMany', keys)
    if (options === undefined) return this.#reads.readMany(new KeyInputs(keys), this.#undefinedFamily, undefined)
    const { family, details } = this.#called(options)
    return Promise.all(
      keys.map((key) =>
        details ? this.#reads.readDetails(key, family, undefined) : this.#reads.read(key, family, undefined),
      ),
    )
  }

  /** Whether `get` would find a fresh value under the key, be it `undefined`. */
  async has(key: string): Promise<boolean> {
    return (await this.#reads.readDetails(key, this.#undefinedFamily, undefined))?.state === 'fresh'
  }

  /** What memory holds now, without asking anybody: fresh, or stale within grace. Counts nothing. */
  peek<V = unknown>(key: string): Peeked<V> | undefined {
    const family = this.#undefinedFamily
    return (this.#warm.peek(key, family) ?? this.#reads.peek(key, family, key)) as Peeked<V> | undefined
  }

  /** Stores a value in every tier; other nodes drop theirs. */
  set(key: string, value: unknown, options?: CallOptions): Promise<Receipt> {
    return this.setMany([[key, value]], options)
  }

  /** Stores several values in one round trip. */
  async setMany(
    entries: Iterable<readonly [key: string, value: unknown]>,
    options: CallOptions = {},
  ): Promise<Receipt> {
    const { family, tags } = this.#called(options)
    this.#tiers.assertOpen()
    return this.#writes.set(
      pairsOf('setMany', entries).map(([key, value]) => ({ key, value, tags: tags ?? [] })),
      family,
    )
  }

  /** Removes a key from every tier; the same as `invalidate({ key })`. */
  delete(key: string): Promise<Receipt> {
    return this.invalidate({ key })
  }

  /**
   * Invalidates keys, tags or patterns. Once this resolves no read of this node returns a value loaded before; the
   * receipt tells whether the other nodes have been told (`propagated`), which otherwise happens when the remote tier
   * is back.
   */
  async invalidate(target: InvalidationTarget): Promise<Receipt> {
    this.#tiers.assertOpen()
    return this.#writes.invalidate(target, this.#undefinedFamily)
  }

  /** Invalidates everything in the namespace. */
  async clear(): Promise<Receipt> {
    this.#tiers.assertOpen()
    return this.#writes.clear()
  }

  /**
   * What `invalidate(target)` (or `clear()`, as `'everything'`) would cover now: counts and some keys. Changes nothing.
   * Costs a SCAN of the remote tier, and for tags the reading of its values, both up to `maxExamined` keys: for
   * operators, not for requests.
   */
  async preview(target: InvalidationTarget | 'everything', options: PreviewOptions = {}): Promise<InvalidationPreview> {
    this.#tiers.assertOpen()
    const operations =
      target === 'everything' ? [{ type: 'clear' } as const] : operationsOf(target, this.#tiers.compilePattern)
    return previewOf(this.#tiers, operations, options)
  }

  /**
   * Takes a tier out of the reads of this node, or back: for an operator whose Redis is sick or whose memory is not to
   * be trusted. Without `memory` nothing is kept in this process; without `remote` each miss is loaded, with no lease,
   * and kept in memory only. Writes and invalidations still reach every tier and the log, so that coming back is as
   * safe as having stayed: memory begins empty, and what the remote tier holds is judged as always.
   */
  bypass(tier: BypassedTier, on: boolean): void {
    if (tier !== 'memory' && tier !== 'remote') throw invalidOption('bypass.tier', tier, "'memory' or 'remote'")
    if (typeof on !== 'boolean') throw invalidOption('bypass.on', on, 'true or false')
    this.#tiers.assertOpen()
    this.#tiers.bypass(tier, on)
  }

  /** What every tier holds under the key, and what happened to it lately. */
  async inspect(key: string, options: InspectOptions = {}): Promise<KeyInspection> {
    checkName('key', key)
    return inspectKey(this.#tiers, this.#services.tracer, key, options)
  }

  /** Listens to one type of event; returns a function that ends this subscription and no other. */
  on<T extends CacheEventType>(type: T, listener: CacheEventListener<T>): () => void {
    return this.#tiers.events.on(type, listener)
  }

  /** Ends the first subscription of the listener. */
  off<T extends CacheEventType>(type: T, listener: CacheEventListener<T>): void {
    this.#tiers.events.off(type, listener)
  }

  /**
   * Hands a share of the reads that are answered with a value (above 0, at most 1) to a listener, each with the same
   * chance; returns a function that stops it. For observers that judge reads from outside, such as the consistency
   * auditor.
   */
  sampleReads(share: number, listener: (read: SampledRead) => void): () => void {
    const unsubscribe = this.#sampling.subscribe(share, listener)
    this.#tiers.sampling = this.#sampling
    this.#tiers.recent.interrupt()
    return () => {
      unsubscribe()
      if (this.#sampling.idle) this.#tiers.sampling = undefined
    }
  }

  stats(): CacheStats {
    return this.#services.stats()
  }

  health(): Promise<CacheHealth> {
    return this.#services.health()
  }

  /** Whether the cache kept its promises (`slo`) in a window, with the figures of that window. */
  report(query?: ReportQuery | Duration): Promise<Report> {
    return this.watch.report(query)
  }

  /** Alerts that hold now, past ones, and where they were sent. */
  alerts(): Promise<AlertsView> {
    return this.watch.alerts()
  }

  /**
   * Begins nothing new, lets what is under way end, sends what waits, and lets go of everything, within `timeout`.
   * Idempotent: every call gets the same promise. Rejects for invalid options, and for nothing else.
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      this.#closing ??= this.#close(closeTimeout(options))
      return this.#closing
    } catch (error) {
      return Promise.reject(error)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #read(key: string, loader: Loader | undefined): Promise<unknown> {
    const family = this.#undefinedFamily
    return this.#warm.answer(key, family) ?? this.#reads.read(key, family, loader, undefined, key)
  }

  /** A read with options of its own. */
  async #readAs(key: string, loader: Loader | undefined, options: ReadOptions | DetailedReadOptions): Promise<unknown> {
    const { family, tags, details } = this.#called(options)
    const tagged = withTags(loader, tags)
    return details ? this.#reads.readDetails(key, family, tagged) : this.#reads.read(key, family, tagged)
  }

  #called(options: CallOptions & { details?: boolean }): CalledFamily {
    return calledFamily(this.#undefinedFamily, options, 'options')
  }

  async #close(timeoutMs: number): Promise<void> {
    const { clock } = this.#tiers
    clock.clearTimeout(this.#retryTimer)
    const closable = {
      writes: this.#writes,
      sweep: this.#sweep,
      watch: this.watch,
      tracer: this.#services.tracer,
    }
    const letProcessEnd = clock.keepAlive?.()
    try {
      await shutDown(this.#tiers, closable, timeoutMs)
    } finally {
      letProcessEnd?.()
    }
  }

  /** One start at a time, whoever asks for it; none after one that succeeded. */
  #start(): Promise<void> {
    this.#starting ??= this.#tiers.log.start().catch((error) => {
      this.#starting = undefined
      this.#tiers.failed('start', error)
      throw error
    })
    return this.#starting
  }

  /** Starts in the background, again and again, until the remote tier is there: an application starts without it. */
  #keepStarting(): void {
    this.#start().catch(() => {
      if (this.#tiers.closing) return
      this.#retryTimer = this.#tiers.clock.setTimeout(() => this.#keepStarting(), RESTART_MS)
    })
  }
}
