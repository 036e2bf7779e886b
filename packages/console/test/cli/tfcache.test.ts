import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createCache } from '@tableforge/cache'
import { redis } from '@tableforge/cache/redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NAMESPACE, OPERATOR, type Ran, type Running, run, startAll, VIEWER } from './running.js'

/** What npm puts on the path. Needs the built package: `npm run build`. */
const COMMAND = fileURLToPath(new URL('../../bin/tfcache.js', import.meta.url))

let running: Running
let env: { TFCACHE_URL: string; TFCACHE_TOKEN: string }
let onRedis: string[]

beforeAll(async () => {
  running = await startAll()
  env = { TFCACHE_URL: running.url, TFCACHE_TOKEN: OPERATOR }
  onRedis = ['--redis', running.redisUrl, '--namespace', NAMESPACE, '--timeout', '60s']
  for (const id of ['r1', 'r2', 'r1']) await running.rooms.get(id)
})

afterAll(() => running?.close())

const json = <T>({ out }: Ran) => JSON.parse(out) as T

/** The command as a shell runs it. */
function execute(args: readonly string[], more: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(COMMAND, args, { env: { PATH: process.env.PATH, ...env, ...more } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    )
  })
}

test('the process prints to its output, tells failures on its error output, and exits so that scripts can tell', async () => {
  const found = await execute(['inspect', 'room:r1'])
  expect(found).toMatchObject({ code: 0, err: '' })
  expect(found.out).toMatch(/^room:r1\n\nmemory {2}fresh/)
  expect(found.out, 'no colours where nobody looks').not.toContain('\u001b')

  const missing = await execute(['inspect', 'room:none', '--json'])
  expect(missing.code).toBe(4)
  expect(json(missing)).toMatchObject({ key: 'room:none' })

  const wrong = await execute(['inspect', 'room:r1'], { TFCACHE_TOKEN: 'not-the-token-of-anybody' })
  expect(wrong).toMatchObject({ code: 3, out: '' })
  expect(wrong.err).toMatch(/^tfcache: That is not the token\. Give --token/)
})

test('a reader who has seen enough ends the command without an error', async () => {
  const { code, out, err } = await new Promise<Ran>((resolve) => {
    const line = `"${COMMAND}" watch --every 1s --count 3 | head -n 1`
    execFile('sh', ['-c', line], { env: { PATH: process.env.PATH, ...env } }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: stdout, err: stderr }),
    )
  })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^TableForge Cache /)
})

test('figures, busiest keys, health and alerts are told as text and as JSON', async () => {
  const stats = await run(['stats', '--window', '1h'], env)
  expect(stats).toMatchObject({ code: 0, err: '' })
  expect(stats.out).toMatch(/DEFINITION +READS +HIT RATE/)
  expect(json(await run(['stats', '--json'], env))).toMatchObject({ of: 'window' })
  const top = json<{ key: string; value: number }[]>(await run(['top', '--by', 'misses', '--json'], env))
  expect(top.map(({ key }) => key).sort()).toEqual(['room:r1', 'room:r2'])
  const health = await run(['health', '--json'], env)
  expect([0, 6]).toContain(health.code)
  expect(json(health)).toMatchObject({
    components: expect.any(Array),
    nodes: [{ self: true, version: expect.any(String) }],
  })
  expect(await run(['alerts'], env)).toMatchObject({ code: 0, out: expect.stringContaining('nothing is firing') })
})

test('an invalidation shows what it hits and is done only when confirmed, and the trail tells who did it and why', async () => {
  await running.rooms.get('r1')
  const shown = await run(['invalidate', '--tag', 'rooms', '--dry-run'], env)
  expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/in the remote tier +2/) })
  const unasked = await run(['invalidate', '--tag', 'rooms'], env)
  expect(unasked).toMatchObject({ code: 7, out: '', err: expect.stringContaining('--yes confirms') })
  const declined = await run(['invalidate', '--tag', 'rooms'], env, { input: 'n\n', tty: true })
  expect(declined).toMatchObject({ code: 7, err: expect.stringContaining('nothing was done') })
  expect(running.rooms.peek('r1')).toBeDefined()

  const done = await run(['invalidate', '--tag', 'rooms', '--reason', 'wrong prices', '--yes', '--json'], env)
  expect(done.code).toBe(0)
  expect(json(done)).toMatchObject({ actor: 'olga', outcome: 'done' })
  expect(running.rooms.peek('r1')).toBeUndefined()
  const trail = await run(['trail', '--search', 'wrong prices'], env)
  expect(trail.out).toMatch(/tag rooms .*web-1.* manual · olga · “wrong prices”/)
})

test('a confirmation at a terminal does it', async () => {
  await running.rooms.get('r9')
  const done = await run(['invalidate', '--key', 'room:r9'], env, { input: 'y\n', tty: true })
  expect(done.code).toBe(0)
  expect(running.rooms.peek('r9')).toBeUndefined()
})

test('a viewer may look but not act', async () => {
  const viewer = { ...env, TFCACHE_TOKEN: VIEWER }
  expect((await run(['stats'], viewer)).code).toBe(0)
  expect(await run(['invalidate', '--key', 'a', '--yes'], viewer)).toMatchObject({
    code: 3,
    err: expect.stringContaining('only operators may act'),
  })
})

test('without a console, Redis itself is asked: what processes have told, entries, sizes, one key and the log', async () => {
  await running.rooms.get('r1')
  await running.rooms.invalidate('r5')
  const told = async () => (await run(['stats', ...onRedis], {})).out
  await expect.poll(told, { timeout: 30_000 }).toMatch(/last .*, 1 node;.*\n[\s\S]*room +\d/)
  const busiest = async () => (await run(['top', ...onRedis], {})).out
  await expect.poll(busiest, { timeout: 30_000 }).toMatch(/^1 node\n[\s\S]*room:r1/)
  expect(json(await run(['health', '--json', ...onRedis], {}))).toMatchObject({
    nodes: [{ node: expect.stringContaining('web-1') }],
  })
  expect(await run(['inspect', 'room:r1', ...onRedis], {})).toMatchObject({
    code: 0,
    out: expect.stringMatching(/memory {2}not there[\s\S]*remote {2}fresh/),
  })
  const top = json<{ key: string; value: number }[]>(await run(['top', '--by', 'bytes', '--json', ...onRedis], {}))
  // What was invalidated by tag before may still be there: it is swept in its own time.
  expect(top.find(({ key }) => key === 'room:r1')?.value).toBeGreaterThan(0)
  expect(top.map(({ value }) => value)).toEqual(top.map(({ value }) => value).sort((a, b) => b - a))
  expect((await run(['trail', ...onRedis], {})).out).toMatch(/#\d+ {2}key room:r5 {2}web-1/)
  expect(await run(['alerts', ...onRedis], {})).toMatchObject({
    code: 8,
    err: expect.stringContaining('ask a console'),
  })
})

test('a namespace on Redis of which no process has told is looked at by what lies there', async () => {
  const cache = createCache({ namespace: 'untold', remote: redis({ url: running.redisUrl }) })
  await cache.ready()
  await cache.set('room:r1', 1)
  await cache.close()
  const there = ['--redis', running.redisUrl, '--namespace', 'untold']
  expect(json(await run(['stats', '--json', ...there], {}))).toMatchObject({ of: 'redis', byDefinition: { room: 1 } })
  expect(await run(['top', ...there], {})).toMatchObject({ code: 8, err: expect.stringContaining('--by bytes') })
  // What had been trimmed is not asked for: all that is kept is told.
  expect((await run(['trail', ...there], {})).code).toBe(0)
  expect(json(await run(['health', '--json', ...there], {}))).toMatchObject({ nodes: [] })
})

test('a namespace that nobody uses is not made by looking at it', async () => {
  const there = ['--redis', running.redisUrl, '--namespace', 'typo']
  for (const command of [['health'], ['stats'], ['trail'], ['inspect', 'a'], ['invalidate', '--key', 'a', '--yes']])
    expect(await run([...command, ...there], {}), command[0]).toEqual({
      code: 9,
      out: '',
      err: 'tfcache: nothing is known of the namespace typo on this Redis\n',
    })
  const client = new Redis(running.redisUrl)
  expect(await client.keys('typo:*')).toEqual([])
  client.disconnect()
})

test('everything can be expired by a pattern', async () => {
  await running.rooms.get('r1')
  const done = await run(['invalidate', '--pattern', '*', '--expire', '--yes'], env)
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining('Expire pattern *') })
  expect(json(await run(['inspect', 'room:r1', '--json'], env))).toMatchObject({ memory: { state: 'stale' } })
})

test('the trail tells the cause also of what took several places of the log, and searches all that is kept', async () => {
  await running.rooms.get('r7')
  await running.invalidator.raise('moved', 'r7', { actor: 'kit', reason: 'it was pushed' })
  for (let at = 0; at < 60; at += 1) await running.cache.invalidate({ key: `later:${at}` })
  const { out } = await run(['trail', '--search', 'at:r7'], env)
  expect(out).toMatch(/tag at:r7 {2}web-1\S* {2}moved · kit · “it was pushed”/)
  const many = json<unknown[]>(await run(['trail', '--limit', '1000', '--json'], env))
  expect(many.length).toBeGreaterThan(60)
  const few = json<{ what: string[] }[]>(await run(['trail', '--search', 'later', '--limit', '2', '--json'], env))
  expect(few.map(({ what }) => what)).toEqual([['key later:58'], ['key later:59']])
  expect((await run(['trail', '--search', 'not there'], env)).out).toMatch(/^none of the last \d{2,} invalidations\n$/)
})

test('figures are of the scope that is asked for', async () => {
  await running.rooms.get('r1')
  expect((await run(['top', '--scope', 'node'], env)).out).toMatch(/^1 node\n/)
  expect(await run(['top', '--scope', 'some'], env)).toMatchObject({
    code: 2,
    err: expect.stringContaining('scope: expected fleet, node or node:NAME'),
  })
  expect(await run(['stats', '--scope', 'node', ...onRedis], {})).toMatchObject({
    code: 2,
    err: expect.stringContaining('on Redis expected fleet or node:NAME'),
  })
})

test('a node is found by the name that it was given, and one that nobody has is refused with those that there are', async () => {
  await running.rooms.get('r1')
  for (const name of [running.node, 'web-1']) {
    expect((await run(['top', '--scope', `node:${name}`], env)).out, name).toMatch(/^1 node\n[\s\S]*room:r1/)
    const told = async () => (await run(['stats', '--scope', `node:${name}`, ...onRedis], {})).out
    await expect.poll(told, { message: name, timeout: 30_000 }).toMatch(/1 node; [\s\S]*room +\d/)
  }
  for (const command of [['stats'], ['top'], ['stats', ...onRedis], ['top', ...onRedis]])
    expect(await run([...command, '--scope', 'node:gone'], env), command.join(' ')).toEqual({
      code: 2,
      out: '',
      err: `tfcache: --scope: no node is called gone: there is ${running.node}\n`,
    })
})

test('an invalidation on Redis is heard by the processes of the application', async () => {
  await running.rooms.get('r1')
  expect((await run(['invalidate', '--key', 'room:r1', '--yes', ...onRedis], { USER: 'kit' })).code).toBe(0)
  await expect.poll(() => running.rooms.peek('r1'), { timeout: 30_000 }).toBeUndefined()
})

test('what is wrong on the command line is named, with exit code 2', async () => {
  const wrong: [string[], RegExp][] = [
    [['inspect'], /missing required argument 'key'/],
    [['inspekt'], /unknown command 'inspekt'/],
    [['top', '--by', 'speed'], /Allowed choices are hits, misses, loadMs, bytes/],
    [['top', '--limit', '0'], /--limit: expected a whole number from 1 to 200, got 0/],
    [['stats', '--window', 'soon'], /--window: expected a time from 1s to 7d/],
    [['stats', '--timeout', 'soon'], /--timeout: expected a time/],
    [['invalidate', '--key', 'a', '--tag', 'b'], /expected exactly one of --key/],
    [['invalidate', '--regex', '(', '--yes'], /^tfcache: --regex: Invalid regular expression/],
    [['invalidate', '--regex', '(', '--yes', ...onRedis], /^tfcache: --regex: Invalid regular expression/],
    [['invalidate', '--key', 'k', '--yes', '--reason', ' '], /^tfcache: --reason: expected/],
    [['invalidate', '--everything', '--expire', '--yes'], /--expire: not with --everything.*--pattern '\*' --expire/],
    [['top', '--definition', 'nope'], /^tfcache: --definition: no definition is called nope: there is room\n$/],
    [
      ['top', '--definition', 'nope', ...onRedis],
      /^tfcache: --definition: no definition is called nope: there is room\n$/,
    ],
    [['stats', '--url', 'shop.example'], /--url: expected an address such as/],
    [['stats', '--url', 'http://me:secret@shop.example'], /--url: expected no credentials/],
    [['stats', '--redis', running.redisUrl], /--redis needs --namespace/],
  ]
  for (const [args, message] of wrong) {
    const { code, out, err } = await run(args, env)
    expect({ code, out }, args.join(' ')).toEqual({ code: 2, out: '' })
    expect(err, args.join(' ')).toMatch(message)
    expect(err).not.toContain('secret')
  }
  expect(await run(['stats'], {})).toMatchObject({ code: 2, err: expect.stringContaining('TFCACHE_URL') })
})

test('who is not there is told, with exit code 3', async () => {
  const nobody = { TFCACHE_TOKEN: OPERATOR }
  expect(await run(['stats', '--url', new URL('/elsewhere', running.url).href], nobody)).toMatchObject({
    code: 3,
    err: expect.stringMatching(/is no console|no console answers/),
  })
  expect(
    (await run(['stats', '--redis', 'redis://127.0.0.1:1', '--namespace', 'x', '--timeout', '200ms'], {})).code,
  ).toBe(3)
})

test('help names every command, with examples and exit codes', async () => {
  const { code, out } = await run(['--help'], env)
  expect(code).toBe(0)
  for (const name of 'stats top inspect invalidate trail alerts health incident watch hash-password'.split(' '))
    expect(out).toContain(`  ${name}`)
  expect(out).toMatch(/Examples:[\s\S]*Exit codes:/)
  expect((await run(['inspect', '--help'], env)).out).toContain('Example:\n  tfcache inspect room:state:r1')
})

test('the version is that of the package, and told without asking anybody', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  for (const option of ['--version', '-V'])
    expect(await run([option], {})).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' })
  expect((await run(['--help'], {})).out).toContain('--version')
})

test('colours are for terminals only, and NO_COLOR and --no-color are respected there too', async () => {
  const coloured = async (args: string[], more: Record<string, string>, tty: boolean) =>
    (await run(['health', ...args], { ...env, ...more }, { tty })).out.includes('\u001b')
  expect(await coloured([], {}, true)).toBe(true)
  expect(await coloured([], {}, false)).toBe(false)
  expect(await coloured([], { NO_COLOR: '1' }, true)).toBe(false)
  expect(await coloured(['--no-color'], {}, true)).toBe(false)
})

test('the live view fills a screen of its own, and gives it back', async () => {
  const { code, out } = await run(['watch', '--count', '1'], env, { tty: true })
  expect(code).toBe(0)
  expect(out.startsWith('\u001b[?1049h'), 'another screen').toBe(true)
  expect(out.endsWith('\u001b[?25h\u001b[?1049l'), 'given back').toBe(true)
  const lines = (await run(['watch', '--count', '2', '--every', '1s', '--json'], env)).out.trim().split('\n')
  expect(lines).toHaveLength(2)
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ health: expect.any(Object), trail: expect.any(Array) })
})

test('an incident is told in one text', async () => {
  await running.rooms.invalidate('r1')
  const { code, out } = await run(['incident', '--window', '1h'], env)
  expect(code).toBe(0)
  expect(out).toMatch(
    /^TableForge Cache, 127\.0\.0\.1:\d+, \S+Z, the last 1 h\n\nHEALTH\n[\s\S]*\nALERTS\n[\s\S]*\nFIGURES\n[\s\S]*room +\d[\s\S]*\nINVALIDATIONS: \d+\n[\s\S]*key room:r1 /,
  )
  expect(json(await run(['incident', '--json'], env))).toMatchObject({
    health: { status: expect.any(String) },
    fleet: { nodes: [{ node: running.node }] },
    trail: expect.arrayContaining([expect.objectContaining({ what: ['key room:r1'] })]),
  })
  expect((await run(['incident', ...onRedis], {})).out).toMatch(/HEALTH[\s\S]*INVALIDATIONS: \d+\n[\s\S]*key room:r1 /)
})

test('a key cannot move the cursor or break a line of the terminal', async () => {
  const key = 'evil\u001b[2J\nsecond'
  await running.rooms.invalidate(key)
  const { out } = await run(['trail', '--limit', '5'], env, { tty: true })
  expect(out).toContain('evil\\u001b[2J\\u000asecond')
  expect(out).not.toContain('\u001b[2J')
})

test('a password is hashed for the configuration, and never printed', async () => {
  const { code, out } = await run(['hash-password'], {}, { input: 'correct horse battery\n' })
  expect(code).toBe(0)
  expect(out).toMatch(/^scrypt:\d+:\d+:\d+:[\w-]+:[\w-]+\n$/)
  expect((await run(['hash-password'], {}, { input: 'short\n' })).code).toBe(2)
})
