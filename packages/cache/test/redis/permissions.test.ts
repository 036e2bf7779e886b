import { readdirSync, readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { redis } from '../../src/redis/index.js'
import { fullRule } from '../../src/redis/requirements.js'
import { encoded, get, write } from '../../src/testing/remote-contract/case.js'
import { openTier } from './harness.js'
import { startCluster } from './servers.js'

it('documents the rule that the errors name', () => {
  const page = readFileSync(new URL('../../../../docs/redis.md', import.meta.url), 'utf8')
  const documented = /ACL SETUSER cache on >secret ([^`]+)/.exec(page)?.[1]?.split(/\s+/).filter(Boolean)
  expect(documented).toEqual(['resetchannels', '-@all', ...fullRule('tableforge').split(' ')])
})

it('names and tries every command that a script runs', () => {
  const directory = new URL('../../src/redis/', import.meta.url)
  const sources = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(new URL(path, directory), 'utf8'))
    .join()
  const named = (calls: RegExp) => new Set([...sources.matchAll(calls)].map(([, name]) => name?.toLowerCase()))
  const run = named(/redis\.call\('([A-Z]+)'/g)
  const tried = named(/(?:\btry\(|\[)'([A-Za-z]+)', (?:key|channel|\[layout\.probe)/g)
  const allowed = new Set(fullRule('ns').split(' '))
  expect(run.size).toBeGreaterThan(15)
  expect([...run].filter((name) => !tried.has(name) || !allowed.has(`+${name}`))).toEqual([])
})

it('needs no more than the documented rule on a Cluster', async () => {
  await using cluster = await startCluster()
  for (const { url } of cluster.servers) {
    const client = new Redis(url)
    await client.call('ACL', 'SETUSER', 'least', 'on', '>pass', 'resetchannels', '-@all', ...fullRule('ns').split(' '))
    client.disconnect()
  }
  const factory = redis({ cluster: cluster.nodes, username: 'least', password: 'pass' })
  const tier = openTier(factory, 'ns', 'node')
  try {
    await tier.connect()
    await write(tier, 'key', encoded(1))
    expect(await get(tier, 'key')).toEqual([...encoded(1)])
    await tier.board?.put('fleet', 'node', encoded(2), 60_000)
    await tier.board?.put('fleet', 'gone', encoded(2), 60_000)
    await tier.board?.remove('fleet', 'gone')
    expect([...((await tier.board?.read(['fleet']))?.[0] ?? [])].map(([name]) => name)).toEqual(['node'])
    expect(await tier.board?.claim('alerts', 'node', 1_000)).toBe(true)
  } finally {
    await tier.close()
  }
})
