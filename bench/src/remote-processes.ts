import { fileURLToPath } from 'node:url'
import type { Participant } from './harness/comparison.js'
import { ServiceProcess } from './harness/processes.js'
import { everybody } from './remote-caches.js'
import type { RemoteAnswer, RemoteOrder, RemoteProcessSettings, RemoteReady } from './remote-messages.js'

const PROCESS = fileURLToPath(new URL('./remote-process.js', import.meta.url))
const KEYS = 2_000
const IN_MEMORY = 40
const VALUE_BYTES = 1_024
/** Rounds are repeated when Redis was late: what is to be compared are hits. */
const ATTEMPTS = 10
/**
 * A round of each: long enough for the scheduler to have found a processor each for a cache and its Redis, after both
 * have been idle for the rounds of the others.
 */
const ROUND_MS = 250

/** What all of them read, in words. */
export const WHAT_IS_READ = `values of ${VALUE_BYTES} bytes as JSON, ${KEYS} keys in turn of which memory can hold ${IN_MEMORY}`

/**
 * Everybody, each in a process of its own, as an application has one cache: in one process each would be slowed down by
 * what the others leave on the heap and in the caches of the processor, and the fastest one the most. In a round
 * each is given the same order; `resultOf` makes its result of the nanoseconds that a call took.
 */
export async function everybodyAlone(
  server: { readonly host: string; readonly port: number },
  namespace: string,
  work: Pick<RemoteOrder, 'readers' | 'keysAtOnce'>,
  resultOf: (nanoseconds: number) => number,
): Promise<readonly Participant[]> {
  const settings = { ...server, keys: KEYS, inMemory: IN_MEMORY, valueBytes: VALUE_BYTES }
  const started = await ServiceProcess.startAll<RemoteProcessSettings, RemoteReady, RemoteOrder, RemoteAnswer>(
    PROCESS,
    everybody.map((_, index) => ({ ...settings, namespace: `${namespace}-${index}`, index })),
  )
  return started.map((one, index) => ({
    ...one.ready,
    role: everybody[index]![0],
    async measure() {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const { nanoseconds, loads } = await one.ask({ ...work, forMs: ROUND_MS })
        if (loads === 0) return resultOf(nanoseconds)
      }
      throw new Error(`${one.ready.name} loaded what Redis holds, in each of ${ATTEMPTS} attempts`)
    },
    close: () => one.end(),
  }))
}
