import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { OPERATOR, type Ran, type Running, run, startAll } from './running.js'

let running: Running
let env: { TFCACHE_URL: string; TFCACHE_TOKEN: string }

beforeAll(async () => {
  running = await startAll()
  env = { TFCACHE_URL: running.url, TFCACHE_TOKEN: OPERATOR }
  await running.rooms.get('r1')
  await running.loseRedis()
  await vi.waitUntil(() => running.cache.stats().remote.state !== 'up', { timeout: 30_000 })
})

afterAll(() => running?.close())

const json = <T>({ out }: Ran) => JSON.parse(out) as T

test('while Redis is away, a key that memory lacks is not said to be nowhere', async () => {
  const unknown = await run(['inspect', 'room:zzz'], env)
  expect(unknown.code).toBe(8)
  expect(unknown.out).toMatch(
    /memory {2}not there\n\nremote {2}not known: the remote tier does not answer \(redis: .+\)\n/,
  )
  expect(json(await run(['inspect', 'room:zzz', '--json'], env))).toMatchObject({ remoteUnknown: expect.any(String) })
  expect(await run(['inspect', 'room:r1'], env)).toMatchObject({ code: 0, out: expect.stringContaining('not known') })
})

test('figures of the fleet are said to be missing, and how to get those of the node', async () => {
  expect(await run(['stats'], env)).toMatchObject({
    code: 8,
    out: '',
    err: expect.stringMatching(
      /^tfcache: the figures of the fleet are kept in the remote tier, which does not answer \(redis: .+\)\. .*--scope node\n$/,
    ),
  })
  expect((await run(['stats', '--scope', 'node'], env)).out).toMatch(/1 node; [\s\S]*room +\d/)
})

test('the live view goes on with what this node knows, and says what is missing', async () => {
  const { code, out, err } = await run(['watch', '--count', '2', '--every', '1s'], env)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(
    out.match(/▲ figures of the node that is asked alone: the remote tier does not answer \(redis: .+\)/g),
  ).toHaveLength(2)
  expect(out.match(/^room +\d/gm)).toHaveLength(2)
  const [picture] = (await run(['watch', '--count', '1', '--json'], env)).out.trim().split('\n')
  expect(JSON.parse(picture as string)).toMatchObject({ figures: { of: 'window' }, missing: expect.any(Array) })
})

test('health says of a node whose connection is down that it is, and that others are not known', async () => {
  const { code, out } = await run(['health'], env)
  expect(code).toBe(6)
  expect(out).toMatch(/web-1\S* +◐ degraded +#\d+ +connection (down|connecting)/)
  expect(out).not.toContain('breaker closed')
  expect(out).toContain('▲ the remote tier does not answer: other nodes are not known')
})

test('an incident is told with what is known, and with what is not', async () => {
  const { code, out } = await run(['incident'], env)
  expect(code).toBe(0)
  expect(out).toMatch(/▲ figures of the node that is asked alone: [\s\S]*HEALTH\n◐ degraded[\s\S]*FIGURES\n/)
})
