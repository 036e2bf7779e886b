import { type Case, comparison, type Participant } from './harness/comparison.js'
import { nanosecondsPer } from './harness/interleaved.js'
import {
  asyncCacheDedupeInMemory,
  bentocacheInMemory,
  cacheableInMemory,
  cacheManagerInMemory,
  layeredLoaderInMemory,
  plainMap,
  tableforgeDefinition,
  tableforgeGetOrLoad,
  type WarmCache,
} from './warm-caches.js'

const ENTRIES = 10_000
const CALLS = 10_000

const ours = [tableforgeDefinition, tableforgeGetOrLoad]
const rivals = [
  bentocacheInMemory,
  cacheableInMemory,
  cacheManagerInMemory,
  asyncCacheDedupeInMemory,
  layeredLoaderInMemory,
]

const warmHit: Case = {
  name: 'warm hit',
  about: `one awaited hit on a full cache of ${ENTRIES.toLocaleString('en')} entries, keys in one random order, the same for all`,
  unit: 'ns per awaited hit',
  better: 'lower',
  goals: { 'plain Map': 1.25 },
  async open() {
    const keys = Array.from({ length: ENTRIES }, (_, at) => `key:${at}`)
    const order = shuffled(CALLS, keys)
    const join = async (role: Participant['role'], open: (keys: readonly string[]) => Promise<WarmCache>) => {
      const cache = await open(keys)
      return { ...cache, role, measure: () => nanosecondsPer(CALLS, () => readAll(cache, order)) }
    }
    return Promise.all([
      ...ours.map((open) => join('ours', open)),
      join('floor', plainMap),
      ...rivals.map((open) => join('rival', open)),
    ])
  },
}

/** Warm hits on a full cache, in memory alone. */
export const hit = comparison({
  name: 'hit',
  about: 'one warm hit on a full cache, against others and a plain Map',
  cases: [warmHit],
})

async function readAll({ read }: WarmCache, order: readonly string[]): Promise<void> {
  for (const key of order) await read(key)
}

/** A fixed sequence (Numerical Recipes' generator), so that runs can be compared. */
function shuffled(count: number, keys: readonly string[]): string[] {
  let state = 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return keys[state % keys.length] as string
  })
}
