import type { Case } from './harness/comparison.js'
import { nanosecondsPer } from './harness/interleaved.js'
import { everybody, type Loaded } from './remote-caches.js'
import { roomOf } from './sample-values.js'

const KEYS = 2_000
const IN_MEMORY = 40
const BATCH = 100
const CALLS = 20

/** Bulk reads that memory cannot answer and Redis can. */
export const inRedis: Case = {
  name: `getMany of ${BATCH} in Redis`,
  about: `one awaited bulk read of ${BATCH} keys of 1 KiB as JSON, ${KEYS} keys in turn of which memory can hold ${IN_MEMORY}`,
  unit: 'us per awaited bulk read',
  better: 'lower',
  // 700 us where layered-loader takes 1,354.
  goals: { 'layered-loader': 0.52 },
  async open({ redis }) {
    const { host, port } = await redis()
    const batches = Array.from({ length: KEYS / BATCH }, (_, batch) =>
      Array.from({ length: BATCH }, (_, at) => `room:${batch * BATCH + at}`),
    )
    const rooms = new Map(batches.flat().map((key) => [key, roomOf(key, 1_024)]))
    const load = async (key: string) => rooms.get(key) as Loaded
    return Promise.all(
      everybody.map(async ([role, open], index) => {
        const cache = await open({ host, port, namespace: `batch-${index}`, inMemory: IN_MEMORY, load })
        for (const keys of batches) await Promise.all(keys.map((key) => cache.read(key)))
        let next = 0
        const measure = async () => {
          const nanoseconds = await nanosecondsPer(CALLS, async () => {
            for (let made = 0; made < CALLS; made++) await cache.readMany(batches[next++ % batches.length] as string[])
          })
          return nanoseconds / 1_000
        }
        return { ...cache, role, measure }
      }),
    )
  },
}
