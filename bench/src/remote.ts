import { type Case, comparison, type Participant } from './harness/comparison.js'
import { perSecond } from './harness/interleaved.js'
import { everybody, type Loaded, type RemoteCache } from './remote-caches.js'
import { roomOf } from './sample-values.js'

const KEYS = 2_000
const IN_MEMORY = 40
const VALUE_BYTES = 1_024
/** Rounds are repeated when Redis was late: what is to be compared are hits. */
const ATTEMPTS = 10

/** Reads that memory cannot answer and Redis can. */
export const remote = comparison({
  name: 'remote',
  about: 'reads that memory cannot answer and Redis can, 1, 32 and 256 at a time, against others and plain GET',
  rounds: 15,
  // Until then parts of what is measured are not compiled yet.
  warmUpRounds: 12,
  cases: [readsAtATime(1, 500, 0.95), readsAtATime(32, 1_600, 2), readsAtATime(256, 2_560, 2.5)],
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
      const rooms = new Map(keys.map((key) => [key, roomOf(key, VALUE_BYTES)]))
      const participants: Participant[] = []
      for (const [index, [role, open]] of everybody.entries()) {
        let loads = 0
        const load = async (key: string) => {
          loads++
          return rooms.get(key) as Loaded
        }
        const namespace = `remote-${concurrency}-${index}`
        const cache = await open({ host, port, namespace, inMemory: IN_MEMORY, load })
        let next = 0
        const nextKey = () => keys[next++ % KEYS] as string
        const measure = async () => {
          for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
            const before = loads
            const rate = await perSecond(calls, () => readAll(cache, concurrency, calls, nextKey))
            if (loads === before) return rate
          }
          throw new Error(`${cache.name} loaded what Redis holds, in each of ${ATTEMPTS} attempts`)
        }
        // Stored, then found: with the first half of this everything is in Redis, with the second it is compiled.
        await readAll(cache, 32, 2 * KEYS, nextKey)
        participants.push({ ...cache, role, measure })
      }
      return participants
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
