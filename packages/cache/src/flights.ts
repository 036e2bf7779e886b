import type { MemoryEntry } from './entry.js'
import type { CacheError } from './errors.js'
import type { Family } from './family.js'
import { NO_ARGUMENTS } from './inputs.js'
import { KeyTable } from './key-table.js'
import type { BoundLoader } from './load-context.js'
import type { Outcome } from './outcome.js'
import type { Timer } from './ports.js'

const NEVER = new Promise<never>(() => undefined)
let moments = 0

/** Counts up: what happens in one millisecond stays in order. */
export function nextMoment(): number {
  return ++moments
}

/** What waits for the answer of a flight. Called once, as soon as there is one. */
export interface Passenger {
  arrived(flight: Flight, outcome: Outcome): void
  failed(error: unknown): void
}

/** What overtakes a flight: another write, or an invalidation that deletes or only expires. */
export type FenceCause = 'write' | 'delete' | 'expire'

/** A value past its ttl (or unconfirmed), and where it was found. */
export interface Fallback {
  readonly entry: MemoryEntry
  readonly tier: 'memory' | 'remote'
}

/**
 * The one load or remote read of a key that this process has under way. Its passengers are answered by the first usable
 * outcome: a stale value served early, or the end of the work. Passengers are called directly, not through a promise:
 * the only promise of most reads is the one their caller awaits.
 */
export class Flight {
  readonly key: string
  readonly hash: number
  readonly family: Family
  /** Validity revision and suspicion generation when it began: what was applied later may cover its result. */
  revision: number
  generation: number
  /** Validity revision at which it was answered before its work was over. */
  answeredAt: number | undefined
  /** Wall time when it began. */
  readonly startedAt: number
  /** Of the reader that it took off for. Without a loader it only looks: readers that need a value must not join it. */
  loader: BoundLoader | undefined
  args = NO_ARGUMENTS
  /** An invalidation overtook it: its result goes to its passengers and is stored nowhere. */
  fenced = false
  /** What it is reading from the remote tier was deleted or written over meanwhile: nothing to fall back on. */
  outdated = false
  /** A confirmed value to serve while the load is slow, or when it fails. */
  fallback: Fallback | undefined
  /** A value that could not be confirmed, for when the load fails and the remote tier is away. */
  lastResort: Fallback | undefined
  /** A write under way rather than a read. */
  writes = false
  /** It has not landed. Kept by {@link Flights}, as the next two. */
  airborne = false
  /** Readers of its key join it. */
  joinable = false
  /** The next older flight of its key. */
  below: Flight | undefined
  /** What overtook it was an invalidation, not another write: a write must not leave its value behind either. */
  invalidated = false
  /** What it last read in the remote tier, fit or not: it asks for the lease only while that is still in place. */
  seen: Uint8Array | 'absent' = 'absent'
  /** It reads the head of the log with the value, as `freshness: 'remote'` asks. */
  catchesUp = false
  /** Its first request has left; readers that need an answer from after their own call must not join any more. */
  begun = false
  /**
   * Places of the take-off, and of the beginning of its load (0 before), in the order of all flights of this process.
   */
  readonly tookOff = nextMoment()
  beganLoading = 0
  /** What it is to refresh: a fresh value that may be due. Only a younger one ends it without a load. */
  refreshed: MemoryEntry | undefined
  /** What it has put into memory from the remote tier, which may be due for refreshing. */
  kept: MemoryEntry | undefined
  /** It has the right to load its key in this process: it asks for the lease or loads. */
  claims = false
  /** Of its lease, while it loads under one. */
  token: string | undefined
  /** Its load is still under way after the hard timeout; nobody waits for its answer any more. */
  overdue = false
  /** Answers with the fallback when it fires. */
  softTimer: Timer
  /** Ends a load under way, whatever its loader does. */
  cancel: ((reason: CacheError) => void) | undefined
  /** Settles with what came of it in the end, also long after its passengers were answered. */
  work: Promise<Outcome> = NEVER
  /** Most flights have one passenger; those that join are kept apart. */
  #passenger: Passenger | undefined
  #others: Passenger[] | undefined
  /** What it was answered with: an outcome, or an error. */
  #isAnswered = false
  #outcome: Outcome | undefined
  #error: unknown

  constructor(key: string, hash: number, family: Family, revision: number, generation: number, startedAt: number) {
    this.key = key
    this.hash = hash
    this.family = family
    this.revision = revision
    this.generation = generation
    this.startedAt = startedAt
  }

  /** Takes a passenger on; one that comes after the answer gets it at once. */
  board(passenger: Passenger): void {
    if (this.#isAnswered) this.#tell(passenger)
    else if (this.#passenger === undefined) this.#passenger = passenger
    else if (this.#others === undefined) this.#others = [passenger]
    else this.#others.push(passenger)
  }

  /** Answers the passengers; only the first answer counts. */
  settle(outcome: Outcome): void {
    if (this.#isAnswered) return
    this.#outcome = outcome
    this.#tellAll()
  }

  fail(error: unknown): void {
    if (this.#isAnswered) return
    this.#error = error
    this.#tellAll()
  }

  #tellAll(): void {
    this.#isAnswered = true
    const passenger = this.#passenger
    const others = this.#others
    this.#passenger = undefined
    this.#others = undefined
    if (passenger !== undefined) this.#tell(passenger)
    if (others !== undefined) for (const other of others) this.#tell(other)
  }

  #tell(passenger: Passenger): void {
    if (this.#outcome === undefined) passenger.failed(this.#error)
    else passenger.arrived(this, this.#outcome)
  }

  /**
   * Drops what it refers to. A landed flight that V8 has moved to the old space lives until the next full collection,
   * and would keep its values alive.
   */
  letGo(): void {
    this.work = NEVER
    this.#outcome = undefined
    this.#error = undefined
    this.loader = undefined
    this.args = NO_ARGUMENTS
    this.seen = 'absent'
    this.kept = undefined
    this.fallback = undefined
    this.lastResort = undefined
    this.refreshed = undefined
    this.cancel = undefined
  }
}

const NONE: readonly Flight[] = Object.freeze([])

/**
 * The flights of this process by key, and the fence. Writes under way are kept beside them: they can be fenced too. All
 * that have not landed are here, also those that were replaced or fenced: an invalidation must reach them as well.
 */
export class Flights {
  /** The youngest of each key; the others hang below it. */
  readonly #airborne = new KeyTable<Flight>()
  #landing: (() => void)[] = []
  #size = 0
  #overdue = 0

  get size(): number {
    return this.#size
  }

  /** Loads under way after their hard timeout. */
  get overdue(): number {
    return this.#overdue
  }

  /** The flight that a reader of the key joins. */
  get(key: string, hash?: number): Flight | undefined {
    let flight = this.#airborne.get(key, hash)
    while (flight !== undefined && !flight.joinable) flight = flight.below
    return flight
  }

  /** From now on readers of the key join this flight. */
  start(flight: Flight): void {
    this.#track(flight)
    for (let older = flight.below; older !== undefined; older = older.below) older.joinable = false
    flight.joinable = true
  }

  /** A write under way: fenced like a load, joined by nobody. */
  startWrite(flight: Flight): void {
    flight.writes = true
    this.#track(flight)
  }

  #track(flight: Flight): void {
    flight.airborne = true
    flight.below = this.#airborne.get(flight.key, flight.hash)
    this.#airborne.set(flight)
    this.#size++
  }

  end(flight: Flight): void {
    if (!flight.airborne) return
    flight.airborne = false
    flight.joinable = false
    this.#size--
    if (flight.overdue) this.#overdue--
    this.#remove(flight)
    flight.below = undefined
    if (this.#landing.length === 0) return
    const landing = this.#landing
    this.#landing = []
    for (const look of landing) look()
  }

  #remove(flight: Flight): void {
    const youngest = this.#airborne.get(flight.key, flight.hash)
    if (youngest === flight) {
      if (flight.below === undefined) this.#airborne.delete(flight)
      else this.#airborne.set(flight.below)
      return
    }
    let above = youngest
    while (above !== undefined && above.below !== flight) above = above.below
    if (above !== undefined) above.below = flight.below
  }

  /** The other flights of a key that have the right to load it, or are doing so: oldest first. */
  claiming(flight: Flight): readonly Flight[] {
    const youngest = this.#airborne.get(flight.key, flight.hash)
    if (youngest === undefined || youngest.below === undefined) return NONE
    const claiming: Flight[] = []
    for (let one: Flight | undefined = youngest; one !== undefined; one = one.below)
      if (one !== flight && one.claims) claiming.push(one)
    return claiming.reverse()
  }

  /** The hard timeout of its load has passed: nobody joins it any more, but it is still under way. */
  outlived(flight: Flight): void {
    flight.overdue = true
    flight.joinable = false
    this.#overdue++
  }

  /** Ends the loads that are under way, whatever their loaders do. */
  cancel(reason: CacheError): void {
    for (const flight of this.#all()) flight.cancel?.(reason)
  }

  /**
   * Fences everything under way for a key; callers that arrive from now on start a new flight. What the flights would
   * fall back on is invalid too, unless the invalidation keeps it for grace.
   */
  fence(key: string, by: FenceCause): void {
    for (let flight = this.#airborne.get(key); flight !== undefined; flight = flight.below) {
      flight.joinable = false
      flight.fenced = true
      if (by !== 'write') flight.invalidated = true
      if (by === 'expire') continue
      flight.outdated = true
      flight.fallback = undefined
      flight.lastResort = undefined
      flight.refreshed = undefined
    }
  }

  /** Fences the writes under way for a key; `true` when there were any. */
  fenceWrites(key: string): boolean {
    let any = false
    for (let flight = this.#airborne.get(key); flight !== undefined; flight = flight.below) {
      if (!flight.writes) continue
      flight.fenced = true
      any = true
    }
    return any
  }

  fenceWhere(covers: (key: string) => boolean, by: FenceCause): void {
    for (const { key } of this.#airborne.all()) if (covers(key)) this.fence(key, by)
  }

  /** Resolves when every flight that is under way now has landed. */
  async landed(): Promise<void> {
    const flights = this.#all()
    while (flights.some(({ airborne }) => airborne)) await new Promise<void>((resolve) => this.#landing.push(resolve))
  }

  #all(): Flight[] {
    const all: Flight[] = []
    for (const youngest of this.#airborne.all())
      for (let flight: Flight | undefined = youngest; flight !== undefined; flight = flight.below) all.push(flight)
    return all
  }
}
