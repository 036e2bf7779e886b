import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { Redis as Valkey } from 'iovalkey'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis-5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeRemoteContract, remoteContract } from '../../src/testing/remote-contract.js'
import {
  clusterHarness,
  handedInClusterHarness,
  handedInIoredisHarness,
  handedInNodeRedisHarness,
  inProcessHarness,
  sentinelHarness,
  serverHarness,
} from './harness.js'

const runner = { describe, it, beforeAll, afterAll }

const lists = [
  describeRemoteContract('in process', inProcessHarness, runner),
  describeRemoteContract('one Redis', serverHarness, runner),
  describeRemoteContract('one Redis, an ioredis 6 client handed in', () => handedInIoredisHarness(Redis), runner),
  describeRemoteContract('one Redis, an ioredis 5 client handed in', () => handedInIoredisHarness(Redis5), runner),
  describeRemoteContract('one Redis, an iovalkey client handed in', () => handedInIoredisHarness(Valkey), runner),
  describeRemoteContract(
    'one Redis, a node-redis 6 client handed in',
    () => handedInNodeRedisHarness(createClient),
    runner,
  ),
  describeRemoteContract(
    'one Redis, a node-redis 5 client handed in',
    () => handedInNodeRedisHarness(createClient5),
    runner,
  ),
  describeRemoteContract('Redis found through Sentinel', sentinelHarness, runner),
  describeRemoteContract('a Cluster of three masters', clusterHarness, runner),
  describeRemoteContract('a Cluster of three masters, an ioredis client handed in', handedInClusterHarness, runner),
]

it('is the same list of cases for every implementation', () => {
  const names = remoteContract.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const list of lists) expect(list).toEqual(names)
})
