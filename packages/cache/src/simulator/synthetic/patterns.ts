import { seededRandom } from '../../seeded-random.js'
import { KeyNumbers } from '../key-numbers.js'
import type { Trace } from '../trace.js'
import { TraceBuilder } from '../trace-builder.js'
import { ZipfRanks } from './zipf.js'

/** What every made-up trace takes. The same options give the same trace, on every machine. */
export interface SyntheticOptions {
  readonly requests: number
  readonly keys: number
  readonly seed: number
}

/** Requests by popularity (Zipf's law), independent of each other: no policy beats keeping the most popular. */
export function zipfTrace({ requests, keys, skew, seed }: SyntheticOptions & { readonly skew: number }): Trace {
  const ranks = new ZipfRanks(keys, skew, seededRandom(seed))
  return traceOf('zipf', requests, () => ranks.next())
}

/** Everything once, in order, and then never again: what a policy should not let in. */
export function scanTrace({ requests }: Pick<SyntheticOptions, 'requests'>): Trace {
  return traceOf('scan', requests, (step) => step)
}

/** The same keys in the same order, round after round: LRU and FIFO find nothing unless all of it fits. */
export function loopTrace({ requests, keys }: Omit<SyntheticOptions, 'seed'>): Trace {
  return traceOf('loop', requests, (step) => step % keys)
}

export interface ShiftingOptions extends SyntheticOptions {
  readonly skew: number
  /** Times that the popularity of all keys changes. */
  readonly shifts: number
}

/**
 * Popularity by Zipf's law that moves on: at each shift every other rank, from the most popular to the least, is taken
 * over by a new key for good. What counts uses for too long keeps what nobody wants any more.
 */
export function shiftingTrace({ requests, keys, skew, shifts, seed }: ShiftingOptions): Trace {
  const ranks = new ZipfRanks(keys, skew, seededRandom(seed))
  const phaseLength = Math.ceil(requests / (shifts + 1))
  return traceOf('shifting', requests, (step) => {
    const rank = ranks.next()
    const generation = (Math.floor(step / phaseLength) + (rank % 2)) >> 1
    return rank + keys * generation
  })
}

function traceOf(name: string, requests: number, keyAt: (step: number) => number): Trace {
  const builder = new TraceBuilder()
  const numbers = new KeyNumbers()
  for (let step = 0; step < requests; step++) builder.add(numbers.ofNumber(keyAt(step)))
  return builder.finish(name, numbers.size)
}
