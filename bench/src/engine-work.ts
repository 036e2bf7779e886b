import { nanosecondsPer } from './harness/interleaved.js'
import type { MemoryEngine } from './memory-engines.js'
import { counting, shuffled } from './orders.js'

/** Exponent of the Zipf distribution. */
export const SKEW = 0.9
const BATCH = 1_000

/** Prepares work on an engine that holds the first `entries` of the keys; what it returns is measured. */
type Preparation = (engine: MemoryEngine, keys: readonly string[], entries: number) => () => Promise<number> | number

const hit: Preparation = (engine, keys, entries) => {
  const order = shuffled(callsFor(entries), keys.slice(0, entries))
  const loop = counting(engine.get, order)
  return () => nanosecondsPer(order.length, loop)
}

/**
 * Twice as many keys as there is room for: what is set evicts, unless the policy has kept it. All of them in a round,
 * since a policy may keep those that came first, whose sets are cheap, and give up the others.
 */
const churn: Preparation = (engine, keys, entries) => {
  const next = newcomers(keys, entries)
  return () =>
    nanosecondsPer(keys.length, () => {
      for (let call = 0; call < keys.length; call++) engine.set(next())
    })
}

const mix: Preparation = (engine, keys, entries) => {
  const order = zipf(callsFor(entries), keys)
  return () =>
    nanosecondsPer(order.length, () => {
      for (const key of order) if (engine.get(key) === undefined) engine.set(key)
    })
}

/** Milliseconds that the slowest 1,000 sets in a row took. */
const stall: Preparation = (engine, keys, entries) => {
  const next = newcomers(keys, entries)
  return () => {
    let longest = 0
    for (let batch = 0; batch < keys.length / BATCH; batch++) {
      const startedAt = performance.now()
      for (let call = 0; call < BATCH; call++) engine.set(next())
      longest = Math.max(longest, performance.now() - startedAt)
    }
    return longest
  }
}

/** What an engine is given to do, by name. */
export const ENGINE_WORK = { hit, churn, mix, stall } as const satisfies Record<string, Preparation>
export type EngineWork = keyof typeof ENGINE_WORK

function callsFor(entries: number): number {
  return Math.min(200_000, Math.max(50_000, entries))
}

/** Keys one after the other, round and round, beginning with the first that is not there. */
function newcomers(keys: readonly string[], entries: number): () => string {
  let at = entries - 1
  return () => {
    at = (at + 1) % keys.length
    return keys[at] as string
  }
}

/**
 * A fixed sequence in which the key of rank r comes with a probability of 1 / r^SKEW; ranks lie anywhere among the
 * keys.
 */
function zipf(count: number, keys: readonly string[]): string[] {
  const cumulated = new Float64Array(keys.length)
  let total = 0
  for (let rank = 0; rank < keys.length; rank++) {
    total += 1 / (rank + 1) ** SKEW
    cumulated[rank] = total
  }
  const ranked = shuffled(keys.length, keys)
  let state = 7
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const wanted = (state / 2 ** 32) * total
    let low = 0
    let high = keys.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((cumulated[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return ranked[low] as string
  })
}
