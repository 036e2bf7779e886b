import { STATE_EXPIRED, STATE_OFFSET } from '../codec.js'
import type { Clock, Commit, CommitResult, LeaseAnswer, LogMessage } from '../ports.js'
import { InProcessBoard } from './in-process-board.js'
import { InProcessLog, type InProcessLogOptions } from './in-process-log.js'
import { InProcessStructures } from './in-process-structures.js'

interface StoredValue {
  readonly bytes: Uint8Array
  readonly expiresAt: number
}

interface Lease {
  readonly token: string
  readonly endsAt: number
}

/** What a store tells the tiers that are connected to it. */
export interface StoreSubscriber {
  message(message: LogMessage): void
  leaseEnded(key: string): void
}

export interface InProcessStoreOptions extends InProcessLogOptions {
  readonly clock: Clock
  readonly maxEntries: number
}

/** Expired values and leases are looked for among this many entries on each write, so that no timer is needed. */
const SWEPT_PER_WRITE = 4

/**
 * What one namespace has in common between the nodes of a process: values, leases, waiting lists and the log. Every
 * method is one atomic step, as a script is on Redis. Subscribers are told in order, from a timer: never before the
 * caller's promises have run, as no message outruns the reply that is already in the socket's buffer.
 */
export class InProcessStore {
  readonly log: InProcessLog
  readonly board: InProcessBoard
  readonly structures: InProcessStructures
  readonly #clock: Clock
  readonly #maxEntries: number
  /** Least recently used first. */
  readonly #values = new Map<string, StoredValue>()
  readonly #leases = new Map<string, Lease>()
  readonly #waiting = new Map<string, Set<StoreSubscriber>>()
  readonly #subscribers = new Set<StoreSubscriber>()
  #deliveries: (() => void)[] = []
  #valueSweep: MapIterator<[string, StoredValue]> = this.#values.entries()
  #leaseSweep: MapIterator<[string, Lease]> = this.#leases.entries()

  constructor(options: InProcessStoreOptions) {
    this.#clock = options.clock
    this.#maxEntries = options.maxEntries
    this.log = new InProcessLog(options)
    this.board = new InProcessBoard(options.clock)
    this.structures = new InProcessStructures(options.clock)
  }

  subscribe(subscriber: StoreSubscriber): void {
    this.#subscribers.add(subscriber)
  }

  unsubscribe(subscriber: StoreSubscriber): void {
    this.#subscribers.delete(subscriber)
    for (const [key, waiting] of this.#waiting) {
      if (waiting.delete(subscriber) && waiting.size === 0) this.#waiting.delete(key)
    }
  }

  /** A copy of the stored bytes, counted as a use. */
  get(key: string): Uint8Array | undefined {
    const stored = this.#live(key)
    if (stored === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, stored)
    return Uint8Array.from(stored.bytes)
  }

  remainingMs(key: string): number | undefined {
    const stored = this.#live(key)
    return stored === undefined ? undefined : stored.expiresAt - this.#clock.monotonic()
  }

  keys(): string[] {
    return [...this.#values.keys()].filter((key) => this.#live(key) !== undefined)
  }

  write(key: string, bytes: Uint8Array, expiresInMs: number): void {
    this.#values.delete(key)
    if (!(expiresInMs > 0)) return
    this.#values.set(key, { bytes: Uint8Array.from(bytes), expiresAt: this.#clock.monotonic() + expiresInMs })
    this.#sweep()
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#maxEntries) break
      this.#values.delete(oldest)
    }
  }

  acquire(
    key: string,
    token: string,
    leaseMs: number,
    expected: Uint8Array | 'absent' | undefined,
    subscriber: StoreSubscriber,
  ): LeaseAnswer {
    const found = expected === undefined ? undefined : this.get(key)
    if (found !== undefined && !isEqual(found, expected)) return { granted: false, remainingMs: 0, changed: true }
    const held = this.#lease(key)
    if (held !== undefined) {
      const waiting = this.#waiting.get(key) ?? new Set()
      this.#waiting.set(key, waiting.add(subscriber))
      return { granted: false, remainingMs: held.endsAt - this.#clock.monotonic() }
    }
    this.seize(key, token, leaseMs)
    return { granted: true }
  }

  seize(key: string, token: string, leaseMs: number): void {
    this.#leases.set(key, { token, endsAt: this.#clock.monotonic() + leaseMs })
    this.#sweep()
  }

  holds(key: string, token: string): boolean {
    return this.#lease(key)?.token === token
  }

  endLease(key: string): void {
    this.#leases.delete(key)
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return
    this.#waiting.delete(key)
    for (const subscriber of waiting) this.#deliver(subscriber, () => subscriber.leaseEnded(key))
  }

  commit(commit: Commit): CommitResult {
    for (const { key, bytes, expiresInMs, token } of commit.values) {
      if (token === undefined || this.holds(key, token)) this.write(key, bytes, expiresInMs)
      else this.#values.delete(key)
    }
    for (const operation of commit.operations) {
      if (operation.type !== 'key' && operation.type !== 'set') continue
      if (operation.type === 'key' && operation.mode === 'delete') this.#values.delete(operation.key)
      if (operation.type === 'key' && operation.mode === 'expire') this.#expire(operation.key)
      this.endLease(operation.key)
    }
    const { message, result } = this.log.append(commit)
    for (const subscriber of this.#subscribers) this.#deliver(subscriber, () => subscriber.message(message))
    return result
  }

  /** Loses everything, as `FLUSHALL` does. */
  flush(): void {
    this.#values.clear()
    this.board.clear()
    this.structures.clear()
    this.dropLeases()
    this.log.lose('head')
    this.log.lose('stream')
    this.log.lose('tags')
  }

  /** Forgets the leases and the waiting lists without waking anybody, as eviction does. */
  dropLeases(): void {
    this.#leases.clear()
    this.#waiting.clear()
  }

  dropValues(): void {
    this.#values.clear()
  }

  #expire(key: string): void {
    const stored = this.#live(key)
    if (stored !== undefined && stored.bytes.length > STATE_OFFSET) stored.bytes[STATE_OFFSET] = STATE_EXPIRED
  }

  #live(key: string): StoredValue | undefined {
    const stored = this.#values.get(key)
    if (stored === undefined || stored.expiresAt > this.#clock.monotonic()) return stored
    this.#values.delete(key)
    return undefined
  }

  #lease(key: string): Lease | undefined {
    const lease = this.#leases.get(key)
    if (lease === undefined || lease.endsAt > this.#clock.monotonic()) return lease
    this.#leases.delete(key)
    return undefined
  }

  #sweep(): void {
    for (let looked = 0; looked < SWEPT_PER_WRITE; looked++) {
      const value = this.#valueSweep.next()
      if (value.done) this.#valueSweep = this.#values.entries()
      else this.#live(value.value[0])
      const lease = this.#leaseSweep.next()
      if (lease.done) this.#leaseSweep = this.#leases.entries()
      else this.#lease(lease.value[0])
    }
  }

  /** Only to listeners that are still subscribed when its turn comes: a lost connection loses what was under way. */
  #deliver(subscriber: StoreSubscriber, tell: () => void): void {
    this.#deliveries.push(() => {
      if (this.#subscribers.has(subscriber)) tell()
    })
    if (this.#deliveries.length > 1) return
    this.#clock.setTimeout(() => {
      const deliveries = this.#deliveries
      this.#deliveries = []
      for (const deliver of deliveries) deliver()
    }, 0)
  }
}

function isEqual(a: Uint8Array, b: Uint8Array | 'absent' | undefined): boolean {
  return typeof b === 'object' && a.length === b.length && a.every((byte, at) => byte === b[at])
}
