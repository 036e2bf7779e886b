import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Checker } from './prove-real/checker.mjs'
import { makeTrouble } from './prove-real/faults.mjs'
import { NodeProcess } from './prove-real/node-process.mjs'
import { describe, held } from './prove-real/report.mjs'
import { startRedis } from './services/redis.mjs'
import { startProxy } from './services/tcp-proxy.mjs'

/**
 * @typedef {object} RealOptions
 * @property {number} [seconds] of trouble; default 60
 * @property {number} [minutes] the same in minutes
 * @property {number} [nodes] processes; default 4
 * @property {number} [callers] in each process at the same time; default 12
 * @property {number} [maxStalenessMs] default 1,000
 * @property {readonly import('@tableforge/cache/testing').ProtocolPart[]} [without] parts of the protocol to switch
 *   off, to see the checker fail
 */

/**
 * The proof of coherence on real processes over a real Redis, whose connections are cut and which is paused, killed and
 * restarted: prints what it did and saw. Needs the built library.
 *
 * @param {RealOptions} [options]
 * @returns {Promise<boolean>} whether the promise held
 */
export async function proveReal(options = {}) {
  const report = await runReal(options)
  for (const line of describe(report)) console.log(line)
  return held(report)
}

/**
 * As {@link proveReal}, without printing.
 *
 * @param {RealOptions} [options]
 * @returns {Promise<import('./prove-real/report.mjs').Report>}
 */
export async function runReal({
  minutes,
  seconds = (minutes ?? 1) * 60,
  nodes: count = 4,
  callers = 12,
  maxStalenessMs = 1_000,
  without = [],
} = {}) {
  const checker = new Checker(maxStalenessMs)
  const namespace = `prove-${randomBytes(4).toString('hex')}`
  /** The origin: one version for each key, counted up by writes. @type {Map<number, number>} */
  const versions = new Map()
  const server = await startRedis()
  const proxies = await Promise.all(Array.from({ length: count }, () => startProxy(server)))
  /** @type {Map<number, NodeProcess>} by place; the index of a node is never used again */
  const nodes = new Map()
  /** @type {string[]} */
  const disorders = []
  /** @type {{ name: string, from: number, to: number }[]} */
  const history = []
  let lastIndex = 0

  /** @param {number} place */
  async function startNode(place) {
    const index = ++lastIndex
    checker.join(index)
    const url = proxies[place]?.url ?? server.url
    const node = new NodeProcess(
      { url, namespace, index, callers, maxStalenessMs, without: [...without] },
      (message, reply) => {
        if (message.type === 'records') checker.take(index, message.upTo, message.records)
        else if (message.type === 'read' || message.type === 'write') {
          const version = (versions.get(message.key) ?? 0) + (message.type === 'write' ? 1 : 0)
          versions.set(message.key, version)
          reply({ type: 'answer', question: message.question, version })
        }
      },
    )
    nodes.set(place, node)
    await node.ready()
    return index
  }

  /** The index of the node in each place. @type {number[]} */
  let indices = []

  async function crashNode() {
    const place = Math.floor(Math.random() * count)
    await nodes.get(place)?.kill()
    checker.leave(indices[place] ?? 0)
    indices[place] = await startNode(place)
  }

  const trouble = new AbortController()
  /** @type {NodeJS.Timeout | undefined} */
  let alarm
  try {
    indices = await Promise.all(proxies.map((_proxy, place) => startNode(place)))
    alarm = setTimeout(() => trouble.abort(), seconds * 1_000)
    await makeTrouble({ server, proxies, crashNode }, trouble.signal, (fault) => history.push(fault))
    // A while of peace: whatever was lost must be made good by now, and reads go on to tell.
    await pause(maxStalenessMs * 2)
  } finally {
    clearTimeout(alarm)
    for (const proxy of proxies) proxy.heal()
    await Promise.all(
      [...nodes].map(async ([place, node]) => {
        const disorder = await node.stop()
        if (disorder !== undefined) disorders.push(`node ${indices[place]}: ${disorder}`)
      }),
    )
    await Promise.all(proxies.map((proxy) => proxy.stop()))
    await server.stop()
  }
  checker.finish()
  /** @type {Record<string, number>} */
  const faults = {}
  for (const { name } of history) faults[name] = (faults[name] ?? 0) + 1
  const { violations, reads, tiers, invalidations, failures, repairs, losses, recoveries, longestStalenessMs } = checker
  const seen = { reads, tiers, invalidations, failures, repairs, losses, recoveries, longestStalenessMs, violations }
  return { seconds, nodes: count, callers, ...seen, faults, boundMs: maxStalenessMs, disorders, history }
}
