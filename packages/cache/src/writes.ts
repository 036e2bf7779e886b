import { conforms } from './conforms.js'
import type { Entry } from './entry.js'
import { expiryOf } from './entry-making.js'
import { CacheError, reasonOf, show } from './errors.js'
import type { Family } from './family.js'
import { Flight } from './flights.js'
import { type InvalidationTarget, operationsOf } from './invalidation-target.js'
import { stored } from './isolation.js'
import { checkName, hashOfKey } from './keys.js'
import { OPERATIONS_PER_COMMIT } from './outbox.js'
import type { LogPosition, Operation } from './ports.js'
import type { Tiers } from './tiers.js'

/** The acknowledgement of a write or invalidation. */
export interface Receipt {
  /** Its place in the invalidation log; `undefined` until it could be logged. */
  readonly seq: number | undefined
  /**
   * The other nodes have been told. When `false` it is done here and waits in the recovery queue for the remote tier.
   */
  readonly propagated: boolean
}

/** A value to be set, with the tags of its own. */
export interface Assignment {
  readonly key: string
  readonly value: unknown
  readonly tags: readonly string[]
}

/** Writes and invalidations: what they do here at once, and what they send to the log. */
export class Writes {
  readonly #tiers: Tiers
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(tiers: Tiers) {
    this.#tiers = tiers
  }

  /** Resolves when nothing is under way any more, including what those under way go on to write. Never rejects. */
  async ended(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  /**
   * Writes values to every tier. A set under way is a flight that can be fenced: when another write or an invalidation
   * of the key overlaps, the value is not kept in memory, so that memory never disagrees with the order of the log.
   */
  set(assignments: readonly Assignment[], family: Family): Promise<Receipt> {
    return this.#follow(this.#set(assignments, family))
  }

  async #set(assignments: readonly Assignment[], family: Family): Promise<Receipt> {
    const { codec, log, outbox, remote } = this.#tiers
    for (const { key } of assignments) checkName('key', key)
    await this.#checkSchema(assignments, family)
    if (!outbox.ready) await outbox.becomeReady()
    const asOf = log.applied
    const written = assignments.map(({ key, value, tags }) => {
      const entry = this.#tiers.entries.make(
        stored(key, value, this.#tiers.options.memory.isolate),
        family.options,
        this.#tiers.tagsOf(family, key, tags),
        asOf,
      )
      return { key, entry, bytes: codec.encode(entry, key), expiresInMs: expiryOf(entry) }
    })
    const flights = written.map(({ key }) => this.#beginWrite(key, family))
    family.counters.sets += written.length
    let receipt: Receipt = { seq: undefined, propagated: remote.state() !== 'down' }
    try {
      for (let at = 0; at < written.length; at += OPERATIONS_PER_COMMIT) {
        const values = written.slice(at, at + OPERATIONS_PER_COMMIT)
        receipt = receiptOf(
          await outbox.issue({ values, operations: values.map(({ key }) => ({ type: 'set', key })) }),
          receipt,
          at === 0,
        )
      }
      // An invalidation that was issued while the set was under way covers its value, wherever the log has put it.
      const overtaken = written.filter((_, index) => flights[index]?.invalidated).map(({ key }) => key)
      if (overtaken.length > 0) receipt = await this.invalidate({ keys: overtaken }, family)
      for (const [index, { key, entry }] of written.entries()) {
        const flight = flights[index] as Flight
        // Loads and remote reads that began before the write was done may hold the old value.
        const overlapped = flight.fenced
        this.#tiers.flights.end(flight)
        this.#fence(key)
        if (overlapped) this.#tiers.memory.delete(key)
        else this.#remember(flight, entry)
        this.#reportSet(key, family, receipt.seq)
      }
    } finally {
      for (const flight of flights) this.#tiers.flights.end(flight)
    }
    return receipt
  }

  /**
   * Write-through: `write` goes to the origin first, then the value into the tiers. The lease is seized before, so that
   * of two overlapping writers neither can leave the older value behind: whose lease is gone deletes instead of
   * storing. What cannot be stored is refused before the origin is touched.
   */
  through(assignment: Assignment, family: Family, write: () => Promise<void>): Promise<Receipt> {
    return this.#follow(this.#through(assignment, family, write))
  }

  async #through(assignment: Assignment, family: Family, write: () => Promise<void>): Promise<Receipt> {
    const { codec, log, outbox, remote, options } = this.#tiers
    const { key, value, tags } = assignment
    checkName('key', key)
    await this.#checkSchema([assignment], family)
    if (!outbox.ready) await outbox.becomeReady()
    const kept = stored(key, value, options.memory.isolate)
    const entry = this.#tiers.entries.make(kept, family.options, this.#tiers.tagsOf(family, key, tags), log.applied)
    const bytes = codec.encode(entry, key)
    const token = this.#tiers.newLeaseToken()
    const seized = outbox.ready && (await this.#seize(key, token, family.options.hardTimeout))
    try {
      await write()
    } catch (cause) {
      if (seized) remote.release(key, token).catch((error) => this.#tiers.failed('release', error, key))
      throw new CacheError('write-failed', `writing ${show(key)} failed: ${reasonOf(cause)}`, { cause, key })
    }
    family.counters.sets++
    const values = seized ? [{ key, token, bytes, expiresInMs: expiryOf(entry) }] : []
    this.#drop(key)
    const position = await outbox.issue({
      values,
      operations: [seized ? { type: 'set', key } : { type: 'key', key, mode: 'delete' }],
    })
    this.#drop(key)
    this.#reportSet(key, family, position?.seq)
    return { seq: position?.seq, propagated: position !== undefined }
  }

  /** Invalidates what the target names. */
  invalidate(target: InvalidationTarget, family: Family): Promise<Receipt> {
    return this.issue(operationsOf(target, this.#tiers.compilePattern), family)
  }

  clear(): Promise<Receipt> {
    return this.issue([{ type: 'clear' }], undefined)
  }

  /** Sends operations to the log, which applies them here too. */
  issue(operations: readonly Operation[], family: Family | undefined): Promise<Receipt> {
    return this.#follow(this.#issue(operations, family))
  }

  async #issue(operations: readonly Operation[], family: Family | undefined): Promise<Receipt> {
    const { clock, outbox, events, counters } = this.#tiers
    const startedAt = clock.monotonic()
    const counted = family?.counters ?? counters.of('')
    counted.invalidations += operations.length
    let receipt: Receipt = { seq: undefined, propagated: true }
    for (let at = 0; at < operations.length; at += OPERATIONS_PER_COMMIT) {
      receipt = receiptOf(
        await outbox.issue({ values: [], operations: operations.slice(at, at + OPERATIONS_PER_COMMIT) }),
        receipt,
        at === 0,
      )
    }
    if (events.listens('invalidate')) {
      const durationMs = clock.monotonic() - startedAt
      events.emit({ type: 'invalidate', operations, seq: receipt.seq, propagated: receipt.propagated, durationMs })
    }
    return receipt
  }

  #follow<T>(work: Promise<T>): Promise<T> {
    const end = () => void this.#underWay.delete(work)
    this.#underWay.add(work)
    work.then(end, end)
    return work
  }

  async #checkSchema(assignments: readonly Assignment[], family: Family): Promise<void> {
    for (const { key, value } of assignments) {
      if (!(await conforms(family.schema, value))) {
        throw new CacheError(
          'invalid-argument',
          `set: the value for ${show(key)} does not conform to the schema of '${family.name}'`,
          { key },
        )
      }
    }
  }

  #beginWrite(key: string, family: Family): Flight {
    const { flights, validity, log, clock } = this.#tiers
    // A write that is under way for the same key is overlapped by this one, and this one by it.
    const overlaps = flights.fenceWrites(key)
    const flight = new Flight(key, hashOfKey(key), family, validity.revision, log.generation, clock.now())
    flight.fenced = overlaps
    flights.startWrite(flight)
    return flight
  }

  async #seize(key: string, token: string, forMs: number): Promise<boolean> {
    try {
      await this.#tiers.remote.seize(key, token, Math.min(forMs, LONGEST_SEIZURE_MS))
      return true
    } catch (error) {
      this.#tiers.failed('seize', error, key)
      return false
    }
  }

  #drop(key: string): void {
    this.#fence(key)
    this.#tiers.memory.delete(key)
  }

  #fence(key: string): void {
    if (!this.#tiers.without.fence) this.#tiers.flights.fence(key, 'write')
  }

  #remember({ key, family, revision, generation, startedAt }: Flight, entry: Entry): void {
    const proof = { judgedAt: revision, generation, confirmedAt: startedAt }
    this.#tiers.keep(key, this.#tiers.entries.forMemory(entry, family.options, proof))
  }

  #reportSet(key: string, family: Family, seq: number | undefined): void {
    if (this.#tiers.events.listens('set')) this.#tiers.events.emit({ type: 'set', key, definition: family.name, seq })
  }
}

const LONGEST_SEIZURE_MS = 60_000

/** Of several commits the last seq counts, and all must have been logged. */
function receiptOf(position: LogPosition | undefined, before: Receipt, first: boolean): Receipt {
  return { seq: position?.seq, propagated: position !== undefined && (first || before.propagated) }
}
