import { readConfiguration } from '../../apps/tableforge/dist/configuration.js'
import { openTable } from '../../apps/tableforge/dist/table.js'

/**
 * A process of TableForge under observation: it tells its parent when its cache gives up the remote tier and finds it
 * again, and answers for its figures.
 */

/** @typedef {import('./messages.mjs').FromApp} FromApp */
/** @typedef {import('./messages.mjs').ToApp} ToApp */

const MOST_COMPLAINTS = 20

/** @type {string[]} */
const complaints = []
/** @param {{ err?: Error, error?: string }} details @param {string} message */
const complain = ({ err, error }, message) => {
  if (complaints.length < MOST_COMPLAINTS) complaints.push(`${message}: ${err?.message ?? error ?? ''}`.slice(0, 300))
}
const nothing = () => undefined
const logger = { debug: nothing, info: nothing, warn: nothing, error: complain }

/** @param {FromApp} message */
const tell = (message) => process.send?.(message)
/** The clock that all processes of this machine share. */
const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6

const configuration = await readConfiguration(process.env)
// The app asks for more of a logger than it uses.
const table = await openTable(configuration, /** @type {import('pino').Logger} */ (/** @type {unknown} */ (logger)))
const { cache } = table

/** Durations of the loads since they were last asked for. @type {number[]} */
const loads = []
let remoteErrors = 0
cache.on('load', ({ durationMs }) => loads.push(durationMs))
cache.on('remote-error', () => remoteErrors++)
cache.on('breaker', ({ state, reason, afterMs }) => {
  tell({ type: 'breaker', at: monotonicMs(), state, reason, afterMs: afterMs ?? 0 })
})
cache.on('remote-state', ({ state }) => tell({ type: 'remote', at: monotonicMs(), state }))

process.on('message', async (/** @type {ToApp} */ message) => {
  if (message.type === 'figures') {
    if (message.collect) await collectGarbage()
    const { heapUsed, rss } = process.memoryUsage()
    const { remote, log, memory } = cache.stats()
    const whole = remote.state === 'up' && remote.breaker === 'closed' && log.subscribed && log.recovering === 0
    tell({
      type: 'figures',
      heapUsed,
      rss,
      whole,
      waiting: log.recovering,
      entries: memory.entries,
      loads: loads.splice(0),
      remoteErrors,
      complaints: complaints.splice(0),
    })
  } else {
    await table.close()
    process.disconnect()
  }
})
tell({ type: 'ready', url: table.url })

/** What was let go of in one turn may be held by the next collection's finalizers. */
async function collectGarbage() {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
