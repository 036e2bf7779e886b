import type { CacheEventOf, Operation } from '@tableforge/cache'
import type { Invalidation } from '../wire.js'
import { Ring } from './ring.js'

const SHOWN_OPERATIONS = 20

/**
 * The last invalidations that this node issued or heard, each once. Messages that only announce a `set` are left out.
 */
export class InvalidationTrail {
  readonly #entries: Ring<{ entry: Invalidation; tick: number }>
  readonly #node: string
  #id = 0

  constructor(node: string, capacity: number) {
    this.#node = node
    this.#entries = new Ring(capacity)
  }

  /** Notes what this node issued. `tick` is the sample under way. */
  issued(event: CacheEventOf<'invalidate'>, at: number, tick: number): void {
    const known = event.seq === undefined ? undefined : this.#own(event.seq)
    if (known !== undefined) {
      known.entry = { ...known.entry, propagated: event.propagated, durationMs: event.durationMs }
      known.tick = tick
      return
    }
    this.#add(event.operations, tick, {
      at,
      seq: event.seq ?? null,
      origin: this.#node,
      own: true,
      propagated: event.propagated,
      durationMs: event.durationMs,
    })
  }

  /** Notes a message of the log. One that this node issued is known already, whichever of the two events came first. */
  applied(event: CacheEventOf<'applied'>, at: number, tick: number): void {
    if (event.operations.every((operation) => operation.type === 'set')) return
    const own = event.origin === this.#node
    const known = own ? this.#own(event.seq) : undefined
    if (known !== undefined) {
      known.entry = { ...known.entry, propagated: true }
      known.tick = tick
      return
    }
    this.#add(event.operations, tick, {
      at,
      seq: event.seq,
      origin: event.origin,
      own,
      propagated: true,
      durationMs: null,
    })
  }

  /** New or changed in the samples after `tick`, oldest first. */
  since(tick: number): Invalidation[] {
    return this.#entries.toArray().flatMap((one) => (one.tick > tick ? [one.entry] : []))
  }

  /** The newest `count`, oldest first. */
  last(count: number): Invalidation[] {
    return this.#entries.last(count).map((one) => one.entry)
  }

  /** The two events of one invalidation come close together: only the newest entries are looked through. */
  #own(seq: number): { entry: Invalidation; tick: number } | undefined {
    return this.#entries.last(32).findLast(({ entry }) => entry.own && entry.seq === seq)
  }

  #add(operations: readonly Operation[], tick: number, entry: Omit<Invalidation, 'id' | 'operations' | 'more'>): void {
    this.#id += 1
    const shown = operations.slice(0, SHOWN_OPERATIONS)
    this.#entries.push({
      tick,
      entry: { ...entry, id: this.#id, operations: shown, more: operations.length - shown.length },
    })
  }
}
