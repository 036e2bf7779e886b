import { Batch } from './batches.js'
import { conforms } from './conforms.js'
import type { Entry, EntryState } from './entry.js'
import { reasonOf } from './errors.js'
import type { Flight } from './flights.js'
import type { LogPosition } from './ports.js'
import type { Tiers } from './tiers.js'

/** What the remote tier had to say about a key. */
export type RemoteAnswer =
  | RemoteFinding
  | { readonly state: 'absent' }
  /** It did not answer, or must not be asked before what was issued here has been sent. */
  | { readonly state: 'unavailable' }

/** An answer with an entry. */
export class RemoteFinding {
  readonly state: EntryState
  readonly entry: Entry
  readonly confirmedAt: number
  readonly judgedAt: number

  constructor(state: EntryState, entry: Entry, confirmedAt: number, judgedAt: number) {
    this.state = state
    this.entry = entry
    this.confirmedAt = confirmedAt
    this.judgedAt = judgedAt
  }
}

const ABSENT: RemoteAnswer = Object.freeze({ state: 'absent' })

/**
 * What the remote tier answers to flights, decoded and judged: by its age, its schema, and the invalidations that could
 * cover it.
 */
export class RemoteAnswers {
  readonly #tiers: Tiers
  readonly #reads: Batch<Flight, Uint8Array | undefined>
  readonly #readsWithHead: Batch<
    Flight,
    { bytes: Uint8Array | undefined; head: LogPosition; sentAt: number; before: LogPosition }
  >

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
  }

  /** Reads one key and judges what comes. Never rejects: a failure of the tier is `unavailable`. */
  async read(flight: Flight): Promise<RemoteAnswer> {
    const { log, outbox, clock, remote } = this.#tiers
    const { counters, options } = flight.family
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
      return await this.judge(flight, bytes, confirmedAt, clock.now())
    } catch (error) {
      return this.unavailable(flight, error)
    }
  }

  /** The tier failed: counted and told. */
  unavailable(flight: Flight, error: unknown): RemoteAnswer {
    flight.begun = true
    flight.family.counters.remoteErrors++
    if (this.#tiers.events.listens('remote-error'))
      this.#tiers.events.emit({ type: 'remote-error', operation: 'get', key: flight.key, error })
    return { state: 'unavailable' }
  }

  /** What was read for a flight, judged; a promise when more has to be known first. */
  judge(
    flight: Flight,
    bytes: Uint8Array | undefined,
    confirmedAt: number,
    now: number,
  ): RemoteAnswer | Promise<RemoteAnswer> {
    flight.seen = bytes ?? 'absent'
    if (bytes === undefined) return ABSENT
    const decoded = this.#decode(flight, bytes)
    if (decoded === undefined) return ABSENT
    if (decoded instanceof Promise) return this.#learnAndJudge(flight, decoded, confirmedAt)
    const entry = this.#tagged(flight, decoded)
    return flight.family.schema === undefined && this.#tiers.validity.knows(entry.tags)
      ? this.#verdict(flight, entry, confirmedAt, now)
      : this.#learnAndJudge(flight, entry, confirmedAt)
  }

  /** With its implicit tag: who stored the entry need not have known of the definition. */
  #tagged({ key, family }: Flight, entry: Entry): Entry {
    const implicit = this.#tiers.implicitTagOf(family, key)
    if (implicit === '' || entry.tags[0] === implicit || entry.tags.includes(implicit)) return entry
    return { ...entry, tags: [implicit, ...entry.tags] }
  }

  async #learnAndJudge(
    flight: Flight,
    decoded: Entry | Promise<Entry | undefined>,
    confirmedAt: number,
  ): Promise<RemoteAnswer> {
    const { log, validity, events } = this.#tiers
    const { key, family } = flight
    const stored = await decoded
    if (stored === undefined) return ABSENT
    const entry = this.#tagged(flight, stored)
    if (!(await conforms(family.schema, entry.value))) {
      events.emit({ type: 'schema-mismatch', key, definition: family.name })
      return ABSENT
    }
    const unknown = validity.unknownTags(entry.tags)
    if (unknown.length > 0) {
      const known = await log.lookUp(unknown)
      validity.learn(unknown, known.tags, known.floor)
    }
    return this.#verdict(flight, entry, confirmedAt, this.#tiers.clock.now())
  }

  #verdict(flight: Flight, entry: Entry, confirmedAt: number, now: number): RemoteAnswer {
    const { outbox, validity } = this.#tiers
    // Something issued here meanwhile could not be logged: the table by seq does not know of it.
    if (!outbox.ready) return { state: 'unavailable' }
    // What is applied from here on has not been held against it.
    const judgedAt = validity.revision
    const verdict = validity.judgeRemote(flight.key, entry)
    if (verdict === 'deleted' || (verdict === 'expired' && entry.grace === 0)) return ABSENT
    const age = now - entry.createdAt
    if (age >= entry.ttl + entry.grace) return ABSENT
    const state = verdict === 'valid' && age < entry.ttl ? 'fresh' : 'stale'
    return new RemoteFinding(state, entry, confirmedAt, judgedAt)
  }

  #decode(flight: Flight, bytes: Uint8Array): Entry | undefined | Promise<Entry | undefined> {
    try {
      const entry = this.#tiers.codec.decode(bytes, flight.key)
      return entry instanceof Promise ? entry.catch((error) => this.#damaged(flight, error)) : entry
    } catch (error) {
      return this.#damaged(flight, error)
    }
  }

  #damaged({ key, family }: Flight, error: unknown): undefined {
    family.counters.damagedValues++
    const reason = reasonOf(error)
    this.#tiers.logger.warn({ key, reason }, 'a damaged value in the remote tier was treated as a miss')
    this.#tiers.events.emit({ type: 'damaged', key, definition: family.name, reason })
  }
}
