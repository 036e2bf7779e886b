import { createCache } from '@tableforge/cache'

/** A process that has nothing to do any more but to close its cache, in which a load is under way. */
const cache = createCache()
await cache.ready()
const loading = cache.getOrLoad('k', () => new Promise((resolve) => setTimeout(resolve, 300, 'loaded').unref()))
await cache.close()
process.stdout.write(`closed, ${await loading}`)
