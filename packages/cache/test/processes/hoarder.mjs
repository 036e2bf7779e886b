/**
 * A process that stores far more than its heap can hold, under the bounds that it is given. Prints what became of it.
 */
import { createCache, inProcessRemote } from '@tableforge/cache'

// The stand-in for Redis lives in the same heap: here it is to hold next to nothing.
const cache = createCache({ memory: JSON.parse(process.argv[2]), remote: inProcessRemote({ maxEntries: 10 }) })
await cache.ready()
for (let round = 0; round < 90; round++) {
  for (let at = 0; at < 50; at++)
    await cache.getOrLoad(`${round}:${at}`, () => Array.from({ length: 1_200 }, (_, n) => n + 0.5))
  // As a server does between two requests.
  await new Promise((resolve) => setImmediate(resolve))
}
const { bytes, evictions } = cache.stats().memory
console.log(JSON.stringify({ bytes, evictions }))
await cache.close()
