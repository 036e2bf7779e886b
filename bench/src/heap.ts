import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { MemoryPolicy } from '@tableforge/cache/testing'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import { flatKeys, lruCacheEngine, type MemoryEngine, ourEngine } from './memory-engines.js'

const ENTRIES = 1_000_000
/** Collections in a row that free nothing more, and the time between them. */
const SETTLED_AFTER = 4
const SETTLING_MS = 50

/** Bytes for each entry that the engine keeps alive besides keys and values, which are there before and are shared. */
function bytesPerEntry(open: () => MemoryEngine, keys: readonly string[], replaced: number): () => Promise<number> {
  return async () => {
    const before = await used()
    const engine = open()
    for (const key of keys.slice(0, ENTRIES + replaced)) engine.set(key)
    const after = await used()
    // The engine must be alive until here.
    engine.get('')
    return (after - before) / ENTRIES
  }
}

/** Bytes in use, once the collector has nothing left to do: buffers are freed by another thread, some time later. */
async function used(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  let least = Number.POSITIVE_INFINITY
  for (let unchanged = 0; unchanged < SETTLED_AFTER; unchanged++) {
    collectGarbage()
    await setTimeout(SETTLING_MS)
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external < least * 0.999) unchanged = 0
    least = Math.min(least, heapUsed + external)
  }
  return least
}

function caseOf(name: string, about: string, replaced: number): Case {
  return {
    name,
    about,
    unit: 'bytes per entry',
    better: 'lower',
    goals: { 'lru-cache': 0.69 },
    open: () => {
      const keys = flatKeys(ENTRIES + replaced)
      const join = (open: () => MemoryEngine): Participant => ({
        ...open(),
        measure: bytesPerEntry(open, keys, replaced),
      })
      const policies: readonly MemoryPolicy[] = ['adaptive', 'lru', 'sieve', 's3-fifo']
      return Promise.resolve([
        ...policies.map((policy) => join(() => ourEngine(policy, ENTRIES))),
        join(() => lruCacheEngine(ENTRIES)),
      ])
    },
  }
}

/** What the memory tier itself needs, keys and values aside. */
export const heap = comparison({
  name: 'heap',
  about: 'bytes that a memory tier of 1,000,000 entries with a ttl takes for each, keys and values aside',
  rounds: 3,
  warmUpRounds: 1,
  cases: [
    caseOf('filled', 'filled once with 1,000,000 keys', 0),
    caseOf('replaced', 'filled, and then every second entry was replaced by that of another key', ENTRIES / 2),
  ],
})
