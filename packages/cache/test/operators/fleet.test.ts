import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Cache, createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PATIENT, type RedisService, startRedis } from '../redis/servers.js'

const PROGRAM = fileURLToPath(new URL('./fleet-process.mjs', import.meta.url))

let server: RedisService
const children: ChildProcess[] = []

beforeAll(async () => {
  server = await startRedis()
})

afterAll(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  await server?.stop()
})

/** A process, and a way to have it read. */
async function start(name: string) {
  const child = spawn(process.execPath, [PROGRAM, server.url, name], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the process ${name} ended`)
    return value
  }
  const node = await line()
  return {
    node,
    async read(...ids: string[]) {
      child.stdin.write(`${ids.join(' ')}\n`)
      await line()
    },
    async end(how: 'killed' | 'closed') {
      if (how === 'killed') child.kill('SIGKILL')
      else child.stdin.write('close\n')
      await ended
    },
  }
}

async function until<T>(what: string, ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 40_000
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (performance.now() > deadline) throw new Error(`waited for ${what}, last: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

it('merges three processes over a real Redis exactly, drops the one that was killed, and remembers what it did', async () => {
  const [a, b, c] = await Promise.all([start('a'), start('b'), start('c')])
  // Each line is a read: 2 loads and 2 hits in memory; 2 hits in the remote tier and 1 load; 1 failure and 1 remote
  // hit.
  await a.read('one', 'two', 'one', 'two')
  await b.read('one', 'two', 'three')
  await c.read('broken', 'three')
  const truth = { reads: 9, memoryHits: 2, remoteHits: 3, misses: 4, loads: 4, loadErrors: 1 }
  const cache: Cache = createCache({
    namespace: 'fleet',
    node: 'reader',
    remote: redis({ url: server.url }),
    remoteOptions: PATIENT,
    history: { publish: '1s' },
  })
  try {
    await cache.ready()
    const fleet = await until(
      'the fleet to have published',
      () => cache.watch.fleet(),
      ({ total }) => total.reads === truth.reads,
    )
    expect(fleet.total).toMatchObject(truth)
    expect(fleet.definitions.room).toMatchObject(truth)
    expect(fleet.nodes.map(({ node }) => node)).toEqual([a.node, b.node, c.node, cache.node].sort())
    expect(fleet.nodes.find(({ node }) => node === b.node)?.total).toMatchObject({ reads: 3, remoteHits: 2, loads: 1 })

    const figures = await until(
      'the history to be published',
      () => cache.watch.figures({ window: '5m' }),
      ({ total }) => total.reads === truth.reads,
    )
    expect(figures.total).toMatchObject({ ...truth, failedReads: 1, errorRate: 1 / 9 })
    expect(figures.total.loadTime.count).toBe(3)

    await c.end('killed')
    await b.end('closed')
    await until(
      'the killed process to fall out',
      () => cache.watch.fleet(),
      ({ nodes }) => nodes.map(({ node }) => node).join() === [a.node, cache.node].sort().join(),
    )
    expect((await cache.watch.figures({ window: '1h' })).total).toMatchObject(truth)
    const { total } = await cache.watch.history({ resolution: '5m' })
    expect(total.reads.reduce((sum, reads) => sum + reads, 0)).toBe(truth.reads)
    await a.end('closed')
  } finally {
    await cache.close()
  }
}, 120_000)
