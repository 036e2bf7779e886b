import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Cache, createCache } from '../../src/index.js'
import { redis } from '../../src/redis/index.js'
import { until } from '../../src/testing/remote-contract/case.js'
import { globModel } from '../properties/glob-model.js'
import { acceptable, SPECIAL_NAMES } from '../properties/names.js'
import { PATIENT, type RedisService, startRedis } from './servers.js'

/** Names of any text on a real Redis; the properties are in `properties/names.test.ts`. */

const names = SPECIAL_NAMES.filter(acceptable)
let server: RedisService
let a: Cache
let b: Cache
let other: Cache

beforeAll(async () => {
  server = await startRedis()
  const open = (namespace: string) =>
    createCache({ namespace, remote: redis({ url: server.url }), remoteOptions: PATIENT, maxStaleness: 150 })
  a = open('ns')
  b = open('ns')
  other = open('ns.2')
  await Promise.all([a, b, other].map((cache) => cache.ready()))
})

afterAll(async () => {
  await Promise.all([a, b, other].map((cache) => cache.close()))
  await server.stop()
})

async function fill(): Promise<void> {
  for (const cache of [a, other]) {
    for (const name of names) await cache.set(name, `value of ${name}`, { tags: [name] })
  }
}

const find = (cache: Cache) => cache.getMany(names, { freshness: 'remote' })
const values = (gone: (name: string) => boolean = () => false) =>
  names.map((name) => (gone(name) ? undefined : `value of ${name}`))

it('a key of any text names its entry and no other', async () => {
  await fill()
  for (const cache of [a, b, other]) expect(await find(cache)).toEqual(values())
  for (const [index, name] of names.entries()) {
    await a.delete(name)
    const deleted = new Set(names.slice(0, index + 1))
    expect(await find(b)).toEqual(values((one) => deleted.has(one)))
    expect((await a.inspect(name)).remote).toBeUndefined()
  }
  expect(await find(other)).toEqual(values())
})

it('a tag of any text covers the entry that carries it and no other', async () => {
  await fill()
  for (const [index, name] of names.entries()) {
    await b.invalidate({ tag: name })
    const covered = new Set(names.slice(0, index + 1))
    expect(await find(a)).toEqual(values((one) => covered.has(one)))
  }
  expect(await find(other)).toEqual(values())
})

it('a pattern of any text covers what it spells, at once and when it was swept', async () => {
  for (const name of names) {
    const covers = globModel(name)
    const expected = values((one) => covers.test(one))
    await fill()
    await a.invalidate({ pattern: name })
    expect(await find(b), name).toEqual(expected)
  }
  const last = globModel(names.at(-1) as string)
  await until('patterns are swept', async () => (await a.inspect(names.at(-1) as string)).remote === undefined)
  expect(await find(b)).toEqual(values((one) => last.test(one)))
  expect(await find(other)).toEqual(values())
})

it.each([
  ['clear', (cache: Cache) => cache.clear()],
  ['the pattern *', (cache: Cache) => cache.invalidate({ pattern: '*' })],
  ['the expression /./s', (cache: Cache) => cache.invalidate({ regex: /./s })],
])('%s stays within its namespace, also when it was swept', async (_, invalidate) => {
  for (const [hit, spared] of [
    [a, other],
    [other, a],
  ] as const) {
    await fill()
    await invalidate(hit)
    expect(await find(hit)).toEqual(values(() => true))
    expect(await find(spared)).toEqual(values())
    await until('it was swept', async () => {
      const left = await Promise.all(names.map(async (name) => (await hit.inspect(name)).remote))
      return left.every((remote) => remote === undefined)
    })
    expect(await find(spared)).toEqual(values())
  }
})
