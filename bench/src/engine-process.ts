import type { EngineReady, EngineSettings } from './engine-messages.js'
import { ENGINE_WORK } from './engine-work.js'
import { serve } from './harness/processes.js'
import { flatKeys, lruCacheEngine, ourEngine } from './memory-engines.js'

/** Until then V8 has compiled what is measured, and `adaptive` has made its choice and watches as few keys as it will. */
const WARM_UP_MS = 400
const LEAST_WARM_UP_ROUNDS = 3

/** A process with one engine in memory, and one thing that it does all the time. */
await serve(async ({ engine: name, entries, work }: EngineSettings) => {
  const keys = flatKeys(entries * 2)
  const engine = name === 'lru-cache' ? lruCacheEngine(entries) : ourEngine(name, entries)
  for (const key of keys.slice(0, entries)) engine.set(key)
  const round = ENGINE_WORK[work](engine, keys, entries)
  const until = performance.now() + WARM_UP_MS
  for (let rounds = 0; rounds < LEAST_WARM_UP_ROUNDS || performance.now() < until; rounds++) await round()

  const ready: EngineReady = { name: engine.name, packages: engine.packages, configuration: engine.configuration }
  return { ready, answer: async (_order: object) => round(), close: () => undefined }
})
