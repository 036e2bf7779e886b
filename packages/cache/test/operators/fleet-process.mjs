/** A process of the fleet: reads through the cache as it is told by its standard input, until it is killed. */
import { createInterface } from 'node:readline'
import { createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'

const [url = '', node = ''] = process.argv.slice(2)
const cache = createCache({
  namespace: 'fleet',
  node,
  remote: redis({ url }),
  // A healthy Redis on a starved machine is not taken for a failing one: what is counted must not depend on it.
  remoteOptions: { timeout: '20s', commitTimeout: '20s' },
  history: { publish: '1s' },
})
const rooms = cache.define('room', {
  key: (/** @type {string} */ id) => id,
  load: async (/** @type {string} */ id) => {
    if (id.startsWith('broken')) throw new Error('no such room')
    return { id }
  },
})
await cache.ready()
console.log(cache.node)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'close') break
  for (const id of line.split(' ')) await rooms.get(id).catch(() => undefined)
  console.log('done')
}
await cache.close()
// Who told it to close still holds the other end.
process.stdin.destroy()
