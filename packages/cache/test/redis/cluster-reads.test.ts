import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/index.js'
import { hashSlot } from '../../src/redis/hash-slot.js'
import { redis } from '../../src/redis/index.js'
import { ownerOf } from './cluster-changes.js'
import { type ClusterService, PATIENT, startCluster } from './servers.js'

let cluster: ClusterService
let cache: Cache
/** Open all the while: what a connection says when it is opened comes in as many pieces as the network likes. */
let observers: Redis[] = []

beforeAll(async () => {
  cluster = await startCluster()
  cache = createCache({ namespace: 'ns', remote: redis({ cluster: cluster.nodes }), remoteOptions: PATIENT })
  await cache.ready()
  observers = cluster.servers.map(({ url }) => new Redis(url))
})

afterAll(async () => {
  for (const observer of observers) observer.disconnect()
  await cache.close()
  await cluster.stop()
})

interface Counted {
  readonly gets: number
  readonly mgets: number
  readonly packets: number
}

/** What the servers did for `work`: commands, and how often there was something to read on a connection. */
async function countedDuring(work: () => Promise<unknown>): Promise<Counted> {
  const look = () =>
    Promise.all(
      observers.map(async (observer) => {
        const [stats, commands] = [await observer.info('stats'), await observer.info('commandstats')]
        const figure = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
        return {
          gets: figure(commands, /cmdstat_get:calls=(\d+)/),
          mgets: figure(commands, /cmdstat_mget:calls=(\d+)/),
          packets: figure(stats, /total_reads_processed:(\d+)/),
        }
      }),
    )
  const before = await look()
  const idle = await look()
  await work()
  const after = await look()
  // Looking is counted too, and taken off.
  const sum = (of: keyof Counted) =>
    after.reduce((total, { [of]: count }, at) => total + count - 2 * idle[at]![of] + before[at]![of], 0)
  return { gets: sum('gets'), mgets: sum('mgets'), packets: sum('packets') }
}

describe('many values of a Cluster', () => {
  // What follows a brace in a key does not count for its slot, so that these are ten for each of thirty slots.
  const keys = Array.from({ length: 300 }, (_, at) => `room ${at % 30}}${at}`)
  const slots = new Set(keys.map((key) => hashSlot(`ns:v:{.${key}}`)))

  it('have the slots that the servers give them', async () => {
    for (const key of ['', 'a', 'a{b}c', '{}a', 'a{}b', '{a', 'é{鍵}', 'a}b{c}'])
      expect(hashSlot(key)).toBe((await ownerOf(cluster, key)).slot)
  })

  it('are read by one MGET for each slot, and one write for each server', async () => {
    await cache.setMany(keys.map((key) => [key, { of: key }]))
    const found: unknown[] = []
    const { gets, mgets, packets } = await countedDuring(async () => {
      found.push(...(await cache.getMany([...keys, 'nowhere'], { freshness: 'remote' })))
    })
    expect(found).toEqual([...keys.map((key) => ({ of: key })), undefined])
    expect({ gets, mgets }).toEqual({ gets: 0, mgets: slots.size + 1 })
    // A write for each of three servers, and the question for the head of the log; heartbeats may fall between.
    expect(packets).toBeLessThan(slots.size / 2)
  })
})
