import { column } from './columns.js'
import { READ, type Trace } from './trace.js'

/** What a step carries beside its key. */
export interface Step {
  readonly kind?: number
  readonly bytes?: number
  readonly timeMs?: number
  readonly ttlMs?: number
}

/** Which columns a trace has beside its keys. */
export type TraceColumns = Readonly<Partial<Record<'kinds' | 'sizes' | 'times' | 'ttls', boolean>>>

const MAX_BYTES = 2 ** 32 - 1

/** The columns that a trace has. */
export function columnsOf({ kinds, sizes, times, ttls }: Trace): TraceColumns {
  return {
    kinds: kinds !== undefined,
    sizes: sizes !== undefined,
    times: times !== undefined,
    ttls: ttls !== undefined,
  }
}

/** A step of a trace, with what its absent columns stand for. */
export function stepOf({ kinds, sizes, times, ttls }: Trace, at: number): Step {
  return {
    kind: kinds?.[at] ?? READ,
    bytes: sizes?.[at] ?? 1,
    timeMs: times?.[at] ?? 0,
    ttlMs: ttls?.[at] ?? Number.POSITIVE_INFINITY,
  }
}

/** Collects steps, whose keys are numbered already, into a {@link Trace}. */
export class TraceBuilder {
  readonly #keys = column.wholeNumbers()
  readonly #kinds
  readonly #sizes
  readonly #times
  readonly #ttls
  #lastMs = Number.NEGATIVE_INFINITY

  constructor({ kinds = false, sizes = false, times = false, ttls = false }: TraceColumns = {}) {
    this.#kinds = kinds ? column.bytes() : undefined
    this.#sizes = sizes ? column.wholeNumbers() : undefined
    this.#times = times ? column.numbers() : undefined
    this.#ttls = ttls ? column.numbers() : undefined
  }

  get length(): number {
    return this.#keys.length
  }

  add(key: number, step?: Step): void {
    this.#keys.push(key)
    this.#kinds?.push(step?.kind ?? READ)
    this.#sizes?.push(Math.min(step?.bytes ?? 1, MAX_BYTES))
    this.#ttls?.push(step?.ttlMs ?? Number.POSITIVE_INFINITY)
    if (this.#times === undefined) return
    // Recorders on several machines disagree by a little; time in a simulation must not run backwards.
    this.#lastMs = Math.max(this.#lastMs, step?.timeMs ?? 0)
    this.#times.push(this.#lastMs)
  }

  finish(name: string, distinct: number): Trace {
    return {
      name,
      keys: this.#keys.finish(),
      distinct,
      ...(this.#kinds && { kinds: this.#kinds.finish() }),
      ...(this.#sizes && { sizes: this.#sizes.finish() }),
      ...(this.#times && { times: this.#times.finish() }),
      ...(this.#ttls && { ttls: this.#ttls.finish() }),
    }
  }
}
