import type { CacheEventOf, CacheEvents } from '../events.js'
import type { Clock, Operation } from '../ports.js'
import type { KeyTraceEvent } from '../stats.js'
import type { PatternCompiler } from '../tags.js'

export interface KeyTraceOptions {
  readonly events: Pick<CacheEvents, 'on'>
  readonly clock: Pick<Clock, 'now' | 'setTimeout' | 'clearTimeout'>
  readonly compile: PatternCompiler
  /** How many fills and failures, and how many invalidations, are remembered over all keys. Default 512 of each. */
  readonly recent?: number
  /** How many events of each watched key are remembered besides. Default 32. */
  readonly perKey?: number
  /** Keys watched at a time; the one inspected longest ago makes room. Default 32. */
  readonly watched?: number
  /** How long a key is watched after it was inspected, in milliseconds. Default 60,000. */
  readonly watchMs?: number
}

/** Events off the hit path: heard always, because each costs little beside what it reports. */
const HEARD_ALWAYS = [
  'load',
  'load-error',
  'load-retry',
  'load-abandoned',
  'overload',
  'fill-refused',
  'set',
  'applied',
  'damaged',
  'schema-mismatch',
  'remote-error',
] as const
/**
 * Events on the path of a hit, and of each entry that a full memory takes in: heard only while somebody looks, or all
 * would pay for them.
 */
const HEARD_WHILE_WATCHING = ['hit', 'miss', 'remove'] as const

type Heard = CacheEventOf<(typeof HEARD_ALWAYS)[number] | (typeof HEARD_WHILE_WATCHING)[number]>

interface Remembered {
  readonly at: number
  /** Counts up: events of one millisecond stay in order. */
  readonly order: number
  readonly event: Heard
}

/** What happened to a key lately, in bounded memory: the trace of `cache.inspect`. */
export interface KeyTrace {
  /**
   * Oldest first. `tags` are those of the key's entry, so that invalidations by tag are found. Asking also watches the
   * key for a while (unless `watch` is false): the next answer includes its hits and misses.
   */
  of(key: string, tags?: readonly string[], watch?: boolean): KeyTraceEvent[]
  /** Stops listening and forgets everything. */
  close(): void
}

export function createKeyTrace(options: KeyTraceOptions): KeyTrace {
  const { events, clock, compile, recent = 512, perKey = 32, watched: maxWatched = 32, watchMs = 60_000 } = options
  const fills = new Ring(recent)
  const invalidations = new Ring(recent)
  const watched = new Map<string, { readonly ring: Ring; readonly until: number }>()
  let stopWatching: (() => void) | undefined

  let order = 0

  // A watched key has a ring of its own, which the traffic of other keys does not push its events out of.
  function remember(event: Heard): void {
    // A write that the log has taken is heard of once more, when it is applied.
    if (event.type === 'set' && event.seq !== undefined) return
    const ring = event.type === 'applied' ? invalidations : (watched.get(event.key ?? '')?.ring ?? fills)
    ring.add({ at: clock.now(), order: order++, event })
  }
  const stops = HEARD_ALWAYS.map((type) => events.on(type, remember))

  function watch(key: string): void {
    const before = watched.get(key)
    watched.delete(key)
    watched.set(key, { ring: before?.ring ?? new Ring(perKey), until: clock.now() + watchMs })
    if (watched.size > maxWatched) watched.delete(watched.keys().next().value as string)
    stopWatching ??= startWatching()
  }

  function startWatching(): () => void {
    const listener = (event: CacheEventOf<(typeof HEARD_WHILE_WATCHING)[number]>) => {
      if (watched.has(event.key)) remember(event)
    }
    const unsubscribe = HEARD_WHILE_WATCHING.map((type) => events.on(type, listener))
    let timer = clock.setTimeout(forgetUnwatched, watchMs)
    function forgetUnwatched() {
      for (const [key, { until }] of watched) if (until <= clock.now()) watched.delete(key)
      if (watched.size === 0) stopWatching?.()
      else timer = clock.setTimeout(forgetUnwatched, watchMs)
    }
    return () => {
      clock.clearTimeout(timer)
      for (const stop of unsubscribe) stop()
      stopWatching = undefined
    }
  }

  return {
    of(key, tags = [], watching = true) {
      const covers = (operation: Operation) => coversKey(operation, key, tags, compile)
      const concerns = ({ event }: Remembered) =>
        event.type === 'applied' ? event.operations.some(covers) : event.key === key
      const own = watched.get(key)?.ring.all() ?? []
      const found = [...fills.all(), ...invalidations.all(), ...own].filter(concerns)
      if (watching) watch(key)
      return found.sort((a, b) => a.order - b.order).map(({ at, event }) => ({ at, ...describe(event, covers) }))
    },
    close() {
      for (const stop of stops) stop()
      stopWatching?.()
      watched.clear()
      fills.clear()
      invalidations.clear()
    },
  }
}

function coversKey(operation: Operation, key: string, tags: readonly string[], compile: PatternCompiler): boolean {
  switch (operation.type) {
    case 'key':
    case 'set':
      return operation.key === key
    case 'tag':
      return tags.includes(operation.tag)
    case 'pattern':
      return compile(operation)(key)
    case 'clear':
      return true
  }
}

function describe(event: Heard, covers: (operation: Operation) => boolean): { what: string; detail?: string } {
  switch (event.type) {
    case 'hit':
      return { what: 'hit', detail: event.state === 'stale' ? `${event.tier}, stale` : event.tier }
    case 'miss':
      return { what: 'miss' }
    case 'load':
      return {
        what: event.notModified ? 'confirmed' : 'loaded',
        detail: `in ${event.durationMs.toFixed(1)} ms${event.late ? ', late' : ''}`,
      }
    case 'load-error':
      return { what: 'load failed', detail: `after ${event.durationMs.toFixed(1)} ms: ${messageOf(event.error)}` }
    case 'load-retry':
      return { what: 'load is tried again', detail: `attempt ${event.attempt} failed: ${messageOf(event.error)}` }
    case 'load-abandoned':
      return { what: 'load abandoned', detail: `${event.reason} after ${event.durationMs.toFixed(1)} ms` }
    case 'overload':
      return { what: 'load refused', detail: `${event.running} under way, ${event.waiting} waiting` }
    case 'fill-refused':
      return { what: 'not stored', detail: event.reason }
    case 'set':
      return { what: 'written', detail: 'here only; waits for the remote tier' }
    case 'applied':
      return describeApplied(event, event.operations.filter(covers))
    case 'remove':
      return { what: 'left memory', detail: event.cause }
    case 'damaged':
      return { what: 'damaged', detail: event.reason }
    case 'schema-mismatch':
      return { what: 'did not match its schema' }
    case 'remote-error':
      return { what: 'remote error', detail: `${event.operation}: ${messageOf(event.error)}` }
  }
}

function describeApplied({ seq, origin }: CacheEventOf<'applied'>, covering: readonly Operation[]) {
  const names = covering.slice(0, 3).map(nameOf).join(', ')
  const what = covering.every((operation) => operation.type === 'set') ? 'written' : 'invalidated'
  return { what, detail: `${names}; seq ${seq} by ${origin}` }
}

function nameOf(operation: Operation): string {
  switch (operation.type) {
    case 'key':
      return `key (${operation.mode})`
    case 'set':
      return 'set'
    case 'tag':
      return `tag ${operation.tag} (${operation.mode})`
    case 'pattern':
      return `${operation.syntax} ${operation.source} (${operation.mode})`
    case 'clear':
      return 'clear'
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.length > 200 ? `${message.slice(0, 200)}…` : message
}

/** The last `capacity` events, overwriting the oldest. */
class Ring {
  readonly #capacity: number
  readonly #slots: Remembered[] = []
  #next = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  add(one: Remembered): void {
    this.#slots[this.#next] = one
    this.#next = (this.#next + 1) % this.#capacity
  }

  /** Oldest first. */
  all(): Remembered[] {
    return [...this.#slots.slice(this.#next), ...this.#slots.slice(0, this.#next)]
  }

  clear(): void {
    this.#slots.length = 0
    this.#next = 0
  }
}
