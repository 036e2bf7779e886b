import { Batch } from './batches.js'
import { conforms } from './conforms.js'
import type { Entry, MemoryEntry } from './entry.js'
import { expiryOf } from './entry-making.js'
import type { CacheEventOf } from './events.js'
import type { Flight } from './flights.js'
import { stored } from './isolation.js'
import type { Loaded } from './load-context.js'
import { Found, type Outcome } from './outcome.js'
import type { LogPosition } from './ports.js'
import type { Tiers } from './tiers.js'

/**
 * The end of a load: its value goes into the tiers, unless an invalidation, a lost lease or the loader itself forbids
 * it.
 */
export class Filling {
  readonly #tiers: Tiers
  readonly #fills: Batch<{ key: string; token: string; bytes: Uint8Array; expiresInMs: number }, boolean>

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#fills = new Batch((values) => tiers.remote.fill(values))
  }

  /**
   * Stores what was loaded: in the remote tier if the lease is still ours, in memory unless an invalidation overtook
   * the flight. Returns it to the readers in any case.
   */
  async fill(
    flight: Flight,
    { value, decisions, durationMs }: Loaded & { readonly durationMs: number },
    load: { token: string | undefined; asOf: LogPosition; proof: { judgedAt: number; confirmedAt: number } },
  ): Promise<Outcome> {
    const { key, family } = flight
    const { ttl, tags: added, skipped, etag } = decisions
    const tags = this.#tiers.tagsOf(family, key, added)
    const release = () => {
      if (load.token !== undefined) this.release(key, load.token)
    }
    let kept: unknown
    try {
      kept = stored(key, value, this.#tiers.options.memory.isolate)
    } catch (error) {
      release()
      this.#reportUnstorable(flight, error)
      return new Found(value, 'fresh', 'origin', tags)
    }
    const outcome = new Found(kept, 'fresh', 'origin', tags)
    if (skipped) {
      release()
      this.#reportRefusal(flight, 'skipped')
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
      this.#reportRefusal(flight, 'fenced')
      return outcome
    }
    const loadMs = family.options.earlyRefresh > 0 ? durationMs : undefined
    const entry = this.#tiers.entries.make(kept, family.options, tags, load.asOf, { ttl, etag, loadMs })
    const bytes = load.token === undefined ? undefined : this.#encoded(flight, entry)
    if (bytes === undefined) release()
    else if (load.token !== undefined) {
      try {
        const filled = await this.#fillRemote(flight, load.token, bytes, entry)
        if (!filled) {
          family.counters.fencedLoads++
          this.#reportRefusal(flight, 'lease-lost')
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
    if (flight.fenced) this.#reportRefusal(flight, 'fenced')
    else this.remember(flight, entry, load.proof.judgedAt, load.proof.confirmedAt, this.#tiers.clock.now())
    return outcome
  }

  /** `undefined` for a value that cannot be stored, such as one with a function in it: only memory can hold it. */
  #encoded(flight: Flight, entry: Entry): Uint8Array | undefined {
    try {
      return this.#tiers.codec.encode(entry, flight.key)
    } catch (error) {
      this.#reportUnstorable(flight, error)
      return undefined
    }
  }

  #reportUnstorable(flight: Flight, error: unknown): void {
    const { key, family } = flight
    this.#tiers.logger.warn({ key, definition: family.name, err: error }, 'a loaded value cannot be stored')
    this.#reportRefusal(flight, 'unstorable')
  }

  /** `false` when the lease was gone. */
  async #fillRemote({ key }: Flight, token: string, bytes: Uint8Array, entry: Entry): Promise<boolean> {
    const { log, outbox, remote, clock, without } = this.#tiers
    // A node that may have missed an invalidation must not fill behind the back of the sweep that follows it. The sweep
    // waits as long as the cache may be stale, whatever the family of this entry puts up with.
    const { maxStaleness } = this.#tiers.options.defaults
    const isHeard = () => log.confirmedAt >= clock.now() - maxStaleness
    if (!isHeard()) await log.heartbeat()
    if (!outbox.ready || !isHeard()) {
      this.release(key, token)
      return true
    }
    if (without.lease) await remote.seize(key, token, this.#tiers.options.remoteOptions.lease)
    return this.#fills.add({ key, token, bytes, expiresInMs: expiryOf(entry) })
  }

  /** Keeps an entry in memory, with what is known of its validity. */
  remember(
    { key, hash, family, generation }: Flight,
    entry: Entry,
    judgedAt: number,
    confirmedAt: number,
    now: number,
  ): MemoryEntry {
    const proof = { judgedAt, generation, confirmedAt }
    const kept = this.#tiers.entries.forMemory(entry, family.options, proof, now)
    this.#tiers.keep(key, kept, now, hash)
    return kept
  }

  #reportRefusal({ key, family }: Flight, reason: CacheEventOf<'fill-refused'>['reason']): void {
    if (this.#tiers.events.listens('fill-refused'))
      this.#tiers.events.emit({ type: 'fill-refused', key, definition: family.name, reason })
  }

  /** Gives the lease back unused. */
  release(key: string, token: string): void {
    this.#tiers.remote.release(key, token).catch((error) => this.#tiers.failed('release', error, key))
  }
}
