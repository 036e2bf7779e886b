import { describe, expect, it } from 'vitest'
import { Checker } from './checker.mjs'
import type { InvalidationRecord, NodeRecord, ReadRecord } from './node-process.mjs'

/** Histories by hand, of node 1, who reads key 10, and node 2, who invalidates it. */

const MAX_STALENESS_MS = 1_000

function read(began: number, thing: { since?: number; set?: string }, freshness: 'memory' | 'remote' = 'memory') {
  const record: ReadRecord = {
    type: 'read',
    key: 10,
    freshness,
    began,
    ended: began + 1,
    tier: 'memory',
    thing: { key: 10, version: 1, ...thing },
  }
  return record
}

function invalidation(issued: number, over: Partial<InvalidationRecord> = {}): InvalidationRecord {
  const acknowledged = issued + 5
  return {
    type: 'invalidation',
    scope: 'key',
    keys: [10],
    issued,
    acknowledged,
    propagated: true,
    place: 'e:1',
    set: undefined,
    ...over,
  }
}

function judged(first: NodeRecord[], second: NodeRecord[]): Checker {
  const checker = new Checker(MAX_STALENESS_MS)
  checker.join(1)
  checker.join(2)
  checker.take(1, 10_000, first)
  checker.take(2, 10_000, second)
  checker.finish()
  return checker
}

const reasons = (checker: Checker) => checker.violations.map(({ because }) => because)

describe('a read of a value loaded before an invalidation', () => {
  it('is allowed until the bound, while its message has not arrived', () => {
    const checker = judged([read(900, { since: 50 })], [invalidation(100)])
    expect(reasons(checker)).toEqual([])
    expect(checker.longestStalenessMs).toBe(795)
  })

  it('is a violation after the bound', () => {
    expect(reasons(judged([read(1_200, { since: 50 })], [invalidation(100)]))).toEqual(['bound'])
  })

  it('is a violation once the node has applied the message', () => {
    const applied: NodeRecord = { type: 'applied', place: 'e:1', at: 110 }
    expect(reasons(judged([applied, read(120, { since: 50 })], [invalidation(100)]))).toEqual(['applied'])
    expect(reasons(judged([applied, read(105, { since: 50 })], [invalidation(100)]))).toEqual([])
  })

  it('is a violation at once when it asked for freshness remote', () => {
    expect(reasons(judged([read(110, { since: 50 }, 'remote')], [invalidation(100)]))).toEqual(['remote'])
    expect(reasons(judged([read(103, { since: 50 }, 'remote')], [invalidation(100)]))).toEqual([])
  })

  it('is a violation at once on the node that issued the invalidation', () => {
    expect(reasons(judged([invalidation(100), read(110, { since: 50 })], []))).toEqual(['issuer'])
    const applied: NodeRecord = { type: 'applied', place: 'e:1', at: 102 }
    expect(reasons(judged([applied, invalidation(100), read(103, { since: 50 })], []))).toEqual([])
  })

  it('is no violation when the value was loaded after it, or the key is another', () => {
    expect(reasons(judged([read(5_000, { since: 101 })], [invalidation(100)]))).toEqual([])
    expect(reasons(judged([read(5_000, { since: 50 })], [invalidation(100, { keys: [11] })]))).toEqual([])
  })
})

describe('an invalidation that could not be sent', () => {
  const postponed = invalidation(100, { propagated: false, place: undefined })

  it('binds other nodes from when it was sent after all', () => {
    expect(reasons(judged([read(5_000, { since: 50 })], [postponed]))).toEqual([])
    const recovered: NodeRecord = { type: 'recovered', at: 3_000 }
    expect(reasons(judged([read(3_900, { since: 50 })], [postponed, recovered]))).toEqual([])
    expect(reasons(judged([read(4_100, { since: 50 })], [postponed, recovered]))).toEqual(['bound'])
  })

  it('binds its issuer at once', () => {
    expect(reasons(judged([postponed, read(110, { since: 50 })], []))).toEqual(['issuer'])
  })
})

describe('a value that was set', () => {
  const set = invalidation(90, { scope: 'set', set: '2:1', acknowledged: 105, place: 'e:1' })

  it('may come after an invalidation that it overlaps', () => {
    expect(reasons(judged([read(5_000, { set: '2:1' })], [set, invalidation(100, { place: 'e:2' })]))).toEqual([])
  })

  it('is covered by an invalidation that was issued when the set was done', () => {
    expect(reasons(judged([read(5_000, { set: '2:1' })], [set, invalidation(106, { place: 'e:2' })]))).toEqual([
      'bound',
    ])
  })

  it('replaces what was loaded before', () => {
    expect(reasons(judged([read(5_000, { since: 50 })], [set]))).toEqual(['bound'])
  })
})

it('judges a read only when all nodes have said what happened before it', () => {
  const checker = new Checker(MAX_STALENESS_MS)
  checker.join(1)
  checker.join(2)
  checker.take(1, 2_000, [read(1_500, { since: 50 })])
  checker.take(2, 1_400, [])
  expect(reasons(checker)).toEqual([])
  checker.take(2, 2_000, [invalidation(100)])
  expect(reasons(checker)).toEqual(['bound'])
})
