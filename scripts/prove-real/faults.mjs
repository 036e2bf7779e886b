import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

/**
 * What goes wrong, for how long at most (milliseconds; 0 is over at once), and how often compared with the others.
 *
 * @typedef {object} Fault
 * @property {string} name
 * @property {number} longestMs
 * @property {number} weight
 * @property {(scene: Scene) => Promise<(() => Promise<unknown> | unknown) | void> | (() => Promise<unknown> | unknown)
 *   | void} begin returns how it ends
 */

/**
 * @typedef {object} Scene
 * @property {import('../services/redis.mjs').RedisService} server
 * @property {readonly import('../services/tcp-proxy.mjs').TcpProxy[]} proxies one in front of each node
 * @property {() => Promise<void>} crashNode kills one node and starts another in its place
 */

/** @template T @param {readonly T[]} items @returns {T} */
const oneOf = (items) => /** @type {T} */ (items[Math.floor(Math.random() * items.length)])

const run = promisify(execFile)

/** Speaks to the server itself, past all proxies. @param {Scene} scene @param {readonly string[]} words */
async function command({ server }, words) {
  await run('redis-cli', ['-h', server.host, '-p', String(server.port), ...words], { timeout: 10_000 })
}

/** @type {readonly Fault[]} */
const kinds = [
  {
    name: 'subscribers killed by Redis',
    longestMs: 0,
    weight: 3,
    begin: (scene) => command(scene, ['client', 'kill', 'type', 'pubsub']),
  },
  {
    name: 'all clients killed by Redis',
    longestMs: 0,
    weight: 2,
    begin: (scene) => command(scene, ['client', 'kill', 'type', 'normal', 'skipme', 'yes']),
  },
  { name: "a node's connections cut", longestMs: 0, weight: 2, begin: ({ proxies }) => void oneOf(proxies).cut() },
  {
    name: "a node's subscriber cut",
    longestMs: 0,
    weight: 3,
    begin: ({ proxies }) => void oneOf(proxies).cut('subscribers'),
  },
  {
    name: 'a node cut off',
    longestMs: 3_000,
    weight: 3,
    begin: ({ proxies }) => {
      const proxy = oneOf(proxies)
      proxy.refuse()
      return proxy.heal
    },
  },
  {
    name: "a node's route dead",
    longestMs: 3_000,
    weight: 3,
    begin: ({ proxies }) => {
      const proxy = oneOf(proxies)
      proxy.stall()
      return proxy.heal
    },
  },
  {
    name: 'a node hears no messages',
    longestMs: 4_000,
    weight: 3,
    begin: ({ proxies }) => {
      const proxy = oneOf(proxies)
      proxy.stall('subscribers')
      return proxy.heal
    },
  },
  {
    name: 'redis-server paused',
    longestMs: 3_000,
    weight: 3,
    begin: ({ server }) => {
      const { pid } = server
      process.kill(pid, 'SIGSTOP')
      return () => process.kill(pid, 'SIGCONT')
    },
  },
  {
    name: 'redis-server killed and restarted',
    longestMs: 2_000,
    weight: 2,
    begin: async ({ server }) => {
      await server.kill()
      return server.restart
    },
  },
  {
    name: 'FLUSHALL by a stranger',
    longestMs: 0,
    weight: 1,
    begin: (scene) => command(scene, ['flushall']),
  },
  { name: 'a node killed and replaced', longestMs: 0, weight: 1, begin: ({ crashNode }) => crashNode() },
]

/**
 * Lets one thing after the other go wrong until told to stop, with some peace in between. A first round has every kind
 * once, the rest is drawn by weight.
 *
 * @param {Scene} scene @param {AbortSignal} signal
 * @param {(entry: { name: string, from: number, to: number }) => void} note called when a fault is over
 */
export async function makeTrouble(scene, signal, note) {
  const lots = kinds.flatMap((kind) => Array.from({ length: kind.weight }, () => kind))
  const first = [...kinds].sort(() => Math.random() - 0.5)
  while (!signal.aborted) {
    const { name, longestMs, begin } = first.pop() ?? oneOf(lots)
    const from = monotonicMs()
    const end = await begin(scene)
    await calmly(longestMs * Math.random(), signal)
    await end?.()
    note({ name, from, to: monotonicMs() })
    await calmly(200 + 800 * Math.random(), signal)
  }
}

/** @param {number} ms @param {AbortSignal} signal */
function calmly(ms, signal) {
  return pause(ms, undefined, { signal }).catch(() => undefined)
}

/** The clock that all processes of this machine share. */
export function monotonicMs() {
  return Number(process.hrtime.bigint()) / 1e6
}
