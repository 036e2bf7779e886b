import { Batch } from './batches.js'
import type { Details, Peeked } from './call-options.js'
import { conforms } from './conforms.js'
import type { Entry, MemoryEntry } from './entry.js'
import { CacheTimeoutError, show } from './errors.js'
import type { TierName } from './events.js'
import { type Fallback, Flight, type Outcome } from './flights.js'
import { isolated, stored } from './isolation.js'
import { checkName } from './keys.js'
import { type BoundLoader, LoadContext, type Loader } from './load-context.js'
import { keepLease, withinHardTimeout } from './loading.js'
import type { ResolvedEntryOptions } from './options.js'
import type { LeaseAnswer, LogPosition } from './ports.js'
import { type Family, type Tiers, tagsOf } from './tiers.js'

/** What the remote tier had to say about a key. */
type RemoteAnswer =
  | {
      readonly state: 'fresh' | 'stale'
      readonly entry: Entry
      readonly confirmedAt: number
      readonly judgedAt: number
    }
  | { readonly state: 'absent' }
  /** It did not answer, or must not be asked before what was issued here has been sent. */
  | { readonly state: 'unavailable' }

const NOTHING: Outcome = Object.freeze({ found: false })
/** One memory hit in 128 is timed: the clock costs more than the hit. */
const SAMPLING_MASK = 127
const NO_ARGUMENTS: readonly unknown[] = Object.freeze([])

/**
 * A `get`, top to bottom: memory, the one flight of the key, remote tier, lease, load, fill. Every way out is named where
 * it is taken, counted once and reported as one event.
 */
export class ReadPath {
  readonly #tiers: Tiers
  readonly #reads: Batch<Flight, Uint8Array | undefined>
  readonly #readsWithHead: Batch<
    Flight,
    { bytes: Uint8Array | undefined; head: LogPosition; sentAt: number; before: LogPosition }
  >
  readonly #fills: Batch<{ key: string; token: string; bytes: Uint8Array; expiresInMs: number }, boolean>

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#reads = new Batch((flights) => {
      for (const flight of flights) flight.begun = true
      return tiers.remote.get(flights.map((flight) => flight.key))
    })
    this.#readsWithHead = new Batch(async (flights) => {
      for (const flight of flights) flight.begun = true
      const sentAt = tiers.clock.now()
      const before = tiers.log.applied
      const { values, position: head } = await tiers.remote.getWithPosition(flights.map((flight) => flight.key))
      return values.map((bytes) => ({ bytes, head, sentAt, before }))
    })
    this.#fills = new Batch((values) => tiers.remote.fill(values))
  }

  /** The value, or `undefined`. The warm hit is answered here. */
  read(
    key: string,
    family: Family,
    loader: BoundLoader | undefined,
    args: readonly unknown[] = NO_ARGUMENTS,
  ): Promise<unknown> {
    const sampled = (family.counters.memoryHits & SAMPLING_MASK) === 0
    const startedAt = sampled ? this.#tiers.clock.monotonic() : 0
    const entry = this.#fromMemory(key, family, loader, args)
    if (sampled && entry !== undefined) family.counters.memoryTime.record(this.#tiers.clock.monotonic() - startedAt)
    if (entry !== undefined) return Promise.resolve(isolated(entry.value, this.#tiers.options.memory.isolate))
    return this.#beyondMemory(key, family, loader, args).then((outcome) => (outcome.found ? outcome.value : undefined))
  }

  /** As {@link read}, with where the value came from; `undefined` when there is none. */
  async readDetails(
    key: string,
    family: Family,
    loader: BoundLoader | undefined,
    args: readonly unknown[] = NO_ARGUMENTS,
  ): Promise<Details<unknown> | undefined> {
    const entry = this.#fromMemory(key, family, loader, args)
    if (entry !== undefined) {
      const state = this.#tiers.clock.now() < entry.freshUntil ? 'fresh' : 'stale'
      return { value: isolated(entry.value, this.#tiers.options.memory.isolate), state, tier: 'memory' }
    }
    const outcome = await this.#beyondMemory(key, family, loader, args)
    return outcome.found ? { value: outcome.value, state: outcome.state, tier: outcome.tier } : undefined
  }

  /** What memory holds now, without asking anybody and without counting. */
  peek(key: string, family: Family): Peeked<unknown> | undefined {
    const entry = this.#tiers.memory.peek(key)
    if (entry === undefined || !this.#judged(key, entry)) return undefined
    const now = this.#tiers.clock.now()
    if (!this.#confirmed(entry, family.options, now)) return undefined
    const state = now < entry.freshUntil ? 'fresh' : 'stale'
    return { value: isolated(entry.value, this.#tiers.options.memory.isolate), state, tier: 'memory' }
  }

  /** 1. Memory: an entry that is fresh (or stale and throttled), valid and confirmed. */
  #fromMemory(
    key: string,
    family: Family,
    loader: BoundLoader | undefined,
    args: readonly unknown[],
  ): MemoryEntry | undefined {
    const { options, counters } = family
    if (options.freshness === 'remote') return undefined
    const now = this.#tiers.clock.now()
    const entry = this.#tiers.memory.get(key, now)
    if (entry === undefined || !this.#judged(key, entry)) return undefined
    if (now >= entry.freshUntil && now >= entry.retryAt) return undefined
    if (!this.#confirmed(entry, options, now)) return undefined
    counters.memoryHits++
    if (now >= entry.freshUntil) counters.staleHits++
    else if (now >= entry.refreshAt && loader !== undefined) this.#refreshBehind(key, family, loader, args)
    if (this.#tiers.events.listens('hit'))
      this.#reportHit(key, family, 'memory', now < entry.freshUntil ? 'fresh' : 'stale')
    if (this.#tiers.sampling?.isDue())
      this.#giveSample(key, family, args, entry.value, 'memory', now < entry.freshUntil ? 'fresh' : 'stale')
    return entry
  }

  /** Whether a memory entry is still covered by no tag, pattern or clear: one comparison unless something was applied since. */
  #judged(key: string, entry: MemoryEntry): boolean {
    const { validity, memory } = this.#tiers
    if (entry.judgedAt === validity.revision) return true
    const verdict = validity.judgeMemory(key, entry)
    if (verdict === 'deleted') {
      memory.delete(key)
      return false
    }
    this.#tiers.judged(entry, verdict)
    return true
  }

  /** Whether nothing can have been missed about this entry for longer than the family allows. */
  #confirmed(entry: MemoryEntry, options: ResolvedEntryOptions, now: number): boolean {
    if (options.onPartition === 'serve') return true
    if (entry.generation !== this.#tiers.log.generation) return false
    const bound = now - options.maxStaleness
    return this.#tiers.log.confirmedAt >= bound || entry.confirmedAt >= bound
  }

  /** 2. Join or take the flight of the key, and answer with what comes of it. */
  async #beyondMemory(
    key: string,
    family: Family,
    bound: BoundLoader | undefined,
    args: readonly unknown[],
  ): Promise<Outcome> {
    checkName('key', key)
    this.#tiers.assertOpen()
    const { flights, validity, clock } = this.#tiers
    const { counters } = family
    const loader = withArguments(bound, args)
    const startedAt = clock.monotonic()
    counters.memoryMisses++
    if (family.options.freshness === 'remote') counters.memoryBypasses++
    try {
      let overtaken: Flight | undefined
      for (;;) {
        const under = flights.get(key)
        const joinable =
          under !== undefined &&
          under !== overtaken &&
          (family.options.freshness === 'memory' || (under.catchesUp && !under.begun)) &&
          (loader === undefined || under.loads)
        const flight = joinable ? under : this.#takeOff(key, family, loader, false)
        const arrivedAt = validity.revision
        const outcome = await flight.answer
        // Applied after the flight began but before this caller came: it covers this caller, who takes another flight.
        if (flight.revision < arrivedAt && this.#isOvertaken(flight, outcome)) {
          overtaken = flight
          continue
        }
        this.#countOutcome(key, family, outcome)
        if (outcome.found && this.#tiers.sampling?.isDue())
          this.#giveSample(key, family, args, outcome.value, outcome.tier, outcome.state)
        return outcome
      }
    } catch (error) {
      counters.misses++
      throw error
    } finally {
      counters.readTime.record(clock.monotonic() - startedAt)
    }
  }

  /** Whether something applied since the flight began covers its outcome; what is only expired may still be served as stale. */
  #isOvertaken(flight: Flight, outcome: Outcome): boolean {
    if (!outcome.found) return false
    const verdict = this.#tiers.validity.judgeSince(flight.revision, flight.key, outcome.tags)
    return verdict !== 'valid' && !(verdict === 'expired' && outcome.state === 'stale')
  }

  #countOutcome(key: string, family: Family, outcome: Outcome): void {
    const { counters } = family
    if (!outcome.found || outcome.tier === 'origin') {
      counters.misses++
      if (this.#tiers.events.listens('miss')) this.#tiers.events.emit({ type: 'miss', key, definition: family.name })
      return
    }
    if (outcome.tier === 'memory') counters.memoryHits++
    else counters.remoteHits++
    if (outcome.state === 'stale') counters.staleHits++
    if (this.#tiers.events.listens('hit')) this.#reportHit(key, family, outcome.tier, outcome.state)
  }

  #reportHit(key: string, family: Family, tier: 'memory' | 'remote', state: 'fresh' | 'stale'): void {
    this.#tiers.events.emit({ type: 'hit', key, definition: family.name, tier, state })
  }

  #giveSample(
    key: string,
    family: Family,
    args: readonly unknown[],
    served: unknown,
    tier: TierName,
    state: 'fresh' | 'stale',
  ): void {
    const { sampling, clock, options } = this.#tiers
    const value = isolated(served, options.memory.isolate)
    sampling?.give({
      key,
      definition: family.name,
      args,
      value,
      tier,
      state,
      at: clock.now(),
      log: this.#tiers.logStats(),
    })
  }

  /** Refresh ahead: the same flight as any read, except that a value due for refreshing does not end it. */
  #refreshBehind(key: string, family: Family, loader: BoundLoader, args: readonly unknown[]): void {
    if (this.#tiers.flights.get(key) !== undefined || this.#tiers.closing) return
    this.#takeOff(key, family, withArguments(loader, args), true)
  }

  #takeOff(key: string, family: Family, loader: Loader | undefined, refreshing: boolean): Flight {
    const { flights, validity, log, clock } = this.#tiers
    const flight = new Flight(key, validity.revision, log.generation, clock.now(), loader !== undefined)
    flight.catchesUp = family.options.freshness === 'remote'
    flights.start(flight)
    flight.landed = this.#fly(flight, family, loader, refreshing)
      .then(flight.settle, flight.fail)
      .finally(() => flights.end(flight))
    return flight
  }

  /** 3. The flight: remote tier, lease, load, fill. */
  async #fly(flight: Flight, family: Family, loader: Loader | undefined, refreshing: boolean): Promise<Outcome> {
    const { clock, waiters } = this.#tiers
    const { key } = flight
    flight.fallback = this.#fallbackInMemory(key, family, true)
    for (;;) {
      const found = await this.#fromRemote(flight, family)
      if (found.state === 'fresh' && !(refreshing && this.#isDue(found.entry, family.options)))
        return this.#keepRemote(flight, family, found)
      if ((found.state === 'fresh' || found.state === 'stale') && family.options.grace > 0)
        flight.fallback = youngerOf(flight.fallback, this.#fallbackFrom(flight, family, found))
      if (loader === undefined) return NOTHING
      if (found.state === 'unavailable') {
        flight.lastResort = this.#fallbackInMemory(key, family, false)
        return this.#load(flight, family, loader, undefined)
      }

      const token = `${this.#tiers.options.node}.${clock.random().toString(36).slice(2)}`
      const leaseEnd = waiters.listen(key)
      try {
        const lease = await this.#takeLease(flight, token)
        if (lease === 'unavailable') return await this.#load(flight, family, loader, undefined)
        if (lease.granted) return await this.#load(flight, family, loader, token)
        // Filled since it was read: there is nothing to load.
        if (lease.changed) continue
        // Another node is loading: a stale value now beats a fresh one later.
        const stale = this.#stale(flight, flight.fallback)
        if (stale !== undefined) return stale
        this.#tiers.assertOpen()
        const patience = flight.startedAt + family.options.hardTimeout - clock.now()
        if (patience <= 0) {
          throw new CacheTimeoutError(
            'load-timeout',
            `${show(key)} was not loaded by another node within ${family.options.hardTimeout} ms`,
            { key },
          )
        }
        await leaseEnd.within(Math.min(lease.remainingMs, patience))
      } finally {
        leaseEnd.cancel()
      }
    }
  }

  async #takeLease({ key, seen }: Flight, token: string): Promise<LeaseAnswer | 'unavailable'> {
    const { remote, options, without } = this.#tiers
    if (without.lease) return { granted: true }
    try {
      return await remote.acquire(key, token, options.remoteOptions.lease, seen)
    } catch (error) {
      this.#tiers.failed('acquire', error, key)
      return 'unavailable'
    }
  }

  /** 3a. The remote tier's answer, judged. Never rejects: a failure of the tier is `unavailable`. */
  async #fromRemote(flight: Flight, family: Family): Promise<RemoteAnswer> {
    const { log, outbox, clock, validity, remote } = this.#tiers
    const { counters, options } = family
    const startedAt = clock.monotonic()
    try {
      if (this.#tiers.bypassed.remote || remote.state() === 'down' || !(outbox.ready || (await outbox.becomeReady()))) {
        flight.begun = true
        return { state: 'unavailable' }
      }
      let bytes: Uint8Array | undefined
      let confirmedAt = log.confirmedAt
      if (options.freshness === 'memory' && this.#tiers.heardWithin(options, clock.now()))
        bytes = await this.#reads.add(flight)
      else {
        const read = await this.#readsWithHead.add(flight)
        await log.catchUp(read.head, read.sentAt, read.before)
        bytes = read.bytes
        confirmedAt = read.sentAt
      }
      counters.remoteTime.record(clock.monotonic() - startedAt)
      flight.seen = bytes ?? 'absent'
      if (bytes === undefined) return { state: 'absent' }
      const decoded = this.#decode(flight.key, bytes, family)
      const entry = decoded instanceof Promise ? await decoded : decoded
      if (entry === undefined || !(await conforms(family.schema, entry.value))) {
        if (entry !== undefined)
          this.#tiers.events.emit({ type: 'schema-mismatch', key: flight.key, definition: family.name })
        return { state: 'absent' }
      }
      const unknown = validity.unknownTags(entry.tags)
      if (unknown.length > 0) {
        const known = await log.lookUp(unknown)
        validity.learn(unknown, known.tags, known.floor)
      }
      // Something issued here meanwhile could not be logged: the table by seq does not know of it.
      if (!outbox.ready) return { state: 'unavailable' }
      // What is applied from here on has not been held against it.
      const judgedAt = validity.revision
      const verdict = validity.judgeRemote(flight.key, entry)
      if (verdict === 'deleted') return { state: 'absent' }
      const age = clock.now() - entry.createdAt
      if (age >= entry.ttl + entry.grace) return { state: 'absent' }
      return { state: verdict === 'valid' && age < entry.ttl ? 'fresh' : 'stale', entry, confirmedAt, judgedAt }
    } catch (error) {
      flight.begun = true
      counters.remoteErrors++
      if (this.#tiers.events.listens('remote-error'))
        this.#tiers.events.emit({ type: 'remote-error', operation: 'get', key: flight.key, error })
      return { state: 'unavailable' }
    }
  }

  #decode(key: string, bytes: Uint8Array, family: Family): Entry | undefined | Promise<Entry | undefined> {
    try {
      const entry = this.#tiers.codec.decode(bytes)
      return entry instanceof Promise ? entry.catch((error) => this.#damaged(key, family, error)) : entry
    } catch (error) {
      return this.#damaged(key, family, error)
    }
  }

  #damaged(key: string, family: Family, error: unknown): undefined {
    family.counters.damagedValues++
    const reason = error instanceof Error ? error.message : String(error)
    this.#tiers.logger.warn({ key, reason }, 'a damaged value in the remote tier was treated as a miss')
    this.#tiers.events.emit({ type: 'damaged', key, definition: family.name, reason })
  }

  /** Fresh in the remote tier: fill memory unless an invalidation overtook the flight. */
  #keepRemote(flight: Flight, family: Family, found: Extract<RemoteAnswer, { entry: Entry }>): Outcome {
    const { options } = this.#tiers
    const { entry, confirmedAt, judgedAt } = found
    const value = stored(entry.value, options.memory.isolate)
    if (!flight.fenced) this.#remember(flight, family, { ...entry, value }, { judgedAt, confirmedAt })
    // The flight's revision is where its result was judged: callers who came before need not ask again.
    flight.revision = judgedAt
    return {
      found: true,
      value: isolated(value, options.memory.isolate),
      state: 'fresh',
      tier: 'remote',
      tags: entry.tags,
    }
  }

  /** 3b. Load under the lease (or without one when the remote tier is away), within the timeouts, and fill. */
  async #load(flight: Flight, family: Family, loader: Loader, token: string | undefined): Promise<Outcome> {
    const { clock, log, validity, events, without } = this.#tiers
    const { key } = flight
    const { options, counters } = family
    // The load begins now: what was applied until now cannot overtake it.
    const asOf = log.applied
    const proof = { judgedAt: validity.revision, confirmedAt: clock.now() }
    if (!without.fence) flight.fenced = false
    flight.begun = true
    flight.revision = proof.judgedAt
    flight.generation = log.generation

    const renewal = token === undefined ? undefined : keepLease(this.#tiers, flight, token)
    const softTimer =
      flight.fallback === undefined || options.softTimeout === Number.POSITIVE_INFINITY
        ? undefined
        : clock.setTimeout(() => {
            const stale = this.#stale(flight, flight.fallback)
            if (stale !== undefined) flight.settle(stale)
          }, options.softTimeout)
    const startedAt = clock.monotonic()
    counters.loads++
    try {
      const loaded = await withinHardTimeout(clock, key, options.hardTimeout, async (signal) => {
        const context = new LoadContext(key, signal)
        return { value: await loader(context), ...context.decisions }
      })
      const durationMs = clock.monotonic() - startedAt
      counters.loadTime.record(durationMs)
      if (events.listens('load')) events.emit({ type: 'load', key, definition: family.name, durationMs })
      return await this.#fill(flight, family, loaded, { token, asOf, proof })
    } catch (error) {
      const durationMs = clock.monotonic() - startedAt
      counters.loadErrors++
      if (events.listens('load-error'))
        events.emit({ type: 'load-error', key, definition: family.name, durationMs, error })
      if (token !== undefined) this.#release(key, token)
      const fallback = flight.fallback ?? flight.lastResort
      const stale = this.#stale(flight, fallback)
      if (fallback === undefined || stale === undefined) throw error
      // Fail-safe: stale rather than nothing, and no new attempt for a while.
      fallback.entry.retryAt = clock.now() + options.graceThrottle
      if (!flight.fenced) this.#tiers.keep(key, fallback.entry)
      return stale
    } finally {
      clock.clearTimeout(softTimer)
      renewal?.stop()
    }
  }

  /** 4. Fill: only if the lease is still ours in the remote tier, and only if no invalidation overtook us in memory. */
  async #fill(
    flight: Flight,
    family: Family,
    loaded: { readonly value: unknown } & LoadContext['decisions'],
    load: { token: string | undefined; asOf: LogPosition; proof: { judgedAt: number; confirmedAt: number } },
  ): Promise<Outcome> {
    const { codec, options: cacheOptions } = this.#tiers
    const { key } = flight
    const { value, ttl, tags: added, skipped } = loaded
    const kept = stored(value, cacheOptions.memory.isolate)
    const tags = tagsOf(family, added)
    const outcome: Outcome = {
      found: true,
      value: isolated(kept, cacheOptions.memory.isolate),
      state: 'fresh',
      tier: 'origin',
      tags,
    }
    const release = () => {
      if (load.token !== undefined) this.#release(key, load.token)
    }
    if (skipped) {
      release()
      this.#reportRefusal(key, family, 'skipped')
      return outcome
    }
    if (!(await conforms(family.schema, value))) {
      release()
      this.#tiers.events.emit({ type: 'schema-mismatch', key, definition: family.name })
      this.#tiers.logger.warn(
        { key, definition: family.name },
        'a loaded value does not conform to its schema and is not cached',
      )
      return outcome
    }
    if (flight.fenced) {
      release()
      family.counters.fencedLoads++
      this.#reportRefusal(key, family, 'fenced')
      return outcome
    }
    const entry = this.#tiers.entryOf(kept, family.options, tags, load.asOf, ttl)
    if (load.token !== undefined) {
      try {
        const filled = await this.#fillRemote(flight, family, load.token, codec.encode(entry), entry)
        if (!filled) {
          family.counters.fencedLoads++
          this.#reportRefusal(key, family, 'lease-lost')
          return outcome
        }
      } catch (error) {
        // The remote tier did not take it; memory may, under its own bound of staleness.
        release()
        family.counters.remoteErrors++
        this.#tiers.logger.warn({ key, err: error }, 'a loaded value was not stored in the remote tier')
        if (this.#tiers.events.listens('remote-error'))
          this.#tiers.events.emit({ type: 'remote-error', operation: 'fill', key, error })
      }
    }
    if (flight.fenced) this.#reportRefusal(key, family, 'fenced')
    else this.#remember(flight, family, entry, load.proof)
    return outcome
  }

  async #fillRemote(flight: Flight, family: Family, token: string, bytes: Uint8Array, entry: Entry): Promise<boolean> {
    const { log, outbox, remote, clock, without } = this.#tiers
    const { key } = flight
    // A node that may have missed an invalidation must not fill behind the back of the sweep that follows it.
    if (!this.#tiers.heardWithin(family.options, clock.now())) await log.heartbeat()
    if (!outbox.ready) return true
    if (without.lease) await remote.seize(key, token, this.#tiers.options.remoteOptions.lease)
    return this.#fills.add({ key, token, bytes, expiresInMs: this.#tiers.expiryOf(entry) })
  }

  #remember(flight: Flight, family: Family, entry: Entry, proof: { judgedAt: number; confirmedAt: number }): void {
    this.#tiers.keep(
      flight.key,
      this.#tiers.memoryEntryOf(entry, family.options, { ...proof, generation: flight.generation }),
    )
  }

  #reportRefusal(key: string, family: Family, reason: 'fenced' | 'lease-lost' | 'skipped'): void {
    if (this.#tiers.events.listens('fill-refused'))
      this.#tiers.events.emit({ type: 'fill-refused', key, definition: family.name, reason })
  }

  /**
   * The value that memory may fall back on within grace. Unconfirmed ones only when the remote tier is away and cannot
   * disprove them, and never under the policy `bypass`.
   */
  #fallbackInMemory(key: string, family: Family, confirmed: boolean): Fallback | undefined {
    const { options } = family
    const entry = this.#tiers.memory.peek(key)
    if (entry === undefined || options.grace === 0 || options.freshness === 'remote' || !this.#judged(key, entry))
      return undefined
    const now = this.#tiers.clock.now()
    if (now >= entry.staleUntil) return undefined
    const mustBeConfirmed = confirmed || options.onPartition === 'bypass'
    return mustBeConfirmed && !this.#confirmed(entry, options, now) ? undefined : { entry, tier: 'memory' }
  }

  /** The fallback as an outcome, unless something that was applied since has invalidated it. */
  #stale(flight: Flight, fallback: Fallback | undefined): Outcome | undefined {
    if (fallback === undefined) return undefined
    const { value, tags, judgedAt } = fallback.entry
    const verdict = this.#tiers.validity.judgeSince(judgedAt, flight.key, tags)
    if (verdict === 'deleted' || verdict === 'unknown') return undefined
    return { found: true, value, state: 'stale', tier: fallback.tier, tags }
  }

  /** What the remote tier holds past its ttl (or due for refreshing), as memory would keep it. */
  #fallbackFrom(flight: Flight, family: Family, found: Extract<RemoteAnswer, { entry: Entry }>): Fallback {
    const proof = {
      judgedAt: found.judgedAt,
      generation: flight.generation,
      confirmedAt: found.confirmedAt,
    }
    const entry = this.#tiers.memoryEntryOf(found.entry, family.options, proof)
    if (found.state === 'stale') entry.freshUntil = 0
    return { entry, tier: 'remote' }
  }

  #isDue(entry: Entry, options: ResolvedEntryOptions): boolean {
    return (
      options.refreshAhead !== undefined &&
      this.#tiers.clock.now() >= entry.createdAt + entry.ttl * options.refreshAhead
    )
  }

  #release(key: string, token: string): void {
    this.#tiers.remote.release(key, token).catch((error) => this.#tiers.failed('release', error, key))
  }
}

function withArguments(loader: BoundLoader | undefined, args: readonly unknown[]): Loader | undefined {
  return loader === undefined ? undefined : (context) => loader(context, args)
}

function youngerOf(a: Fallback | undefined, b: Fallback): Fallback {
  return a === undefined || b.entry.createdAt > a.entry.createdAt ? b : a
}
