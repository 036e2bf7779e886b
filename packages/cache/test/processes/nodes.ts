import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { startProxy, type TcpProxy } from '../../../../scripts/services/tcp-proxy.mjs'
import { PATIENT, type RedisService, startRedis } from '../redis/servers.js'
import { CacheProcess, type CacheProcessOptions } from './cache-process.js'
import { Origin } from './origin.js'

/** A command as Redis took it, with the address of the client who sent it ('lua' for what a script did). */
export interface SeenCommand {
  readonly args: readonly string[]
  readonly source: string
}

/** A Redis of our own, an origin, and processes over both; `close` ends all of them. */
export async function startNodes() {
  const server = await startRedis()
  const admin = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  // It outlives servers that a test kills.
  admin.on('error', () => undefined)
  const origin = new Origin()
  const namespace = `processes-${randomBytes(4).toString('hex')}`
  const closing: (() => Promise<unknown>)[] = []

  async function start(
    count: number,
    options: CacheProcessOptions['options'] = {},
    via: Pick<TcpProxy, 'url'> | RedisService = server,
  ): Promise<CacheProcess[]> {
    const remoteOptions = { ...PATIENT, ...options.remoteOptions }
    const nodes = await Promise.all(
      Array.from({ length: count }, () =>
        CacheProcess.start({ url: via.url, origin, options: { namespace, ...options, remoteOptions } }),
      ),
    )
    closing.unshift(...nodes.map((node) => () => node.close()))
    return nodes
  }

  return {
    server,
    admin,
    origin,
    namespace,
    start,
    /** One node that reaches Redis through a proxy of its own. */
    async startBehindProxy(options: CacheProcessOptions['options'] = {}) {
      const proxy = await startProxy(server)
      closing.push(proxy.stop)
      const [node] = (await start(1, options, proxy)) as [CacheProcess]
      return { node, proxy }
    },
    /** Everything that Redis does from now on. */
    async monitor(): Promise<SeenCommand[]> {
      const seen: SeenCommand[] = []
      const monitor = await admin.monitor()
      closing.push(async () => monitor.disconnect())
      monitor.on('monitor', (_time: string, args: string[], source: string) => seen.push({ args, source }))
      return seen
    },
    async close() {
      for (const close of closing.splice(0)) await close()
      admin.disconnect()
      await server.stop()
    },
  }
}

export type Nodes = Awaited<ReturnType<typeof startNodes>>

/**
 * Reads from memory until the value is no longer `old`, and returns for how long after `since` (of performance.now())
 * it still was, in milliseconds; at least 0.
 */
export async function servedOld(node: CacheProcess, id: string, old: string, since: number): Promise<number> {
  for (let longest = 0; ; ) {
    const began = performance.now()
    if ((await node.value(id)) !== old) return longest
    longest = Math.max(longest, began - since)
    if (longest > 30_000) throw new Error(`'${old}' was still served after ${longest} ms`)
  }
}
