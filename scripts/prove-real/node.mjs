/**
 * One of the processes of `npm run prove -- --real`: a cache on a real Redis, read, written and invalidated at random
 * by several callers at once. It records what it saw and judges nothing; times are milliseconds of the monotonic clock,
 * which the processes of one machine share.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'
import { createCacheWithout } from '@tableforge/cache/testing'
import { FIRST_KEY, KEYS, scopes } from './keys.mjs'

/** @typedef {{ key: number, version: number, since: number } | { key: number, version: number, set: string }} Thing */

const FLUSH_MS = 50
const PATIENCE_MS = 20_000
/** @type {import('./node-process.mjs').NodeSettings} */
const { url, namespace, index, callers, maxStalenessMs, without } = JSON.parse(process.argv[2] ?? '')

const now = () => Number(process.hrtime.bigint()) / 1e6
const chance = (/** @type {number} */ share) => Math.random() < share
const below = (/** @type {number} */ limit) => Math.floor(Math.random() * limit)
const tell = (/** @type {import('./node-process.mjs').FromNode} */ message) => {
  if (process.connected) process.send?.(message)
}

/** @type {import('./node-process.mjs').NodeRecord[]} */
let records = []
const flush = () => {
  tell({ type: 'records', upTo: now(), records })
  records = []
}

/** @type {import('@tableforge/cache').CacheOptions} */
const options = {
  namespace,
  node: `n${index}`,
  remote: redis({ url, logLength: 200, maxTags: 50 }),
  maxStaleness: maxStalenessMs,
  /** Fewer than there are keys, so that the remote tier is read too. */
  memory: { maxEntries: Math.floor(KEYS * 0.7) },
  remoteOptions: { timeout: 300, lease: 1_000 },
  defaults: { ttl: '1h', hardTimeout: '8s' },
}
const cache = without.length === 0 ? createCache(options) : createCacheWithout(without, options)

/** Questions to the origin that it has not answered. @type {Map<number, (version: number) => void>} */
const asking = new Map()
let lastQuestion = 0
/** @param {'read' | 'write'} type @param {number} key @returns {Promise<number>} */
const origin = (type, key) =>
  new Promise((resolve) => {
    asking.set(++lastQuestion, resolve)
    tell({ type, question: lastQuestion, key })
  })

const things = cache.define('thing', {
  key: (/** @type {number} */ key) => key,
  load: async (key) => {
    const since = now()
    const version = await origin('read', key)
    // What was read travels for a while: that is when invalidations overtake it.
    await pause(chance(0.05) ? 100 + below(400) : below(20))
    return /** @type {Thing} */ ({ key, version, since })
  },
  tags: (_thing, key) => [`t${key % 5}`],
})

/**
 * Where the messages of this node came to lie in the log, by seq.
 *
 * @type {Map<number, { epoch: string, at: number }>}
 */
const own = new Map()
cache.on('applied', ({ origin: issuer, epoch, seq }) => {
  const at = now()
  records.push({ type: 'applied', place: `${epoch}:${seq}`, at })
  if (issuer === cache.node) own.set(seq, { epoch, at })
})
cache.on('recovered', () => records.push({ type: 'recovered', at: now() }))
cache.on('log-repaired', () => records.push({ type: 'repaired' }))
cache.on('log-lost', ({ reason }) => records.push({ type: 'lost', reason }))

const anyKey = () => FIRST_KEY + below(KEYS)

async function read() {
  const key = anyKey()
  const freshness = chance(0.15) ? 'remote' : 'memory'
  const began = now()
  const { value, tier } = await things.get(key, { freshness, details: true })
  seen(key, freshness, began, tier, /** @type {Thing} */ (value))
}

async function readMany() {
  const keys = [...new Set(Array.from({ length: 5 }, anyKey))]
  const began = now()
  const values = await things.getMany(keys)
  for (const [at, key] of keys.entries()) seen(key, 'memory', began, 'many', /** @type {Thing} */ (values[at]))
}

/**
 * @param {number} key @param {'memory' | 'remote'} freshness @param {number} began
 * @param {string} tier @param {Thing} thing
 */
function seen(key, freshness, began, tier, thing) {
  if (thing.key !== key) return records.push({ type: 'failed', operation: 'read', code: 'another key' })
  return records.push({ type: 'read', key, freshness, began, ended: now(), tier, thing })
}

async function invalidate() {
  const { scope, target, keys } = scopes[below(scopes.length)]?.(anyKey()) ?? {
    scope: 'clear',
    target: undefined,
    keys: [],
  }
  const written = keys[below(keys.length)] ?? anyKey()
  await origin('write', written)
  const issued = now()
  const { seq, propagated } = await (target === undefined ? cache.clear() : cache.invalidate(target))
  acknowledged(scope, keys, issued, seq, propagated)
}

let lastSet = 0
async function set() {
  const key = anyKey()
  const version = await origin('write', key)
  const name = `${index}:${++lastSet}`
  const issued = now()
  const { seq, propagated } = await things.set(key, { key, version, set: name })
  acknowledged('set', [key], issued, seq, propagated, name)
}

/**
 * @param {string} scope @param {readonly number[]} keys @param {number} issued @param {number | undefined} seq
 * @param {boolean} propagated @param {string} [name] of a set
 */
function acknowledged(scope, keys, issued, seq, propagated, name) {
  const applied = own.get(seq ?? 0)
  // Numbers begin again with every epoch: an older one may have had the same.
  const place = applied === undefined || applied.at < issued ? undefined : `${applied.epoch}:${seq}`
  records.push({ type: 'invalidation', scope, keys, issued, acknowledged: now(), propagated, place, set: name })
}

let stopping = false
let busy = 0

function choose() {
  const kind = Math.random()
  if (kind < 0.88) return { operation: 'read', act: read }
  if (kind < 0.94) return { operation: 'read of many', act: readMany }
  return kind < 0.98 ? { operation: 'invalidation', act: invalidate } : { operation: 'set', act: set }
}

async function caller() {
  while (!stopping) {
    const { operation, act } = choose()
    busy++
    try {
      await act()
    } catch (error) {
      const { code, message } = /** @type {{ code?: string, message: string }} */ (error)
      records.push({ type: 'failed', operation, code: code ?? message })
    }
    busy--
    await pause(below(12))
  }
}

const flushing = setInterval(flush, FLUSH_MS)

async function stop() {
  stopping = true
  const deadline = now() + PATIENCE_MS
  while (busy > 0 && now() < deadline) await pause(10)
  clearInterval(flushing)
  flush()
  tell({ type: 'stopped', stuck: busy })
  await cache.close()
  process.disconnect()
}

process.on('message', (/** @type {import('./node-process.mjs').ToNode} */ message) => {
  if (message.type === 'stop') void stop()
  else {
    asking.get(message.question)?.(message.version)
    asking.delete(message.question)
  }
})
// Without its parent it has nobody to tell.
process.on('disconnect', () => {
  if (!stopping) process.exit(1)
})

await cache.ready()
tell({ type: 'ready' })
await Promise.all(Array.from({ length: callers }, caller))
