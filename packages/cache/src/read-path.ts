import type { Place } from './bulkhead.js'
import type { Details, Peeked } from './call-options.js'
import { within } from './deadlines.js'
import { drawsRefresh } from './early-refresh.js'
import { type Entry, type EntryState, type MemoryEntry, stateOf } from './entry.js'
import { CacheTimeoutError, show } from './errors.js'
import type { CacheEvents, TierName } from './events.js'
import { FailSafe, isWithinRevalidation, mayRevalidate } from './fail-safe.js'
import type { Family } from './family.js'
import { Filling } from './filling.js'
import { type Fallback, Flight, nextMoment } from './flights.js'
import { type Inputs, NO_ARGUMENTS } from './inputs.js'
import { isolated, stored } from './isolation.js'
import { checkName, hashOfKey } from './keys.js'
import { keepLease } from './lease-renewal.js'
import { type BoundLoader, LoadContext, type Loaded } from './load-context.js'
import { LoadReports } from './load-reports.js'
import { runLoad } from './loading.js'
import type { ResolvedEntryOptions } from './options.js'
import { Found, type Outcome } from './outcome.js'
import type { LeaseAnswer } from './ports.js'
import { Questions } from './questions.js'
import { type Deliver, Read, ReadRequest } from './read.js'
import { type RemoteAnswer, RemoteAnswers, type RemoteFinding } from './remote-answers.js'
import type { Tiers } from './tiers.js'
import type { WarmKey } from './warm-entries.js'
import { TIMED_OF, WarmReads } from './warm-reads.js'

/** What a bulk read did not find in memory, and its place in the answer. */
interface Missing {
  readonly at: number
  readonly request: ReadRequest
}

/** Times that a value may have changed between being read and its lease being asked for, within one flight. */
const MOST_CHANGES = 8
const NOTHING: Outcome = Object.freeze({ found: false })

/**
 * A `get`, top to bottom: memory, the one flight of the key, remote tier, lease, load, fill. Every way out is named
 * where it is taken, counted once and reported as one event.
 */
export class ReadPath {
  readonly #tiers: Tiers
  readonly #events: CacheEvents
  /** Asked first by those who read. */
  readonly warm: WarmReads
  readonly #failSafe: FailSafe
  readonly #reports: LoadReports
  readonly #questions: Questions
  readonly #remote: RemoteAnswers
  readonly #filling: Filling

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#events = tiers.events
    this.warm = new WarmReads(tiers)
    this.#failSafe = new FailSafe(tiers)
    this.#reports = new LoadReports(tiers)
    this.#questions = new Questions(tiers, {
      answered: (flight, bytes, confirmedAt, now) => this.#answered(flight, bytes, confirmedAt, now),
      unanswered: (flight, error) => this.#goOn(flight, this.#remote.unavailable(flight, error)),
    })
    this.#remote = new RemoteAnswers(tiers)
    this.#filling = new Filling(tiers)
  }

  /**
   * The value, or `undefined`. With `warmKey`, an entry found in memory is warm from now on: only for calls without
   * options.
   */
  read(
    key: string,
    family: Family,
    loader: BoundLoader | undefined,
    args: readonly unknown[] = NO_ARGUMENTS,
    warmKey?: WarmKey,
  ): Promise<unknown> {
    const isTimed = family.counters.memoryHits % TIMED_OF === 0
    const startedAt = isTimed ? this.#tiers.clock.monotonic() : 0
    const now = this.#questions.now()
    const request = new ReadRequest(key, hashOfKey(key), family, loader, args)
    const entry = this.#fromMemory(request, now, warmKey)
    if (isTimed && entry !== undefined) family.counters.memoryTime.record(this.#tiers.clock.monotonic() - startedAt)
    if (entry !== undefined) return Promise.resolve(this.#givenOf(entry.value))
    return new Promise((resolve, reject) => {
      const deliver = (outcome: Outcome) => resolve(outcome.found ? this.#givenOf(outcome.value) : undefined)
      this.#beyondMemory(request, now, deliver, reject)
    })
  }

  /** Values in input order. What memory holds costs no promise: there is none when it holds them all. */
  readMany(inputs: Inputs, family: Family, loader: BoundLoader | undefined): unknown[] | Promise<unknown[]> {
    const values = new Array<unknown>(inputs.length)
    const now = this.#questions.now()
    let missing: Missing[] | undefined
    for (let at = 0; at < inputs.length; at++) {
      const warmKey = inputs.warmKey(at)
      const place = this.warm.meet(warmKey, family)
      if (place !== undefined) {
        values[at] = this.warm.valueAt(place)
        continue
      }
      const key = inputs.key(warmKey)
      const request = new ReadRequest(key, hashOfKey(key), family, loader, inputs.args(at))
      const entry = this.#fromMemory(request, now, warmKey)
      if (entry !== undefined) values[at] = this.#givenOf(entry.value)
      else if (missing === undefined) missing = [{ at, request }]
      else missing.push({ at, request })
    }
    return missing === undefined ? values : this.#readMissing(missing, values, now)
  }

  /** One promise for all that memory does not hold. It rejects with the first failure. */
  #readMissing(missing: readonly Missing[], values: unknown[], now: number): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      let left = missing.length
      for (const { at, request } of missing) {
        const deliver = (outcome: Outcome) => {
          values[at] = outcome.found ? this.#givenOf(outcome.value) : undefined
          if (--left === 0) resolve(values)
        }
        this.#beyondMemory(request, now, deliver, reject)
      }
    })
  }

  /** As {@link read}, with where the value came from; `undefined` when there is none. */
  async readDetails(
    key: string,
    family: Family,
    loader: BoundLoader | undefined,
    args: readonly unknown[] = NO_ARGUMENTS,
  ): Promise<Details<unknown> | undefined> {
    const now = this.#questions.now()
    const request = new ReadRequest(key, hashOfKey(key), family, loader, args)
    const entry = this.#fromMemory(request, now)
    if (entry !== undefined) {
      const state = stateOf(entry, now)
      return { value: this.#givenOf(entry.value), state, tier: 'memory' }
    }
    const outcome = await new Promise<Outcome>((resolve, reject) => this.#beyondMemory(request, now, resolve, reject))
    if (!outcome.found) return undefined
    return { value: this.#givenOf(outcome.value), state: outcome.state, tier: outcome.tier }
  }

  /** What one reader is given. */
  #givenOf(value: unknown): unknown {
    return isolated(value, this.#tiers.options.memory.isolate)
  }

  /** What memory holds now, without asking anybody and without counting. */
  peek(key: string, family: Family, warmKey?: WarmKey): Peeked<unknown> | undefined {
    const now = this.#tiers.clock.now()
    const entry = this.#tiers.memory.peek(key, now)
    if (entry === undefined || !this.#judged(key, entry) || !this.#confirmed(entry, family.options, now))
      return undefined
    const state = stateOf(entry, now)
    if (warmKey !== undefined && state === 'fresh' && family.options.freshness === 'memory')
      this.warm.make(warmKey, key, entry, family)
    return { value: this.#givenOf(entry.value), state, tier: 'memory' }
  }

  /** 1. Memory: an entry that is fresh (or stale and throttled), valid and confirmed. */
  #fromMemory(request: ReadRequest, now: number, warmKey?: WarmKey): MemoryEntry | undefined {
    const { key, hash, family, loader } = request
    const { options, counters } = family
    if (options.freshness === 'remote') return undefined
    const entry = this.#tiers.memory.get(key, now, hash)
    if (entry === undefined || !this.#judged(key, entry)) return undefined
    if (now >= entry.freshUntil && now >= entry.retryAt && !mayRevalidate(entry, options, loader, now)) return undefined
    if (!this.#confirmed(entry, options, now)) return undefined
    counters.memoryHits++
    if (now >= entry.freshUntil) {
      counters.staleHits++
      counters.staleAge.record(now - entry.createdAt)
      if (now >= entry.retryAt) this.#takeOffBehind(request, 'stale', undefined, now)
    } else if (now >= entry.refreshAt) this.#refreshAhead(request, entry, now)
    else if (warmKey !== undefined) this.warm.make(warmKey, key, entry, family)
    if (this.#events.hearsHits) this.#reportHit(key, family, 'memory', stateOf(entry, now))
    if (this.#tiers.sampling?.isDue()) this.#giveSample(request, entry.value, 'memory', stateOf(entry, now))
    return entry
  }

  /**
   * Whether a memory entry is still covered by no tag, pattern or clear: one comparison unless something was applied
   * since.
   */
  #judged(key: string, entry: MemoryEntry): boolean {
    const { validity, memory } = this.#tiers
    if (entry.judgedAt === validity.revision) return true
    const verdict = this.#tiers.verdictOn(key, entry)
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
  #beyondMemory(request: ReadRequest, now: number, deliver: Deliver, reject: (error: unknown) => void): void {
    const { key, family } = request
    const { counters } = family
    const startedAt = this.#questions.beginning()
    try {
      checkName('key', key)
      this.#tiers.assertOpen()
    } catch (error) {
      reject(error)
      return
    }
    counters.memoryMisses++
    if (family.options.freshness === 'remote') counters.memoryBypasses++
    this.#board(new Read(this, request, startedAt, deliver, reject), undefined, now)
  }

  #board(read: Read, overtaken: Flight | undefined, now: number): void {
    const { flights, validity } = this.#tiers
    const { key, hash, family, loader } = read.request
    const under = flights.get(key, hash)
    const joinable =
      under !== undefined &&
      under !== overtaken &&
      (family.options.freshness === 'memory' || (under.catchesUp && !under.begun)) &&
      (loader === undefined || under.loader !== undefined)
    const flight = joinable ? under : this.#takeOff(read.request, undefined, now)
    read.arrivedAt = validity.revision
    read.waited = joinable ? this.#tiers.tracing?.join(flight, family.name) : undefined
    flight.board(read)
  }

  /** A read is answered by its flight, unless the answer is from before its question. Called by {@link Read}. */
  arrived(read: Read, flight: Flight, outcome: Outcome): void {
    const { request } = read
    const { key, family } = request
    const { clock, sampling } = this.#tiers
    try {
      // Applied after the flight began but before this caller came: it covers this caller, which takes another flight.
      const revision = flight.answeredAt ?? flight.revision
      if (revision < read.arrivedAt && this.#isOvertaken(key, revision, outcome)) {
        this.#board(read, flight, clock.now())
        return
      }
      this.#countOutcome(request, outcome)
      const { kept } = flight
      if (kept !== undefined) {
        flight.kept = undefined
        const now = clock.now()
        if (now >= kept.refreshAt) this.#refreshAhead(request, kept, now)
      }
      if (outcome.found && sampling?.isDue()) this.#giveSample(request, outcome.value, outcome.tier, outcome.state)
    } catch (error) {
      this.failed(read, error)
      return
    }
    family.counters.readTime.record(this.#questions.end() - read.startedAt)
    read.deliver(outcome)
  }

  failed({ request, startedAt, reject }: Read, error: unknown): void {
    const { counters } = request.family
    counters.misses++
    counters.failedReads++
    counters.readTime.record(this.#tiers.clock.monotonic() - startedAt)
    reject(error)
  }

  /**
   * Whether something applied since the flight began covers its outcome; what is only expired may still be served as
   * stale.
   */
  #isOvertaken(key: string, revision: number, outcome: Outcome): boolean {
    if (!outcome.found) return false
    const verdict = this.#tiers.validity.judgeSince(revision, key, outcome.tags)
    return verdict !== 'valid' && !(verdict === 'expired' && outcome.state === 'stale')
  }

  #countOutcome({ key, family }: ReadRequest, outcome: Outcome): void {
    const { counters } = family
    if (!outcome.found || outcome.tier === 'origin') {
      counters.misses++
      if (this.#tiers.events.listens('miss')) this.#tiers.events.emit({ type: 'miss', key, definition: family.name })
      return
    }
    if (outcome.tier === 'memory') counters.memoryHits++
    else counters.remoteHits++
    if (outcome.state === 'stale') {
      counters.staleHits++
      if (outcome.createdAt !== undefined) counters.staleAge.record(this.#tiers.clock.now() - outcome.createdAt)
    }
    if (this.#events.hearsHits) this.#reportHit(key, family, outcome.tier, outcome.state)
  }

  #reportHit(key: string, family: Family, tier: 'memory' | 'remote', state: EntryState): void {
    this.#tiers.events.emit({ type: 'hit', key, definition: family.name, tier, state })
  }

  #giveSample({ key, family, args }: ReadRequest, served: unknown, tier: TierName, state: EntryState): void {
    const { sampling, clock } = this.#tiers
    const value = this.#givenOf(served)
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

  /** A fresh value that may be due: by its share of the ttl, or by the draw of the early refresh. */
  #refreshAhead(request: ReadRequest, entry: MemoryEntry, now: number): void {
    const { refreshAhead, earlyRefresh, graceThrottle } = request.family.options
    const { memo, createdAt } = entry
    const isAhead =
      memo === undefined ||
      (refreshAhead !== undefined && now >= createdAt + (memo.expiresAt - createdAt) * refreshAhead)
    if (!isAhead && !drawsRefresh({ ...memo, beta: earlyRefresh }, now, () => this.#tiers.clock.random())) return
    // A refresh that fails is not tried again by the very next hit.
    if (this.#takeOffBehind(request, isAhead ? 'ahead' : 'early', entry, now)) entry.refreshAt = now + graceThrottle
  }

  /**
   * Behind an answer: the same flight as any read; reads that need the value meanwhile join it. `false`: there is one
   * already.
   */
  #takeOffBehind(
    request: ReadRequest,
    cause: 'ahead' | 'early' | 'stale',
    refreshed: MemoryEntry | undefined,
    now: number,
  ): boolean {
    const { flights, closing, events } = this.#tiers
    const { key, hash, family, loader } = request
    if (loader === undefined || closing || flights.get(key, hash) !== undefined) return false
    family.counters.refreshes++
    if (events.listens('refresh')) events.emit({ type: 'refresh', key, definition: family.name, cause })
    this.#takeOff(request, refreshed, now)
    return true
  }

  #takeOff(request: ReadRequest, refreshed: MemoryEntry | undefined, now: number): Flight {
    const { flights, validity, log, options } = this.#tiers
    const { key, hash, family } = request
    const flight = new Flight(key, hash, family, validity.revision, log.generation, now)
    flight.loader = request.loader
    flight.args = request.args
    flight.catchesUp = family.options.freshness === 'remote'
    flight.refreshed = refreshed
    flights.start(flight)
    flight.fallback = this.#fallbackInMemory(flight, true, now)
    this.#failSafe.settleStaleAfter(flight, options.remoteOptions.softTimeout)
    const asksAtOnce = family.options.freshness === 'memory' && this.#mayAskRemote()
    if (asksAtOnce && this.#tiers.heardWithin(family.options, now)) this.#questions.push(flight)
    else this.#goOn(flight, undefined)
    return flight
  }

  /** Whether the remote tier may be asked right now, and nothing has to be awaited or sent before. */
  #mayAskRemote(): boolean {
    const { bypassed, remote, outbox } = this.#tiers
    return !bypassed.remote && remote.state() !== 'down' && outbox.ready
  }

  /** Most flights end with the remote tier's answer. */
  #answered(flight: Flight, bytes: Uint8Array | undefined, confirmedAt: number, now: number): void {
    let found: RemoteAnswer | Promise<RemoteAnswer>
    try {
      found = this.#remote.judge(flight, bytes, confirmedAt, now)
      if (found instanceof Promise) found = found.catch((error) => this.#remote.unavailable(flight, error))
      else if (found.state === 'fresh' && isNews(flight, found.entry)) {
        this.#land(flight, this.#keepRemote(flight, found, now))
        return
      }
    } catch (error) {
      found = Promise.reject(error)
    }
    this.#goOn(flight, found)
  }

  /** The end of a flight: readers that come from now on take another, those that wait are answered. */
  #land(flight: Flight, outcome: Outcome): void {
    if (flight.softTimer !== undefined) this.#tiers.clock.clearTimeout(flight.softTimer)
    this.#tiers.flights.end(flight)
    flight.settle(outcome)
    flight.letGo()
  }

  /** All that a flight may have to do, with what the remote tier has answered already. */
  #goOn(flight: Flight, first: RemoteAnswer | Promise<RemoteAnswer> | undefined): void {
    flight.work = this.#fly(flight, first)
    flight.work.then(
      (outcome) => this.#land(flight, outcome),
      (error) => {
        this.#tiers.flights.end(flight)
        flight.fail(error)
        flight.letGo()
      },
    )
  }

  /** 3. The flight. Whatever stops it, fail-safe: stale rather than nothing, and no new attempt for a while. */
  async #fly(flight: Flight, first: RemoteAnswer | Promise<RemoteAnswer> | undefined): Promise<Outcome> {
    try {
      return await this.#seek(flight, first)
    } catch (error) {
      const stale = flight.overdue || this.#tiers.closing ? undefined : this.#failSafe.afterFailure(flight)
      if (stale === undefined) throw error
      return stale
    } finally {
      flight.claims = false
      this.#tiers.clock.clearTimeout(flight.softTimer)
    }
  }

  /** Remote tier, no other load of the key here, bulkhead, lease, load, fill. */
  async #seek(flight: Flight, first: RemoteAnswer | Promise<RemoteAnswer> | undefined): Promise<Outcome> {
    const { clock, waiters } = this.#tiers
    const { key, family, loader } = flight
    const { options } = family
    let askedAt: number | undefined
    let changes = 0
    let place: Place | undefined
    let answer = first
    try {
      for (;;) {
        if (answer === undefined) flight.outdated = false
        const found = await (answer ?? this.#remote.read(flight))
        answer = undefined
        if (found.state === 'fresh' && isNews(flight, found.entry)) return this.#keepRemote(flight, found, clock.now())
        const isFound = found.state === 'fresh' || found.state === 'stale'
        if (isFound && found.entry.grace > 0 && !family.refusesStale && !flight.outdated)
          flight.fallback = youngerOf(flight.fallback, this.#fallbackFrom(flight, found))
        if (loader === undefined) return NOTHING
        if (found.state === 'unavailable') flight.lastResort = this.#fallbackInMemory(flight, false, clock.now())
        const throttled =
          found.state === 'stale' && this.#failSafe.failedLately(key) ? this.#failSafe.stale(flight) : undefined
        if (throttled !== undefined) return throttled
        if (askedAt === undefined) {
          askedAt = clock.now()
          const isLagging = found.state === 'stale' && isWithinRevalidation(found.entry, options, askedAt)
          this.#failSafe.settleStaleAfter(flight, isLagging ? 0 : options.softTimeout)
        }

        const underWay = this.#loadUnderWay(flight)
        if (underWay !== undefined) {
          place?.leave()
          place = undefined
          const outcome = await this.#outcomeOf(underWay, flight)
          if (outcome !== undefined) return outcome
          continue
        }
        place ??= this.#enter(key, family)
        if (!place.admitted) {
          await this.#turnOf(place, key, askedAt + options.hardTimeout)
          // What was true before the wait need not be true any more.
          continue
        }

        flight.claims = true
        if (found.state === 'unavailable') return await this.#load(flight, loader, askedAt, undefined)
        const token = this.#tiers.newLeaseToken()
        const leaseEnd = waiters.listen(key)
        try {
          family.counters.leases++
          const lease = await this.#takeLease(flight, token)
          if (lease === 'unavailable') return await this.#load(flight, loader, askedAt, undefined)
          if (lease.granted) return await this.#load(flight, loader, askedAt, token)
          // If what is read never equals what is in place (a proxy that alters bytes), asking again would never end:
          // load without a lease.
          if (lease.changed && ++changes === MOST_CHANGES) return await this.#load(flight, loader, askedAt, undefined)
          flight.claims = false
          place.leave()
          place = undefined
          // Filled since it was read: there is nothing to load, and nobody to wait for.
          if (lease.changed) continue
          family.counters.leaseWaits++
          // Another node is loading: a stale value now beats a fresh one later.
          const stale = this.#failSafe.stale(flight)
          if (stale !== undefined) return stale
          this.#tiers.assertOpen()
          const patience = flight.startedAt + options.hardTimeout - clock.now()
          if (patience <= 0) throw tooLate(`${show(key)} was not loaded by another node`, key, options)
          await leaseEnd.within(Math.min(lease.remainingMs, patience))
        } finally {
          leaseEnd.cancel()
        }
      }
    } finally {
      place?.leave()
    }
  }

  /**
   * The load of the key that this process has under way, however late: there is no other beside it, unless an
   * invalidation overtook it. Of loads that outlive their time and are overtaken there are never more than two.
   */
  #loadUnderWay(flight: Flight): Flight | undefined {
    const claiming = this.#tiers.flights.claiming(flight)
    if (claiming.length === 0) return undefined
    const holds = (one: Flight) => !one.fenced && !this.#isCovered(one)
    const overdue = claiming.filter((one) => one.overdue)
    return claiming.find(holds) ?? (overdue.length > 1 ? overdue[0] : undefined)
  }

  /** Whether something applied since the load began covers whatever it brings: all of its definition, for one. */
  #isCovered({ revision, key, family }: Flight): boolean {
    return this.#tiers.validity.judgeSince(revision, key, this.#tiers.tagsOf(family, key, [])) !== 'valid'
  }

  /**
   * Waits for what another flight loads, within the hard timeout; `undefined`: it is not for this one, which must look
   * again.
   */
  async #outcomeOf(underWay: Flight, flight: Flight): Promise<Outcome | undefined> {
    const { clock } = this.#tiers
    const { key, family } = flight
    const stale = underWay.overdue ? this.#failSafe.stale(flight) : undefined
    if (stale !== undefined) return stale
    const patience = flight.startedAt + family.options.hardTimeout - clock.now()
    const ended = await within(
      clock,
      Math.max(0, patience),
      underWay.work.catch(() => undefined),
    )
    if (ended === 'late') throw tooLate(`${show(key)} is still being loaded and was not`, key, family.options)
    this.#tiers.assertOpen()
    const isForThisFlight = !flight.catchesUp || underWay.beganLoading > flight.tookOff
    if (ended === undefined || !ended.found || underWay.fenced || !isForThisFlight) return undefined
    flight.revision = underWay.revision
    return ended
  }

  #enter(key: string, family: Family): Place {
    try {
      return family.bulkhead.enter()
    } catch (error) {
      this.#reports.overloaded([key], family.bulkhead, family)
      throw error
    }
  }

  /** Resolves when it is the turn of this place; it gives up at `until` (wall time), and when the cache is closed. */
  async #turnOf(place: Place, key: string, until: number): Promise<void> {
    const { clock } = this.#tiers
    if ((await within(clock, Math.max(0, until - clock.now()), place.turn)) === 'late')
      throw new CacheTimeoutError('load-timeout', `loading ${show(key)} did not get its turn in time`, { key })
    this.#tiers.assertOpen()
  }

  async #takeLease(flight: Flight, token: string): Promise<LeaseAnswer | 'unavailable'> {
    const { remote, options, without, flights } = this.#tiers
    const { key, seen } = flight
    if (without.lease) return { granted: true }
    try {
      // Other flights that claim this key were overtaken, or this one would have waited for them. Their leases must not
      // block it.
      for (const { token: overtaken } of flights.claiming(flight))
        if (overtaken !== undefined) await remote.release(key, overtaken)
      return await remote.acquire(key, token, options.remoteOptions.lease, seen)
    } catch (error) {
      this.#tiers.failed('acquire', error, key)
      return 'unavailable'
    }
  }

  /** Fresh in the remote tier: fill memory unless an invalidation overtook the flight. */
  #keepRemote(flight: Flight, { entry, confirmedAt, judgedAt }: RemoteFinding, now: number): Outcome {
    // Decoded for this flight alone: memory can keep it as it is, frozen where that is asked for.
    if (this.#tiers.options.memory.isolate === 'freeze') stored(flight.key, entry.value, 'freeze')
    if (!flight.fenced) {
      const remembered = this.#filling.remember(flight, entry, judgedAt, confirmedAt, now)
      // Infinity: it is not refreshed ahead.
      if (remembered.refreshAt < Number.POSITIVE_INFINITY) flight.kept = remembered
    }
    // The flight's revision is where its result was judged: callers that came before need not ask again.
    flight.revision = judgedAt
    return new Found(entry.value, 'fresh', 'remote', entry.tags)
  }

  /**
   * 4. Load under the lease (or without one when the remote tier is away), to its real end, and fill: see
   * {@link Filling}.
   */
  async #load(flight: Flight, loader: BoundLoader, askedAt: number, token: string | undefined): Promise<Outcome> {
    const { clock, log, validity, without } = this.#tiers
    const { key, family } = flight
    // The load begins now: what was applied until now cannot overtake it.
    const asOf = log.applied
    const proof = { judgedAt: validity.revision, confirmedAt: clock.now() }
    if (!without.fence) flight.fenced = false
    flight.begun = true
    flight.beganLoading = nextMoment()
    flight.revision = proof.judgedAt
    flight.generation = log.generation

    flight.token = token
    const isOvertaken = () => this.#isCovered(flight)
    const renewal = token === undefined ? undefined : keepLease(this.#tiers, flight, token, isOvertaken)
    const startedAt = clock.monotonic()
    family.counters.loads++
    try {
      const loaded = await this.#callLoader(flight, loader, askedAt)
      const durationMs = clock.monotonic() - startedAt
      const { value, decisions } = loaded
      this.#reports.loaded(flight, durationMs, decisions.notModified)
      return await this.#filling.fill(flight, { value, decisions, durationMs }, { token, asOf, proof })
    } catch (error) {
      const durationMs = clock.monotonic() - startedAt
      if (flight.overdue) this.#reports.abandoned(flight, durationMs, error)
      else this.#reports.failed(flight, durationMs, error)
      if (token !== undefined) this.#filling.release(key, token)
      throw error
    } finally {
      renewal?.stop()
    }
  }

  #callLoader(flight: Flight, loader: BoundLoader, askedAt: number): Promise<Loaded> {
    const { clock } = this.#tiers
    const { key, family, args } = flight
    const previous = this.#failSafe.previousOf(flight)
    const startedAt = clock.monotonic()
    let context: LoadContext | undefined
    return runLoad({
      flight,
      clock,
      askedAt,
      attempt: async (signal) => {
        const given = new LoadContext(key, signal, previous)
        context = given
        const { tracing } = this.#tiers
        const loaded = tracing?.load(flight, key, family.name, async () => loader(given, args)) ?? loader(given, args)
        const value = LoadContext.meantBy(given, await loaded)
        return { value, decisions: context.decisions }
      },
      onRetry: (attempt, error) => this.#reports.retried(flight, attempt, error),
      onOverdue: (error) => {
        family.counters.loadTimeouts++
        this.#reports.failed(flight, clock.monotonic() - startedAt, error)
        this.#tiers.flights.outlived(flight)
        this.#failSafe.answerEarly(flight, this.#failSafe.afterFailure(flight))
        flight.fail(error)
      },
      onGivenUp: () => context !== undefined && LoadContext.lose(context),
    })
  }

  /**
   * The value that memory may fall back on within grace. Unconfirmed ones only when the remote tier is away and cannot
   * disprove them, and never under the policy `bypass`.
   */
  #fallbackInMemory({ key, hash, family }: Flight, confirmed: boolean, now: number): Fallback | undefined {
    const { options } = family
    if (family.refusesStale || options.freshness === 'remote') return undefined
    const entry = this.#tiers.memory.peek(key, now, hash)
    if (entry === undefined || entry.grace === 0 || !this.#judged(key, entry)) return undefined
    const mustBeConfirmed = confirmed || options.onPartition === 'bypass'
    return mustBeConfirmed && !this.#confirmed(entry, options, now) ? undefined : { entry, tier: 'memory' }
  }

  /** What the remote tier holds past its ttl (or due for refreshing), as memory would keep it. */
  #fallbackFrom(flight: Flight, found: RemoteFinding): Fallback {
    const proof = {
      judgedAt: found.judgedAt,
      generation: flight.generation,
      confirmedAt: found.confirmedAt,
    }
    const entry = this.#tiers.entries.forMemory(found.entry, flight.family.options, proof)
    if (found.state === 'stale') entry.freshUntil = 0
    return { entry, tier: 'remote' }
  }
}

function tooLate(what: string, key: string, { hardTimeout }: ResolvedEntryOptions): CacheTimeoutError {
  return new CacheTimeoutError('load-timeout', `${what} within ${hardTimeout} ms`, { key })
}

function youngerOf(a: Fallback | undefined, b: Fallback): Fallback {
  return a === undefined || b.entry.createdAt > a.entry.createdAt ? b : a
}

/** A flight that refreshes is ended only by something younger. */
function isNews(flight: Flight, entry: Entry): boolean {
  return flight.refreshed === undefined || entry.createdAt > flight.refreshed.createdAt
}
