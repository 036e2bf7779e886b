import { inRedis } from './batch-remote.js'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import { nanosecondsPer } from './harness/interleaved.js'
import { awaiting, shuffled } from './orders.js'
import { type OpenWarmCache, plainMap, rivals, tableforgeDefinition, tableforgeGetOrLoad } from './warm-caches.js'

const ENTRIES = 10_000
const BATCH = 100
const CALLS = 100

const inMemory: Case = {
  name: `getMany of ${BATCH} in memory`,
  about: `one awaited bulk read of ${BATCH} keys on a full cache of ${ENTRIES.toLocaleString('en')} entries, all in memory`,
  unit: 'us per awaited bulk read',
  better: 'lower',
  // 25 us where layered-loader takes 39.
  goals: { 'layered-loader': 0.64 },
  async open() {
    const keys = Array.from({ length: ENTRIES }, (_, at) => `key:${at}`)
    const batches = Array.from({ length: CALLS }, () => [] as string[])
    for (const [at, key] of shuffled(CALLS * BATCH, keys).entries()) batches[at % CALLS]?.push(key)
    const join = async (role: Participant['role'], open: OpenWarmCache, name?: string): Promise<Participant> => {
      const cache = await open(keys)
      const loop = awaiting(cache.readMany, batches)
      const measure = async () => (await nanosecondsPer(CALLS, loop)) / 1_000
      return { ...cache, name: name ?? cache.name, role, measure }
    }
    return Promise.all([
      join('ours', tableforgeDefinition, 'definition.getMany'),
      join('ours', tableforgeGetOrLoad, 'getMany'),
      join('floor', plainMap),
      ...rivals.map((open) => join('rival', open)),
    ])
  },
}

/** Bulk reads. */
export const batch = comparison({
  name: 'batch',
  about: 'bulk reads of 100 keys, against others',
  rounds: 41,
  warmUpRounds: 10,
  cases: [inMemory, inRedis],
})
