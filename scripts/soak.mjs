// npm run soak: one process at full speed over very many keys with short lives; what it took must be given back.
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startRedis } from './services/redis.mjs'
import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { requireNode } from './setup/node-version.mjs'
import { explain } from './setup/setup-error.mjs'

const USAGE = `Usage: npm run soak -- [options]

  --minutes N   how long (default 10)
  --keys N      distinct keys (default 1000000)
  --json        the figures as JSON

Exits with 1 when heap, handles or keys in Redis do not end where they began. Needs redis-server.`

const TTL_MS = 2_000
const CALLERS = 64
/** Beside reads: one in so many is a write, an invalidation of a key, of a tag, of a pattern. */
const CHANGES = { set: 20, key: 20, tag: 2_000, pattern: 20_000 }
const SAMPLE_EVERY_MS = 5_000
/** Until the last entries have expired everywhere. */
const CALM_MS = 3 * TTL_MS
const HEAP_SLACK_MB = 12

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    keys: { type: 'string', default: '1000000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const [minutes, keys] = [Number(values.minutes), Number(values.keys)]
if (!(minutes > 0) || !(Number.isInteger(keys) && keys > 0)) {
  console.error(`--minutes and --keys: expected numbers above 0\n\n${USAGE}`)
  process.exit(2)
}
// Only a process that may collect its garbage can tell what it holds.
if (globalThis.gc === undefined) {
  const { spawnSync } = await import('node:child_process')
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...process.argv.slice(1)], { stdio: 'inherit' })
  process.exit(status ?? 1)
}

requireNode()
try {
  await install()
  await build({})
  const report = await soak()
  console.log(values.json ? JSON.stringify(report, undefined, 2) : describe(report).join('\n'))
  process.exitCode = report.missed.length === 0 ? 0 : 1
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}

/** @typedef {{ heapMb: number, rssMb: number, handles: number, redisKeys: number, redisMb: number }} Held */

async function soak() {
  const { createCache } = await import('@tableforge/cache')
  const { redis } = await import('@tableforge/cache/redis')
  const { Redis } = await import('ioredis')
  const server = await startRedis()
  const admin = new Redis(server.url)
  /** @returns {Promise<Held>} */
  const held = async () => {
    for (let round = 0; round < 4; round++) {
      globalThis.gc?.()
      await pause(50)
    }
    const { heapUsed, rss } = process.memoryUsage()
    const memory = await admin.info('memory')
    return {
      heapMb: heapUsed / 1e6,
      rssMb: rss / 1e6,
      handles: process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout' && kind !== 'Immediate').length,
      redisKeys: await admin.dbsize(),
      redisMb: Number(/used_memory:(\d+)/.exec(memory)?.[1]) / 1e6,
    }
  }
  const cache = createCache({
    namespace: 'soak',
    remote: redis({ url: server.url }),
    // It is Redis that is to be used, also on a machine that is too busy to answer in time.
    remoteOptions: { timeout: '5s' },
    memory: { maxEntries: 100_000, maxBytes: '64mb' },
    defaults: { ttl: TTL_MS, jitter: 0.2 },
  })
  await cache.ready()
  const rows = cache.define('row', {
    key: (/** @type {number} */ id) => id,
    load: async (id) => {
      // As a database does: callers that never let the event loop turn would keep Redis from being heard.
      await turn()
      return { id, name: `row ${id}`, numbers: [id, id + 1, id + 2] }
    },
    tags: ({ id }) => [`group ${id % 1_000}`],
  })
  const counts = { reads: 0, changes: 0, wrong: 0 }
  let until = 0
  /** @type {Held[]} */
  const samples = []

  const caller = async () => {
    while (performance.now() < until) {
      const id = Math.floor(Math.random() * keys)
      const draw = Math.random()
      if (draw < 1 / CHANGES.pattern) await cache.invalidate({ pattern: `row:${id % 100}*` })
      else if (draw < 2 / CHANGES.tag) await cache.invalidate({ tag: `group ${id % 1_000}` })
      else if (draw < 1 / CHANGES.set) await rows.set(id, { id, name: `row ${id}`, numbers: [id, id + 1, id + 2] })
      else if (draw < 2 / CHANGES.key) await rows.invalidate(id)
      else {
        if ((await rows.get(id)).id !== id) counts.wrong++
        counts.reads++
        continue
      }
      counts.changes++
    }
  }
  const work = () => Promise.all(Array.from({ length: CALLERS }, caller))

  // What the first use of everything takes is taken for good: code, connections, tables.
  for (let from = 0; from < 5_000; from += CALLERS)
    await Promise.all(Array.from({ length: CALLERS }, (_, at) => rows.get(from + at)))
  await pause(CALM_MS)
  const before = await held()
  const sampling = setInterval(() => {
    const { heapUsed, rss } = process.memoryUsage()
    samples.push({ heapMb: heapUsed / 1e6, rssMb: rss / 1e6, handles: 0, redisKeys: 0, redisMb: 0 })
  }, SAMPLE_EVERY_MS)
  const began = performance.now()
  until = began + minutes * 60_000
  await work()
  const seconds = (performance.now() - began) / 1_000
  clearInterval(sampling)
  await pause(CALM_MS)
  const after = await held()
  const { total, memory, log } = cache.stats()
  await cache.close()
  const closed = await held()
  const lasting = await admin.keys('*')
  admin.disconnect()
  await server.stop()
  const mostHeapMb = Math.max(before.heapMb, ...samples.map(({ heapMb }) => heapMb))
  const report = {
    seconds,
    keys,
    ...counts,
    perSecond: counts.reads / seconds,
    hits: total.memoryHits + total.remoteHits,
    remoteErrors: total.remoteErrors,
    log,
    evictions: memory.evictions,
    before,
    after,
    closed,
    mostHeapMb,
    lasting,
  }
  return { ...report, missed: missedBy(report) }
}

/** @param {{ wrong: number, reads: number, remoteErrors: number, before: Held, after: Held }} report */
function missedBy({ wrong, reads, remoteErrors, before, after }) {
  const missed = []
  if (remoteErrors > reads / 100) missed.push(`${remoteErrors} calls to Redis failed: it was not used as it should be`)
  if (wrong > 0) missed.push(`${wrong} reads answered with another key's value`)
  if (after.heapMb > before.heapMb + HEAP_SLACK_MB)
    missed.push(`the heap grew from ${before.heapMb.toFixed(1)} to ${after.heapMb.toFixed(1)} MB`)
  if (after.handles > before.handles) missed.push(`handles grew from ${before.handles} to ${after.handles}`)
  if (after.redisKeys > before.redisKeys + 2)
    missed.push(`keys in Redis grew from ${before.redisKeys} to ${after.redisKeys}`)
  return missed
}

/** @param {Awaited<ReturnType<typeof soak>>} report */
function describe(report) {
  const row = (/** @type {string} */ name, /** @type {Held} */ one) =>
    `  ${name.padEnd(10)}heap ${one.heapMb.toFixed(1)} MB, resident ${one.rssMb.toFixed(0)} MB, handles ${one.handles}, Redis ${one.redisKeys} keys, ${one.redisMb.toFixed(1)} MB`
  return [
    `${report.reads.toLocaleString('en')} reads and ${report.changes.toLocaleString('en')} changes of ${report.keys.toLocaleString('en')} keys in ${report.seconds.toFixed(0)} s, ${report.perSecond.toFixed(0)} reads a second, ${report.hits.toLocaleString('en')} hits; ttl ${TTL_MS} ms`,
    row('before', report.before),
    row('after', report.after),
    row('closed', report.closed),
    `  the most of the heap while it ran, garbage included: ${report.mostHeapMb.toFixed(1)} MB`,
    ...(report.missed.length === 0 ? ['Everything ended where it began.'] : report.missed),
  ]
}
