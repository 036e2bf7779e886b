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
  describeRemoteContract('one Redis, an ioredis client handed in', handedInIoredisHarness, runner),
  describeRemoteContract('one Redis, a node-redis client handed in', handedInNodeRedisHarness, runner),
  describeRemoteContract('Redis found through Sentinel', sentinelHarness, runner),
  describeRemoteContract('a Cluster of three masters', clusterHarness, runner),
  describeRemoteContract('a Cluster of three masters, an ioredis client handed in', handedInClusterHarness, runner),
]

it('is the same list of cases for every implementation', () => {
  const names = remoteContract.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const list of lists) expect(list).toEqual(names)
})
