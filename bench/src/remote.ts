import { type Case, comparison } from './harness/comparison.js'
import { perSecond } from './harness/interleaved.js'
import { everybody, type RemoteCache } from './remote-caches.js'
import { roomOf } from './sample-values.js'

const KEYS = 4_000
const IN_MEMORY = 40
const VALUE_BYTES = 1_024

/** Reads that memory cannot answer and Redis can. */
export const remote = comparison({
  name: 'remote',
  about: 'reads that memory cannot answer and Redis can, 1, 32 and 256 at a time, against others and plain GET',
  rounds: 15,
  cases: [readsAtATime(1, 1_000, 0.95), readsAtATime(32, 4_000, 2), readsAtATime(256, 8_000, 2.5)],
})

function readsAtATime(concurrency: number, calls: number, goal: number): Case {
  return {
    name: `${concurrency} at a time`,
    about: `values of ${VALUE_BYTES} bytes as JSON, ${KEYS} keys in turn of which memory can hold ${IN_MEMORY}, ${concurrency} readers that each await their value`,
    unit: 'gets per second',
    better: 'higher',
    goals: { 'ioredis GET + JSON.parse': goal },
    async open({ redis }) {
      const { host, port } = await redis()
      const keys = Array.from({ length: KEYS }, (_, at) => `room:${at}`)
      const load = async (key: string) => roomOf(key, VALUE_BYTES)
      return Promise.all(
        everybody.map(async ([role, open], index) => {
          const namespace = `remote-${concurrency}-${index}`
          const cache = await open({ host, port, namespace, inMemory: IN_MEMORY, load })
          let next = 0
          const nextKey = () => keys[next++ % KEYS] as string
          await readAll(cache, 32, KEYS, nextKey)
          return {
            ...cache,
            role,
            measure: () => perSecond(calls, () => readAll(cache, concurrency, calls, nextKey)),
          }
        }),
      )
    },
  }
}

/** So many readers at a time, each with its next key as soon as it has its value. */
async function readAll(cache: RemoteCache, readers: number, calls: number, nextKey: () => string): Promise<void> {
  let left = calls
  const reader = async () => {
    while (left-- > 0) await cache.read(nextKey())
  }
  await Promise.all(Array.from({ length: readers }, reader))
}
