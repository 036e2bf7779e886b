import type { MemoryPolicy } from '@tableforge/cache/testing'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import { nanosecondsPer } from './harness/interleaved.js'
import { flatKeys, lruCacheEngine, type MemoryEngine, ourEngine } from './memory-engines.js'
import { counting, shuffled } from './orders.js'

const SKEW = 0.9
const BATCH = 1_000

/** Prepares work on a filled engine; what it returns is measured. */
type Preparation = (engine: MemoryEngine, keys: readonly string[], entries: number) => () => Promise<number>

const hit: Preparation = (engine, keys, entries) => {
  const order = shuffled(callsFor(entries), keys.slice(0, entries))
  const loop = counting(engine.get, order)
  return () => nanosecondsPer(order.length, loop)
}

/** Half of the keys are not there: each set evicts. */
const churn: Preparation = (engine, keys, entries) => {
  const next = newcomers(keys, entries)
  const calls = callsFor(entries)
  return () =>
    nanosecondsPer(calls, () => {
      for (let call = 0; call < calls; call++) engine.set(next())
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
  return async () => {
    let longest = 0
    for (let batch = 0; batch < entries / 4 / BATCH; batch++) {
      const startedAt = performance.now()
      for (let call = 0; call < BATCH; call++) engine.set(next())
      longest = Math.max(longest, performance.now() - startedAt)
    }
    return longest
  }
}

const WORK: readonly { name: string; about: string; prepare: Preparation }[] = [
  { name: 'hit', about: 'one get of a key that is there, in random order', prepare: hit },
  { name: 'set with eviction', about: 'one set of a key that is not there, in a full store', prepare: churn },
  {
    name: 'Zipf mix',
    about: `one get, and a set if that missed, of keys with a Zipf distribution (${SKEW}) over twice the capacity`,
    prepare: mix,
  },
]

const POLICIES: readonly MemoryPolicy[] = ['adaptive', 'lru', 'fifo', 'sieve', 's3-fifo']

function caseOf(policy: MemoryPolicy, entries: number, work: (typeof WORK)[number], unit = 'ns'): Case {
  return {
    name: `${work.name}, ${entries.toLocaleString('en')}, ${policy}`,
    about: `${work.about}; ${entries.toLocaleString('en')} entries with a ttl`,
    unit,
    better: 'lower',
    goals: { 'lru-cache': policy === 'adaptive' ? 1 : 0.9 },
    open: () => {
      const keys = flatKeys(entries * 2)
      const join = (engine: MemoryEngine): Participant => {
        for (const key of keys.slice(0, entries)) engine.set(key)
        return { ...engine, measure: work.prepare(engine, keys, entries) }
      }
      return Promise.resolve([join(ourEngine(policy, entries)), join(lruCacheEngine(entries))])
    },
  }
}

const longestStall: Case = {
  ...caseOf(
    'adaptive',
    1_000_000,
    { name: 'longest stall', about: 'the slowest 1,000 sets in a row of 250,000 that each evict', prepare: stall },
    'ms',
  ),
  goals: { 'lru-cache': 0.1 },
}

/** The memory tier alone, under each policy, against lru-cache: one policy a case, as a process has one. */
export const engine = comparison({
  name: 'engine',
  about: 'the memory tier alone, by policy, against lru-cache: hits, sets with eviction, a Zipf mix, the longest stall',
  rounds: 9,
  warmUpRounds: 3,
  cases: [
    ...POLICIES.flatMap((policy) => WORK.map((work) => caseOf(policy, 10_000, work))),
    ...WORK.map((work) => caseOf('adaptive', 1_000_000, work)),
    ...WORK.map((work) => caseOf('sieve', 1_000_000, work)),
    longestStall,
  ],
})

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
