import type { Flight, Passenger } from './flights.js'
import type { BoundLoader, Loader } from './load-context.js'
import type { Outcome } from './outcome.js'
import type { Family } from './tiers.js'

/** Takes the outcome of a read to its caller. */
export type Deliver = (outcome: Outcome) => void

/** What continues a read when its flight has an answer. */
interface Reading {
  arrived(read: Read, flight: Flight, outcome: Outcome): void
  failed(read: Read, error: unknown): void
}

/** One read that memory could not answer, from its question to its answer: a passenger of the flight of its key. */
export class Read implements Passenger {
  readonly #path: Reading
  readonly key: string
  readonly hash: number
  readonly family: Family
  readonly bound: BoundLoader | undefined
  readonly args: readonly unknown[]
  /** Monotonic. */
  readonly startedAt: number
  readonly deliver: Deliver
  readonly reject: (error: unknown) => void
  /** Validity revision at which it boarded. */
  arrivedAt = 0
  /** Tells a tracer that its waiting for another caller's flight is over. */
  waited: (() => void) | undefined

  constructor(
    path: Reading,
    key: string,
    hash: number,
    family: Family,
    bound: BoundLoader | undefined,
    args: readonly unknown[],
    startedAt: number,
    deliver: Deliver,
    reject: (error: unknown) => void,
  ) {
    this.#path = path
    this.key = key
    this.hash = hash
    this.family = family
    this.bound = bound
    this.args = args
    this.startedAt = startedAt
    this.deliver = deliver
    this.reject = reject
  }

  arrived(flight: Flight, outcome: Outcome): void {
    this.waited?.()
    this.#path.arrived(this, flight, outcome)
  }

  failed(error: unknown): void {
    this.waited?.()
    this.#path.failed(this, error)
  }
}

/** The loader for these arguments: made when there is something to load. */
export function withArguments(loader: BoundLoader | undefined, args: readonly unknown[]): Loader | undefined {
  return loader === undefined ? undefined : (context) => loader(context, args)
}
