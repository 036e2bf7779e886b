import type { EngineReady, EngineSettings } from './engine-messages.js'
import { ENGINE_WORK } from './engine-work.js'
import { serve } from './harness/processes.js'
import { flatKeys, lruCacheEngine, ourEngine } from './memory-engines.js'

/** Then V8 has compiled what is measured, and `adaptive` has made its choice and watches as few keys as it will. */
const WARM_UP_MS = 400
/** A round: long enough that it does not matter how long the process was idle before. */
const ROUND_MS = 150

/** A process with one engine in memory, and one thing that it does all the time. */
await serve(async ({ engine: name, entries, work }: EngineSettings) => {
  const keys = flatKeys(entries * 2)
  const engine = name === 'lru-cache' ? lruCacheEngine(entries) : ourEngine(name, entries)
  for (const key of keys.slice(0, entries)) engine.set(key)
  const once = ENGINE_WORK[work](engine, keys, entries)
  const roundOf = async (leastMs: number) => {
    const until = performance.now() + leastMs
    let sum = 0
    let times = 0
    do {
      sum += await once()
      times++
    } while (performance.now() < until)
    return sum / times
  }
  await roundOf(WARM_UP_MS)

  const ready: EngineReady = { name: engine.name, packages: engine.packages, configuration: engine.configuration }
  return { ready, answer: async (_order: object) => roundOf(ROUND_MS), close: () => undefined }
})
