import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { serve } from '@hono/node-server'
import { type Cache, createCache, type Definition } from '@tableforge/cache'
import { createInvalidator, entry, type Invalidator, patch, tag } from '@tableforge/cache/invalidation'
import { redis } from '@tableforge/cache/redis'
import { startRedis } from '../../../../scripts/services/redis.mjs'
import { runCli } from '../../src/cli/program.js'
import { createConsole } from '../../src/index.js'

export const OPERATOR = 'a-token-of-the-operators'
export const VIEWER = 'a-token-of-the-viewers'
export const NAMESPACE = 'shop'

/** A console on real HTTP over a cache on a real Redis, as the command meets them. */
export interface Running {
  readonly url: string
  readonly redisUrl: string
  readonly node: string
  readonly cache: Cache
  readonly rooms: Definition<[id: string], { id: string }>
  /** Its event `moved` removes a tag and updates a room besides. */
  readonly invalidator: Invalidator<{ moved: string }>
  loseRedis(): Promise<void>
  close(): Promise<void>
}

export async function startAll({ sample = 1 } = {}): Promise<Running> {
  const service = await startRedis()
  const redisUrl = `redis://127.0.0.1:${service.port}`
  const cache = createCache({
    namespace: NAMESPACE,
    node: 'web-1',
    // A healthy Redis on a starved machine is not taken for a failing one.
    remote: redis({ url: redisUrl }),
    remoteOptions: { timeout: '20s', commitTimeout: '20s' },
    history: { publish: '1s' },
    alerts: true,
    heavyHitters: { sample },
  })
  await cache.ready()
  // What counts keys is loaded in the background.
  await cache.watch.heavyHitters({ by: 'hits' })
  const rooms = cache.define('room', {
    key: (id: string) => id,
    load: async (id) => ({ id }),
    tags: () => ['rooms'],
    grace: '1h',
  })
  const invalidator = createInvalidator<{ moved: string }>(cache, {
    rules: { moved: (id) => [tag(`at:${id}`), patch(entry(rooms, id), () => rooms.set(id, { id }))] },
  })
  const operated = createConsole({
    cache,
    invalidator,
    auth: [
      { token: OPERATOR, name: 'olga' },
      { token: VIEWER, role: 'viewer' },
    ],
  })
  const server = serve({
    fetch: (request, env) => operated.fetch(request, env),
    port: 0,
    hostname: '127.0.0.1',
  }) as Server
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/console`,
    redisUrl,
    node: cache.node,
    cache,
    rooms,
    invalidator,
    loseRedis: () => service.stop(),
    async close() {
      await operated.close()
      await invalidator.close()
      const stopped = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await stopped
      await cache.close()
      await service.stop()
    },
  }
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** One command line in this process, with streams that are no terminal unless said otherwise. */
export async function run(
  args: readonly string[],
  env: Record<string, string>,
  { input = '', tty = false }: { input?: string; tty?: boolean } = {},
): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const collect = (into: string[]) =>
    new Writable({
      write(chunk, _, done) {
        into.push(String(chunk))
        done()
      },
    })
  const code = await runCli(
    args,
    {
      stdin: Object.assign(Readable.from([input]), { isTTY: tty }),
      stdout: Object.assign(collect(out), { isTTY: tty, columns: 100, rows: 30 }),
      stderr: collect(err),
      env,
    },
    new AbortController().signal,
  )
  return { code, out: out.join(''), err: err.join('') }
}
