import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { freePort } from '../../../../scripts/services/free-port.mjs'
import { until } from '../../src/testing/remote-contract/case.js'
import { type ClusterService, type RedisService, startRedis } from './servers.js'

/** What happens to a Cluster in production: a replica joins, a slot moves. */

export async function withClient<T>(server: RedisService, act: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null })
  // What becomes of the connection shows in the calls.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await act(client)
  } finally {
    client.disconnect()
  }
}

/** Whether the server says that it plays this part now; one that is about to change it hangs up on everybody. */
export async function plays(server: RedisService, role: 'master' | 'slave'): Promise<boolean> {
  try {
    return await withClient(server, async (client) => (await client.info('replication')).includes(`role:${role}`))
  } catch {
    return false
  }
}

interface SeenNode {
  readonly id: string
  readonly port: number
  readonly flags: string
  /** Id of the master that it follows, `-` for a master. */
  readonly master: string
  readonly slots: readonly (readonly [from: number, to: number])[]
}

async function seenBy(client: Redis): Promise<SeenNode[]> {
  const lines = String(await client.cluster('NODES'))
    .trim()
    .split('\n')
  return lines.map((line) => {
    const [id = '', address = '', flags = '', master = '', , , , , ...ranges] = line.split(' ')
    const slots = ranges
      .filter((range) => !range.startsWith('['))
      .map((range) => range.split('-').map(Number))
      .map(([from = 0, to = from]) => [from, to] as const)
    return { id, port: Number(/:(\d+)@/.exec(address)?.[1]), flags, master, slots }
  })
}

/** The slot of a key, and the server that owns it now. */
export async function ownerOf(cluster: ClusterService, key: string) {
  const [any] = cluster.servers as [RedisService]
  return withClient(any, async (client) => {
    const slot = Number(await client.cluster('KEYSLOT', key))
    const node = (await seenBy(client)).find(({ slots }) => slots.some(([from, to]) => from <= slot && slot <= to))
    const owner = cluster.servers.find(({ port }) => port === node?.port)
    if (owner === undefined || node === undefined) throw new Error(`nobody owns slot ${slot}`)
    return { slot, owner, id: node.id }
  })
}

/** The server that follows this master, as far as that one knows. */
export async function replicaOf(cluster: ClusterService, { owner, id }: { owner: RedisService; id: string }) {
  const node = (await withClient(owner, seenBy)).find(({ master }) => master === id)
  return cluster.servers.find(({ port }) => port === node?.port)
}

/** Whether the server is a replica that hears its master. */
export async function follows(server: RedisService): Promise<boolean> {
  return withClient(server, async (client) => (await client.info('replication')).includes('master_link_status:up'))
}

/** A new server that follows `master` and would take its place within seconds. */
export async function addReplica(cluster: ClusterService, master: RedisService, id: string): Promise<RedisService> {
  const bus = await freePort()
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--repl-diskless-sync-delay', '0']
  const replica = await startRedis({ args })
  try {
    for (const server of [...cluster.servers, replica])
      await withClient(server, (client) => client.config('SET', 'cluster-node-timeout', '3000'))
    await withClient(replica, async (client) => {
      // The bus of a node is not where it is by default.
      const masterBus = await withClient(
        master,
        async (other) => /@(\d+)[ ,].*myself/.exec(String(await other.cluster('NODES')))?.[1],
      )
      await client.call('CLUSTER', 'MEET', master.host, String(master.port), String(masterBus))
      await until('the new node knows its master', async () => (await seenBy(client)).some((node) => node.id === id))
      await client.cluster('REPLICATE', id)
      await until('it follows its master', async () =>
        (await client.info('replication')).includes('master_link_status:up'),
      )
    })
    for (const server of cluster.servers) {
      await until('every node knows the replica', () =>
        withClient(server, async (client) =>
          (await seenBy(client)).some(({ port, flags }) => port === replica.port && flags === 'slave'),
        ),
      )
    }
  } catch (error) {
    await replica.stop()
    throw error
  }
  return replica
}

/** How many slots of a master come before this one. */
export async function slotsBefore({ owner, id, slot }: { owner: RedisService; id: string; slot: number }) {
  const own = (await withClient(owner, seenBy)).find((node) => node.id === id)
  const sizes = (own?.slots ?? []).map(([first, last]) => Math.max(0, Math.min(last + 1, slot) - first))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Moves the first `slots` slots of a master to another one, by the tool that operators use. */
export async function reshard(from: { id: string }, to: RedisService, slots: number): Promise<void> {
  const target = await withClient(to, (client) => client.cluster('MYID'))
  const ends = ['--cluster-from', from.id, '--cluster-to', String(target), '--cluster-slots', String(slots)]
  const command = [
    '--cluster',
    'reshard',
    `${to.host}:${to.port}`,
    ...ends,
    '--cluster-yes',
    '--cluster-pipeline',
    '100',
  ]
  await promisify(execFile)('redis-cli', command, { maxBuffer: 64 * 1024 * 1024 })
}

/** Moves a slot as `redis-cli --cluster reshard` does, waiting for `meanwhile` when one half of its keys is moved. */
export async function moveSlot(
  cluster: ClusterService,
  { slot, owner, id }: { slot: number; owner: RedisService; id: string },
  to: RedisService,
  meanwhile: () => Promise<void>,
): Promise<void> {
  await withClient(owner, (source) =>
    withClient(to, async (target) => {
      const targetId = String(await target.cluster('MYID'))
      await target.call('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', id)
      await source.call('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', targetId)
      const keysLeft = () => source.callBuffer('CLUSTER', 'GETKEYSINSLOT', String(slot), '1') as Promise<Buffer[]>
      let waited = false
      for (let [key] = await keysLeft(); key !== undefined; [key] = await keysLeft()) {
        await source.callBuffer('MIGRATE', to.host, String(to.port), key, '0', '5000')
        if (!waited) await meanwhile()
        waited = true
      }
      for (const server of [to, owner, ...cluster.servers]) {
        if (await plays(server, 'master'))
          await withClient(server, (client) => client.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', targetId))
      }
    }),
  )
}
