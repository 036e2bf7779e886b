import type { Cache } from '../cache.js'
import { CacheTimeoutError, show } from '../errors.js'
import type { Timer } from '../ports.js'
import type { SampledRead } from '../read-sampling.js'
import { AskBudget } from './ask-budget.js'
import type { AuditedDefinition, Truth } from './audited-definition.js'
import {
  type ConsistencyAuditorOptions,
  type ResolvedAuditorOptions,
  resolveAuditorOptions,
} from './auditor-options.js'
import {
  type ConsistencyReport,
  type Exactness,
  type StalenessFinding,
  Tally,
  type Window,
} from './consistency-report.js'
import { causeOf } from './staleness-cause.js'

/** The part of the public cache that the auditor stands on. */
export type AuditedCache = Pick<Cache, 'definitions' | 'get' | 'inspect' | 'on' | 'sampleReads'>

/** Compares a sample of the reads of a cache with the origin, and tells how many were old, for how long, and why. */
export interface ConsistencyAuditor extends AsyncDisposable {
  /** A snapshot; cheap. */
  report(): ConsistencyReport
  /**
   * Samples no more, aborts what is under way, and resolves when nothing is. Also when the cache closes. Idempotent.
   */
  stop(): Promise<void>
}

/**
 * A {@link ConsistencyAuditor} of `cache`, at work from now on. Throws a `CacheError` of code `invalid-option` for
 * options that it cannot use, and nothing later: failures of the origin are counted.
 */
export function createConsistencyAuditor(cache: AuditedCache, options: ConsistencyAuditorOptions): ConsistencyAuditor {
  return new SamplingAuditor(cache, resolveAuditorOptions(options, cache.definitions))
}

/** One sampled read on its way to a verdict. */
interface Case {
  readonly read: SampledRead
  readonly audited: AuditedDefinition
  readonly tally: Tally
  /** Counted as audited. */
  decided: boolean
  /** Index of the longest window that it is older than; -1 for none. */
  reached: number
  finding: StalenessFinding | undefined
}

/**
 * How a verdict is reached. The origin is asked *after* the read, so a difference alone proves nothing: the origin may
 * have changed in between. There are two ways to be sure.
 *
 * 1. The origin says when it changed. If that was before the read, the read was old, by at least the time between. If
 *    versions also say that the origin's value directly succeeds the one that was read, that age is exact; and if the
 *    change came after the read, the read is cleared.
 * 2. Otherwise the value is followed. The origin has answered at `knownAt` with another value; whatever still serves
 *    the old one a window later serves a value that was replaced at least that long ago. So the cache is looked at
 *    (without loading) at `knownAt` plus each window, and the origin is asked again, in case it has gone back to the
 *    old value.
 *
 * An age known by (1) is raised by (2) only if the origin has changed once more meanwhile: its last change then says
 * nothing about the first that was missed.
 */
class SamplingAuditor implements ConsistencyAuditor {
  readonly #cache: AuditedCache
  readonly #options: ResolvedAuditorOptions
  readonly #budget: AskBudget
  readonly #tallies: ReadonlyMap<string, Tally>
  readonly #since: number
  readonly #unsubscribe: readonly (() => void)[]
  readonly #underWay = new Set<Promise<void>>()
  /** What ends early when the auditor is stopped: pauses and questions. */
  readonly #interrupts = new Set<() => void>()
  #findings: readonly StalenessFinding[] = []
  #found = 0
  #stopped = false

  constructor(cache: AuditedCache, options: ResolvedAuditorOptions) {
    const { clock, definitions, maxPerSecond, maxConcurrent, windows } = options
    this.#cache = cache
    this.#options = options
    this.#budget = new AskBudget(maxPerSecond, maxConcurrent, () => clock.monotonic())
    this.#tallies = new Map([...definitions.keys()].map((name) => [name, new Tally(windows)]))
    this.#since = clock.now()
    this.#unsubscribe = [
      cache.sampleReads(options.sample, (read) => this.#draw(read)),
      cache.on('close', () => void this.stop()),
    ]
  }

  report(): ConsistencyReport {
    const total = new Tally(this.#options.windows)
    for (const tally of this.#tallies.values()) total.add(tally)
    return {
      since: this.#since,
      until: this.#options.clock.now(),
      ...total.figures(),
      definitions: Object.fromEntries([...this.#tallies].map(([name, tally]) => [name, tally.figures()])),
      findings: this.#findings,
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const interrupt of this.#interrupts) interrupt()
    await Promise.all(this.#underWay)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Runs within the read: it only notes and leaves. */
  #draw(read: SampledRead): void {
    const audited = this.#options.definitions.get(read.definition)
    const tally = this.#tallies.get(read.definition)
    if (audited === undefined || tally === undefined) return
    tally.sampled++
    if (!this.#budget.take()) {
      tally.dropped++
      return
    }
    const one: Case = { read, audited, tally, decided: false, reached: -1, finding: undefined }
    const work = this.#audit(one).catch((error) => this.#fail(one, error))
    this.#underWay.add(work)
    work.then(() => this.#underWay.delete(work))
  }

  async #audit(one: Case): Promise<void> {
    const { read, tally } = one
    // The reader goes first.
    await this.#pause(0)
    const truth = await this.#ask(one)
    if (truth === undefined) return
    const knownAt = this.#options.clock.now()
    const relation = truth.relationOf(read.value)
    if (relation === 'same' || relation === 'newer') {
      this.#decide(one)
      if (relation === 'newer') tally.newer++
      return
    }
    const age = truth.changedAt === undefined ? undefined : read.at - truth.changedAt
    const exact = age !== undefined && truth.succeeds(read.value)
    const known = age !== undefined && age > 0
    if (known) {
      this.#decide(one)
      await this.#reach(one, this.#longestWithin(age), age, exact ? 'exact' : 'at-least', truth)
    }
    if (!exact) await this.#follow(one, truth, knownAt, known ? age : undefined)
    if (one.decided || this.#stopped) return
    this.#decide(one)
    tally.overtaken++
  }

  /**
   * Looks whether the value is still served when each further window has passed since the origin was known to hold
   * another.
   */
  async #follow(one: Case, truth: Truth, knownAt: number, age: number | undefined): Promise<void> {
    const { clock, windows } = this.#options
    const { read, audited, tally } = one
    for (let index = one.reached + 1; index < windows.length; index++) {
      await this.#pause(knownAt + (windows[index] as Window).ms - clock.now())
      if (this.#stopped) return
      const lookedAt = clock.now()
      const served = await this.#served(one)
      if (served === undefined) return
      const relation = truth.relationOf(served.value)
      if (relation !== 'older' && !(relation === 'different' && audited.alike(served.value, read.value))) return
      if (!this.#budget.take()) {
        if (!one.decided) tally.dropped++
        one.decided = true
        return
      }
      const now = await this.#ask(one)
      if (now === undefined) return
      const still = now.relationOf(served.value)
      if (still === 'same' || still === 'newer') return
      if (age !== undefined && now.changedAt === truth.changedAt) return
      this.#decide(one)
      await this.#reach(one, index, Math.max(age ?? 0, lookedAt - knownAt), 'at-least', truth)
    }
  }

  /** What a read would be given now: memory's, or else the remote tier's. Nothing is loaded. */
  async #served({ read, audited }: Case): Promise<{ readonly value: unknown } | undefined> {
    const held = audited.freshness === 'memory' ? audited.peek(read.args) : undefined
    return held ?? (await this.#cache.get(read.key, { ...audited.readOptions, details: true }))
  }

  /** Asks the origin, for a question that the budget has granted. `undefined` when stopped meanwhile. */
  async #ask({ read, audited }: Case): Promise<Truth | undefined> {
    if (this.#stopped) {
      this.#budget.release()
      return undefined
    }
    const { clock, timeout } = this.#options
    const { key, args } = read
    const abort = new AbortController()
    const asked = audited.ask(key, args, abort.signal)
    // Its place is free when the origin is done with it, however late: what is given up still costs the origin.
    const release = () => this.#budget.release()
    asked.then(release, release)
    let timer: Timer
    let interrupt = () => {}
    const ended = new Promise<undefined>((resolve, reject) => {
      interrupt = () => {
        abort.abort()
        resolve(undefined)
      }
      timer = clock.setTimeout(() => {
        const message = `the origin took longer than ${timeout} ms to tell of ${show(key)}`
        const late = new CacheTimeoutError('load-timeout', message, { key })
        abort.abort(late)
        reject(late)
      }, timeout)
    })
    this.#interrupts.add(interrupt)
    try {
      return await Promise.race([asked, ended])
    } finally {
      clock.clearTimeout(timer)
      this.#interrupts.delete(interrupt)
    }
  }

  #decide(one: Case): void {
    if (!one.decided) one.tally.audited++
    one.decided = true
  }

  /** Counts a read as older than the window at `index` (-1: than none), and tells of it. */
  async #reach(one: Case, index: number, ageMs: number, exactness: Exactness, truth: Truth): Promise<void> {
    if (index <= one.reached) return
    one.tally.older(one.reached + 1, index, exactness)
    one.reached = index
    const { key, definition, at: readAt, tier, state, log } = one.read
    const { window } = this.#options.windows[index] as Window
    const inspection = one.finding?.inspection ?? (await this.#cache.inspect(key, { watch: false }))
    const cause = one.finding?.cause ?? causeOf(one.read, inspection, this.#options.clock.now(), truth.changedAt)
    const id = one.finding?.id ?? ++this.#found
    const finding = { id, key, definition, window, ageMs, exactness, readAt, tier, state, log, cause, inspection }
    one.finding = Object.freeze(finding)
    this.#publish(one.finding)
  }

  #publish(finding: StalenessFinding): void {
    const { keepFindings, logger, onFinding } = this.#options
    const others = this.#findings.filter(({ id }) => id !== finding.id)
    this.#findings = keepFindings === 0 ? [] : [...others, finding].slice(-keepFindings)
    const { key, definition, window, ageMs, exactness, tier, cause } = finding
    logger?.warn(
      { key, definition, window, ageMs, exactness, tier, cause: cause.code },
      'a read was older than it may be',
    )
    try {
      onFinding?.(finding)
    } catch (error) {
      logger?.error({ err: error }, 'a listener to findings failed')
    }
  }

  /** The message of the origin's error stays out of the log: it may hold values. */
  #fail(one: Case, error: unknown): void {
    if (!one.decided) one.tally.errors++
    one.decided = true
    const { key, definition } = one.read
    const name = error instanceof Error ? error.name : typeof error
    this.#options.logger?.warn({ key, definition, error: name }, 'a sampled read could not be audited')
  }

  /** Index of the longest window that `age` exceeds; -1 for none. */
  #longestWithin(age: number): number {
    return this.#options.windows.findLastIndex(({ ms }) => age >= ms)
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    const { clock } = this.#options
    return new Promise((resolve) => {
      const done = () => {
        clock.clearTimeout(timer)
        this.#interrupts.delete(done)
        resolve()
      }
      const timer = clock.setTimeout(done, Math.max(0, ms))
      this.#interrupts.add(done)
    })
  }
}
