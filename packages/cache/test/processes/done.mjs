/**
 * A process that has something to do and is then done. It never calls process.exit: nothing of the cache may keep it.
 */
import { createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'

const cache = createCache({ namespace: 'done', remote: redis({ url: process.argv[2] }) })
const rooms = cache.define('room', { key: (id) => id, load: (id) => `loaded ${id}`, refreshAhead: 0.5, grace: '1h' })
console.log(await rooms.get('r'))
await rooms.invalidate('r')
console.log(await rooms.get('r', { freshness: 'remote' }))
await cache.close()
