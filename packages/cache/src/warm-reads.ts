import type { Peeked } from './call-options.js'
import type { RecentTime } from './clock.js'
import type { MemoryEntry } from './entry.js'
import type { CacheEvents } from './events.js'
import type { Family } from './family.js'
import type { InvalidationLog } from './invalidation-log.js'
import { isolated } from './isolation.js'
import type { MemoryTier } from './ports.js'
import type { ValidityTable } from './tags.js'
import type { Tiers } from './tiers.js'
import { WarmEntries, type WarmKey } from './warm-entries.js'

/** One memory hit in 128 is timed: the clock costs more than the hit. */
export const TIMED_OF = 128

/**
 * The reads of warm entries, which is all that most reads of a busy cache do. What was judged once, by `ReadPath`,
 * still stands: the full key is not made, nothing is judged and nothing is allocated.
 *
 * What a hit depends on beside the entry (the time, the log, who listens) is looked at by the first read of a burst,
 * for those that follow. Code that changes any of it interrupts the burst: see {@link RecentTime}.
 */
export class WarmReads {
  readonly #tiers: Tiers
  // All that a hit looks at, within one step's reach.
  readonly #memory: MemoryTier
  readonly #events: CacheEvents
  readonly #validity: ValidityTable
  readonly #log: InvalidationLog
  readonly #recent: RecentTime
  readonly #entries: WarmEntries
  /** Whether somebody hears of hits, as of the last look. */
  #isHeard = false
  /** Warm hits that were not timed since one was. */
  #untimed = 0
  /** The least `maxStaleness` of all families that have had warm entries. */
  #strictest = Number.POSITIVE_INFINITY

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#memory = tiers.memory
    this.#events = tiers.events
    this.#validity = tiers.validity
    this.#log = tiers.log
    this.#recent = tiers.recent
    this.#entries = new WarmEntries(tiers.memory.figures().maxEntries)
  }

  /**
   * The answer of a warm entry, or `undefined`: `ReadPath.read` decides then. This is all that most reads of a busy
   * cache do: what was found before still stands, so that the full key is not made, nothing is judged, and nothing is
   * allocated.
   */
  answer(warmKey: WarmKey, family: Family): Promise<unknown> | undefined {
    const place = this.meet(warmKey, family)
    return place === undefined ? undefined : (this.#entries.answers[place] ?? this.#copyAt(place))
  }

  /** What memory holds of a warm entry, without counting; `undefined` when `ReadPath.peek` must look. */
  peek(warmKey: WarmKey, family: Family): Peeked<unknown> | undefined {
    const place = family.warm.get(warmKey)
    if (place === undefined) return undefined
    const recent = this.#recent
    if (recent.tick >= this.#entries.untils[place]!) return undefined
    if (--recent.left >= 0) recent.discount()
    else if (!this.#look(place, family)) return undefined
    return { value: this.valueAt(place), state: 'fresh', tier: 'memory' }
  }

  /** The place of a warm entry that still stands, counted as a hit. */
  meet(warmKey: WarmKey, family: Family): number | undefined {
    const place = family.warm.get(warmKey)
    if (place === undefined) return undefined
    const recent = this.#recent
    const warm = this.#entries
    if (recent.tick >= warm.untils[place]!) return undefined
    if (--recent.left < 0) return this.#lookAndMeet(place, family)
    family.counters.memoryHits++
    if (this.#isHeard) this.#report(place, family)
    this.#memory.touch(warm.slots[place]!)
    return place
  }

  /** As {@link meet}, by the first read of many, or the only one. One in 128 is timed, those that go by counted in. */
  #lookAndMeet(place: number, family: Family): number | undefined {
    const { clock, sampling } = this.#tiers
    const isTimed = this.#untimed >= TIMED_OF
    const startedAt = isTimed ? clock.monotonic() : 0
    if (!this.#look(place, family) || sampling?.unclaimed === 0) return undefined
    sampling?.pass(1)
    this.#untimed++
    family.counters.memoryHits++
    if (this.#isHeard) this.#report(place, family)
    this.#memory.touch(this.#entries.slots[place]!)
    if (isTimed) {
      this.#untimed %= TIMED_OF
      family.counters.memoryTime.record(clock.monotonic() - startedAt)
    }
    return place
  }

  /**
   * Whether a warm entry stands: not past its time, nothing that it was judged by has changed, and the log is heard as
   * its family asks for. All but the first holds for the reads that go by until the next look as well; what changes it
   * interrupts them.
   */
  #look(place: number, family: Family): boolean {
    const recent = this.#recent
    const warm = this.#entries
    const log = this.#log
    const { sampling } = this.#tiers
    const passed = recent.look()
    this.#untimed += passed
    this.#isHeard = this.#events.hearsHits
    // Each of these only ever grows.
    const stamp = this.#validity.revision + log.generation + recent.beginnings
    if (stamp !== warm.stamp) warm.voidAll(stamp)
    if (log.confirmedAt + this.#strictest < recent.time) recent.interrupt()
    if (sampling !== undefined) {
      sampling.pass(passed)
      // Neither the next that somebody is to be given nor this one goes by.
      recent.limit(Math.max(0, sampling.unclaimed - 1))
    }
    const { onPartition, maxStaleness } = family.options
    const isConfirmed = onPartition === 'serve' || log.confirmedAt + maxStaleness >= recent.time
    return isConfirmed && recent.tick < warm.untils[place]!
  }

  /** Makes an entry warm that was judged just now and found fresh, valid and confirmed. */
  make(warmKey: WarmKey, key: string, entry: MemoryEntry, family: Family): void {
    const place = this.#entries.placeOf(entry, key, family.warm, warmKey)
    if (place === undefined) return
    const { onPartition, maxStaleness } = family.options
    if (onPartition !== 'serve') this.#strictest = Math.min(this.#strictest, maxStaleness)
    this.#look(place, family)
    this.#entries.put(place, {
      until: this.#recent.tickOf(Math.min(entry.freshUntil, entry.refreshAt)),
      slot: this.#memory.slotOf(key),
      value: entry.value,
      answer: this.#tiers.options.memory.isolate === 'clone' ? undefined : Promise.resolve(entry.value),
    })
  }

  valueAt(place: number): unknown {
    const { answers, values } = this.#entries
    return answers[place] === undefined ? isolated(values[place], this.#tiers.options.memory.isolate) : values[place]
  }

  #report(place: number, { name: definition }: Family): void {
    this.#events.emit({ type: 'hit', key: this.#entries.keyAt(place), definition, tier: 'memory', state: 'fresh' })
  }

  /** For readers who each get a copy. */
  #copyAt(place: number): Promise<unknown> {
    return Promise.resolve(this.valueAt(place))
  }
}
