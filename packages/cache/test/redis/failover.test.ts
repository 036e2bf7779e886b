import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCache } from '../../src/index.js'
import type { RedisOptions } from '../../src/redis/index.js'
import { redis } from '../../src/redis/index.js'
import { keyLayout } from '../../src/redis/key-layout.js'
import { until } from '../../src/testing/remote-contract/case.js'
import {
  addReplica,
  follows,
  moveSlot,
  ownerOf,
  plays,
  replicaOf,
  reshard,
  slotsBefore,
  withClient,
} from './cluster-changes.js'
import { type ClusterService, PATIENT, type RedisService, startCluster, startRedis, startSentinel } from './servers.js'
import { Traffic, type TrafficOptions } from './traffic.js'

/** Whole caches over a Redis that changes under them: what the tiers promise each, kept together. */

// Elections take seconds, and longer on a busy machine; what is waited for has deadlines of its own.
vi.setConfig({ testTimeout: 120_000 })

const open: { close(): Promise<unknown> | unknown }[] = []

afterEach(async () => {
  // Latest first: what connects before what it connects to.
  for (const one of open.splice(0).reverse()) await one.close()
})

function own<T extends { stop(): Promise<void> }>(service: T): T {
  open.push({ close: () => service.stop() })
  return service
}

async function traffic(redisOptions: RedisOptions, options?: TrafficOptions): Promise<Traffic> {
  const made = new Traffic(redisOptions, options)
  open.push(made)
  await made.ready()
  made.start()
  return made
}

async function admin(server: RedisService): Promise<Redis> {
  const client = new Redis(server.url)
  client.on('error', () => {})
  open.push({ close: () => client.disconnect() })
  return client
}

async function expectCoherent(made: Traffic): Promise<void> {
  await made.settled()
  await made.more(50)
  await made.stop()
  expect(made.violations).toEqual([])
  expect(await made.differences()).toEqual([])
  expect(made.counts.loads).toBeGreaterThan(0)
}

async function otherMaster(cluster: ClusterService, than: RedisService): Promise<RedisService> {
  for (const server of cluster.servers) if (server !== than && (await plays(server, 'master'))) return server
  throw new Error('there is no other master')
}

const layout = keyLayout('ns', 0)

/**
 * The owner of a key and the server that follows it; on a busy machine a replica may have taken its master's place a
 * moment ago.
 */
async function followed(cluster: ClusterService, key: string) {
  for (;;) {
    const log = await ownerOf(cluster, key)
    const replica = await replicaOf(cluster, log)
    if (replica !== undefined && (await follows(replica))) return { log, replica }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** How far a replica knows the log. */
async function logOf(replica: RedisService): Promise<{ epoch: string | null; seq: number }> {
  return withClient(replica, async (client) => {
    // On a Cluster a replica sends readers away otherwise; without one this is refused, and means nothing.
    await client.readonly().catch(() => undefined)
    const [epoch = null, seq] = await client.hmget(layout.head, 'epoch', 'seq')
    return { epoch, seq: Number(seq) }
  })
}

/**
 * All that was acknowledged is in the log of the replica; the epoch can still be a new one afterwards: what a master
 * told before it died, and never acknowledged, was heard by nodes and is in nobody's log.
 */
async function expectKept(replica: RedisService, made: Traffic, epoch: string | undefined): Promise<void> {
  const { acknowledgedSeq } = made
  const log = await logOf(replica)
  expect(acknowledgedSeq).toBeGreaterThan(0)
  expect(log.epoch).toBe(epoch)
  expect(log.seq).toBeGreaterThanOrEqual(acknowledgedSeq)
}

function expectOneEpoch(made: Traffic): void {
  expect(new Set(made.nodes.map(({ cache }) => cache.stats().log.epoch)).size).toBe(1)
}

describe('a failover through Sentinel while caches read, load and invalidate', () => {
  it('keeps what was acknowledged and replicated when the master is killed', async () => {
    const service = own(await startSentinel())
    const made = await traffic({ sentinels: service.sentinels, name: service.name, waitReplicas: 1 })
    await made.more(200, 30)
    await made.settled()
    // Not all of them: a starved replica may be later than a commit waits for it.
    expect(made.counts.postponed).toBeLessThan(made.counts.invalidations)
    const { postponed } = made.counts
    const { epoch } = made.nodes[0]?.cache.stats().log ?? {}
    await service.master.kill()
    await expectKept(service.replica, made, epoch)
    await made.waitFor('an invalidation to be postponed', () => made.counts.postponed > postponed)
    await until('the replica is promoted', () => plays(service.replica, 'master'))
    // It comes back, empty, as the replica of the new master: from now on commits are replicated again. Were it a
    // master for a moment, who has not heard of the failover yet would take it for the old one, its log lost.
    await service.master.restart('--replicaof', `${service.replica.host} ${service.replica.port}`)
    await made.settled()
    await made.more(200, 20)
    await expectCoherent(made)
    expectOneEpoch(made)
  })

  it('keeps them when the master is asked to step down', async () => {
    const service = own(await startSentinel())
    const made = await traffic({ sentinels: service.sentinels, name: service.name, waitReplicas: 1 }, { seed: 2 })
    await made.more(100, 10)
    const sentinel = await admin(service.sentinel)
    await sentinel.call('SENTINEL', 'FAILOVER', service.name)
    await until('the replica is promoted', () => plays(service.replica, 'master'))
    await until('the old master follows it', () => plays(service.master, 'slave'))
    await made.settled()
    await made.more(100, 10)
    await expectCoherent(made)
  })

  it('begins a new epoch when acknowledged invalidations were lost with the master, so that memory is confirmed again', async () => {
    const service = own(await startSentinel())
    const made = new Traffic({ sentinels: service.sentinels, name: service.name })
    open.push(made)
    await made.ready()
    for (const { values } of made.nodes) await values.get('k0')
    const [first] = made.nodes
    const before = first?.cache.stats().log
    // From here on nothing reaches the replica.
    await withClient(service.replica, (client) => client.replicaof('127.0.0.1', 1))
    for (const { values } of made.nodes) await values.invalidate('k1')
    const lost = first?.cache.stats().log.applied ?? 0
    expect(lost).toBeGreaterThan(before?.applied ?? 0)
    await service.master.kill()
    await made.waitFor('every node to have lost the log', () =>
      made.nodes.every(({ cache }) => cache.stats().log.losses > 0 && cache.stats().remote.state === 'up'),
    )
    const epochs = new Set(made.nodes.map(({ cache }) => cache.stats().log.epoch))
    expect(epochs.size).toBe(1)
    expect(epochs.has(before?.epoch ?? '')).toBe(false)
    for (const { cache } of made.nodes) expect(cache.peek('v:k0')).toBeUndefined()
    made.start()
    await made.more(100, 10)
    await expectCoherent(made)
  })
})

describe('a Cluster that changes while caches read, load and invalidate', () => {
  it('goes on when the master of the log is killed and its replica promoted', async () => {
    const cluster = own(await startCluster())
    const log = await ownerOf(cluster, layout.head)
    const replica = own(await addReplica(cluster, log.owner, log.id))
    const made = await traffic({ cluster: cluster.nodes })
    await made.more(150, 20)
    const { epoch } = made.nodes[0]?.cache.stats().log ?? {}
    // What was acknowledged is replicated before the master dies; reads and loads go on.
    await made.quiet()
    await withClient(log.owner, async (client) => {
      await client.set(layout.probe, '')
      expect(await client.wait(1, 5_000)).toBe(1)
    })
    await log.owner.kill()
    made.invalidates = true
    await made.waitFor('an invalidation to be postponed', () => made.counts.postponed > 0)
    await until('the replica is promoted', () => plays(replica, 'master'))
    await made.settled()
    await made.more(100, 10)
    await expectCoherent(made)
    expect(made.nodes.map(({ cache }) => cache.stats().log.epoch)).toEqual([epoch, epoch, epoch])
  })

  it('keeps what waited for replicas when slots move and the master of the log is killed', async () => {
    const cluster = own(await startCluster({ replicas: 1 }))
    const made = await traffic({ cluster: cluster.nodes, waitReplicas: 1 })
    await made.more(100, 20)
    expect(made.counts.postponed).toBeLessThan(made.counts.invalidations)
    for (const key of [layout.head, layout.value('v:k0')]) {
      const from = await ownerOf(cluster, key)
      const to = await otherMaster(cluster, from.owner)
      await moveSlot(cluster, from, to, () => made.more(30, 3))
      await made.settled()
    }
    const { log, replica } = await followed(cluster, layout.head)
    const { postponed } = made.counts
    const { epoch } = made.nodes[0]?.cache.stats().log ?? {}
    await log.owner.kill()
    await expectKept(replica, made, epoch)
    await made.waitFor('an invalidation to be postponed', () => made.counts.postponed > postponed)
    await until('the replica is promoted', () => plays(replica, 'master'))
    // Now it follows: until then nothing of its slots counts as replicated.
    await log.owner.restart()
    await made.settled()
    await made.more(100, 10)
    await expectCoherent(made)
    expectOneEpoch(made)
  })

  it('loses nothing when the slots of the log and of a value move to other masters', async () => {
    const cluster = own(await startCluster())
    const made = await traffic({ cluster: cluster.nodes })
    await made.more(100, 10)
    const { epoch } = made.nodes[0]?.cache.stats().log ?? {}
    for (const key of [layout.head, layout.value('v:k0'), layout.head]) {
      const from = await ownerOf(cluster, key)
      const to = cluster.servers.find((server) => server !== from.owner) as RedisService
      // Half of the slot is here and half there, for longer than a command follows it.
      await moveSlot(cluster, from, to, () => made.more(60, 5))
      expect((await ownerOf(cluster, key)).owner).not.toBe(from.owner)
      await made.settled()
      await made.more(50, 5)
    }
    await expectCoherent(made)
    expect(made.nodes.map(({ cache }) => cache.stats().log.epoch)).toEqual([epoch, epoch, epoch])
  })

  it('loses nothing when redis-cli reshards the master of the log away', async () => {
    const cluster = own(await startCluster())
    // A namespace whose log is among the first slots of its master: moving thousands of empty ones proves nothing more.
    let namespace = 'ns'
    let from = await ownerOf(cluster, keyLayout(namespace, 0).head)
    for (let at = 0; (await slotsBefore(from)) > 60; at++) {
      namespace = `ns${at}`
      from = await ownerOf(cluster, keyLayout(namespace, 0).head)
    }
    const { head } = keyLayout(namespace, 0)
    const made = await traffic({ cluster: cluster.nodes }, { seed: 3, cache: { namespace } })
    await made.more(100, 10)
    const { epoch } = made.nodes[0]?.cache.stats().log ?? {}
    const to = cluster.servers.find((server) => server !== from.owner) as RedisService
    const { reads, invalidations } = made.counts
    await reshard(from, to, (await slotsBefore(from)) + 1)
    expect((await ownerOf(cluster, head)).owner).toBe(to)
    expect(made.counts.reads).toBeGreaterThan(reads)
    expect(made.counts.invalidations).toBeGreaterThan(invalidations)
    await made.settled()
    await made.more(100, 10)
    await expectCoherent(made)
    expect(made.nodes.map(({ cache }) => cache.stats().log.epoch)).toEqual([epoch, epoch, epoch])
  })

  it('is swept on every master after a pattern, and keeps what the pattern does not cover', async () => {
    const cluster = own(await startCluster())
    const cache = createCache({
      namespace: 'ns',
      remote: redis({ cluster: cluster.nodes }),
      remoteOptions: PATIENT,
      maxStaleness: 100,
    })
    open.push(cache)
    await cache.ready()
    await cache.setMany(
      Array.from({ length: 300 }, (_, index) => [index % 3 === 0 ? `keep:${index}` : `go:${index}`, 1]),
    )
    const held = () =>
      Promise.all(
        cluster.servers.map((server) =>
          withClient(server, async (client) => ({
            go: (await client.keys('ns:v:{.go:*')).length,
            keep: (await client.keys('ns:v:{.keep:*')).length,
          })),
        ),
      )
    const before = await held()
    for (const { go, keep } of before) expect(Math.min(go, keep)).toBeGreaterThan(0)
    await cache.invalidate({ pattern: 'go:*' })
    await until('nothing that it covers is left anywhere', async () => (await held()).every(({ go }) => go === 0))
    expect((await held()).map(({ keep }) => keep)).toEqual(before.map(({ keep }) => keep))
    const head = await ownerOf(cluster, layout.head)
    await until('the pattern is retired', () =>
      withClient(head.owner, async (client) => {
        const fields = await client.hkeys(layout.head)
        return !fields.some((field) => field.startsWith('p:'))
      }),
    )
  })
})

describe('a Redis that forgets while caches read, load and invalidate', () => {
  it('never makes a cache serve what is stale, when it evicts any key for want of memory', async () => {
    const server = own(await startRedis({ args: ['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-lru'] }))
    const made = await traffic(
      { url: server.url },
      { keys: 120, filling: 20_000, cache: { memory: { maxEntries: 20 }, remoteOptions: { compressAbove: false } } },
    )
    const client = await admin(server)
    await made.more(400, 50)
    await until('keys were evicted', async () => !(await client.info('stats')).includes('evicted_keys:0\r\n'))
    // The worst that can be evicted, again and again.
    for (const part of [layout.tags, layout.stream, layout.head, layout.tags, layout.head]) {
      await client.del(part)
      await made.more(60, 8)
    }
    await expectCoherent(made)
  })

  it('never makes a cache serve what is stale, when somebody else empties it', async () => {
    const server = own(await startRedis())
    const made = await traffic({ url: server.url })
    const client = await admin(server)
    for (let round = 0; round < 6; round++) {
      await made.more(80, 10)
      await client.flushall()
    }
    await expectCoherent(made)
    for (const { cache } of made.nodes) expect(cache.stats().log.losses).toBeGreaterThan(0)
  })
})

it('a Redis that is killed and comes back empty is survived by caches on a node-redis client that was handed in', async () => {
  const server = own(await startRedis())
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 20 } })
  // What becomes of the connection shows in the states of the caches.
  client.on('error', () => undefined)
  await client.connect()
  open.push({ close: () => client.destroy() })
  const made = await traffic({ client })
  await made.more(100, 10)
  const { epoch } = made.nodes[0]?.cache.stats().log ?? {}
  for (let round = 0; round < 2; round++) {
    await server.kill()
    const { postponed } = made.counts
    await made.waitFor('an invalidation to be postponed', () => made.counts.postponed > postponed)
    await made.more(60)
    await server.restart()
    await made.settled()
    await made.more(60, 5)
  }
  await expectCoherent(made)
  const epochs = new Set(made.nodes.map(({ cache }) => cache.stats().log.epoch))
  expect(epochs.size).toBe(1)
  expect(epochs.has(epoch ?? '')).toBe(false)
})

it('the judge of the traffic finds what is wrong with caches that neither notice nor repair what they missed', async () => {
  const server = own(await startRedis())
  const made = await traffic({ url: server.url }, { without: ['heartbeat', 'replay'] })
  const client = await admin(server)
  await made.waitFor('a violation', async () => {
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    return made.violations.length > 0
  })
  expect(made.violations[0]).toMatch(/^n\d-\w+ served version \d+ of k\d from \w+.* instead of \d+, at /)
})

describe('an invalidation that covers a hundred thousand entries', () => {
  const COUNT = 100_000
  const READS = 200

  it('is one script, and makes no later read dearer: by tag, by definition, and of everything', async () => {
    const server = own(await startRedis())
    const client = await admin(server)
    const remote = redis({ url: server.url })
    const options = { namespace: 'ns', remote, remoteOptions: PATIENT, maxStaleness: '10m' } as const
    const writer = createCache({ ...options, memory: { maxEntries: 10 } })
    open.push(writer)
    await writer.ready()
    const rooms = writer.define('room', { key: (id: string) => id, tags: () => ['all'] })
    await rooms.setMany(Array.from({ length: COUNT }, (_, index) => [String(index), index]))
    expect((await client.info('keyspace')).includes(`keys=${COUNT + 2}`)).toBe(true)
    const reader = createCache({ ...options, memory: { maxEntries: 10 } })
    open.push(reader)
    await reader.ready()

    const costOf = async (act: () => Promise<unknown>) => {
      await client.config('RESETSTAT')
      await act()
      const calls = [...(await client.info('commandstats')).matchAll(/cmdstat_(\S+):calls=(\d+)/g)]
      const unrelated = new Set(['config|resetstat', 'info', 'client|setinfo', 'ping'])
      return Object.fromEntries(
        calls.filter(([, name = '']) => !unrelated.has(name)).map(([, name, count]) => [name, Number(count)]),
      )
    }
    const read = async (from: number) => {
      for (let at = from; at < from + READS; at++) await reader.get(`room:${at}`)
    }
    // The first read looks up what became of the tags.
    await reader.get('room:0')
    expect(await costOf(() => read(1_000))).toEqual({ get: READS })
    let from = 2_000
    for (const invalidate of [
      () => writer.invalidate({ tag: 'all' }),
      () => rooms.invalidateAll(),
      () => writer.clear(),
    ]) {
      const cost = await costOf(invalidate)
      expect(cost.evalsha ?? 0).toBe(1)
      // What the script itself does: a handful of commands, whatever is covered.
      expect(Object.values<number>(cost).reduce((sum, count) => sum + count, 0)).toBeLessThan(15)
      expect(cost.del ?? 0).toBe(0)
      expect(cost.scan ?? 0).toBe(0)
      await until('the reader has heard of it', () => reader.stats().log.applied === writer.stats().log.applied)
      expect(await reader.get('room:1')).toBeUndefined()
      expect(await costOf(() => read(from))).toEqual({ get: READS })
      from += 1_000
    }
  })
})
