import type { Family } from './family.js'
import type { Flight, Passenger } from './flights.js'
import type { BoundLoader } from './load-context.js'
import type { Outcome } from './outcome.js'

/** What a read asks for: a key of a family, and how it is loaded when no tier has it. */
export class ReadRequest {
  readonly key: string
  readonly hash: number
  readonly family: Family
  /** `undefined`: it is only looked for. */
  readonly loader: BoundLoader | undefined
  readonly args: readonly unknown[]

  constructor(key: string, hash: number, family: Family, loader: BoundLoader | undefined, args: readonly unknown[]) {
    this.key = key
    this.hash = hash
    this.family = family
    this.loader = loader
    this.args = args
  }
}

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
  readonly request: ReadRequest
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
    request: ReadRequest,
    startedAt: number,
    deliver: Deliver,
    reject: (error: unknown) => void,
  ) {
    this.#path = path
    this.request = request
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
