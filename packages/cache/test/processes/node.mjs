/**
 * One process with one cache on a real Redis, told what to do over its IPC channel. Its loader asks the parent, who is
 * the origin.
 */
import { createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'

const { url, options } = JSON.parse(process.argv[2] ?? '{}')
const cache = createCache({ ...options, remote: redis({ url }) })
const counted = { repaired: 0, lost: 0, recovered: 0 }
cache.on('log-repaired', () => counted.repaired++)
cache.on('log-lost', () => counted.lost++)
cache.on('recovered', () => counted.recovered++)

/** Loads that the parent has not answered. */
const loading = new Map()
let lastLoad = 0

const rooms = cache.define('room', {
  key: (/** @type {string} */ id) => id,
  load: (id) =>
    new Promise((resolve, reject) => {
      loading.set(++lastLoad, { resolve, reject })
      process.send?.({ type: 'load', load: lastLoad, id })
    }),
  tags: (_value, id) => [`of ${id}`],
})

const calls = {
  ready: () => cache.ready(),
  get: (id, options) => rooms.get(id, { ...options, details: true }),
  /** As many concurrent callers; the different values that they got. */
  crowd: async (id, callers) => [...new Set(await Promise.all(Array.from({ length: callers }, () => rooms.get(id))))],
  /** Reads of memory only. */
  peek: async (id) => rooms.peek(id)?.value,
  set: (id, value) => rooms.set(id, value),
  invalidate: (id) => rooms.invalidate(id),
  invalidateBy: (target) => cache.invalidate(target),
  clear: () => cache.clear(),
  log: async () => ({ ...cache.stats().log, ...counted }),
  close: async () => {
    await cache.close()
    // The channel is the last thing that keeps this process.
    process.disconnect()
  },
}

process.on('message', async (message) => {
  if (message.type === 'loaded') {
    const { resolve, reject } = loading.get(message.load)
    loading.delete(message.load)
    if ('error' in message) reject(new Error(message.error))
    else resolve(message.value)
    return
  }
  const { call, method, args } = message
  try {
    const value = await calls[method](...args)
    if (process.connected) process.send?.({ type: 'answer', call, value })
  } catch (error) {
    if (process.connected)
      process.send?.({ type: 'answer', call, error: `${error.code ?? error.name}: ${error.message}` })
  }
})
process.on('disconnect', () => cache.close())
