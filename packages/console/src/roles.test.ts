import { type CacheOptions, createCache, type Fleet } from '@tableforge/cache'
import { createInvalidator, rule, tag } from '@tableforge/cache/invalidation'
import { expect, onTestFinished, test } from 'vitest'
import { type ActionPreview, type ActionRecord, type ConsoleOptions, createConsole, type Update } from './index.js'
import { KEPT_AUDIT } from './recording/recorder.js'

const OPERATOR = 'a-token-of-the-operators'
const VIEWER = 'a-token-of-the-viewers'

/** A console with a viewer, an operator and the application's own invalidator. */
async function open(options: Partial<ConsoleOptions> = {}, cacheOptions: CacheOptions = {}) {
  const cache = createCache({ namespace: 'acted-on', node: 'n1', ...cacheOptions })
  await cache.ready()
  const rooms = cache.define('room', { key: (id: string) => id, load: async (id) => ({ id }), tags: () => ['all'] })
  const invalidator = createInvalidator<{ closed: { id: string } }>(cache, {
    rules: { closed: [rule('room', ({ id }: { id: string }) => tag(`room:${id}`))] },
  })
  const operated = createConsole({
    cache,
    invalidator,
    auth: [
      { token: OPERATOR, name: 'olga' },
      { token: VIEWER, role: 'viewer', name: 'vic' },
    ],
    ...options,
  })
  onTestFinished(async () => {
    await operated.close()
    await invalidator.close()
    await cache.close()
  })
  const get = (path: string, token = OPERATOR) => fetchAs(path, token)
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    operated.fetch(
      new Request(`http://localhost/console/api/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json', ...headers },
      }),
    )
  const fetchAs = (path: string, token: string) =>
    operated.fetch(
      new Request(`http://localhost/console/api/${path}`, { headers: { authorization: `Bearer ${token}` } }),
    )
  const preview = async (action: object) => (await (await post('actions/preview', { action })).json()) as ActionPreview
  const act = async (action: object, reason = 'because of the test') => {
    const { confirm } = await preview(action)
    return (await (await post('actions', { action, reason, confirm })).json()) as ActionRecord
  }
  return { cache, rooms, invalidator, operated, get, post, preview, act }
}

test('a viewer sees everything, and every action is refused to them', async () => {
  const { get, post } = await open()
  for (const path of [
    'session',
    'stats',
    'health',
    'definitions',
    'invalidations',
    'actions',
    'audit',
    'inspect?key=a',
  ])
    expect((await get(path, VIEWER)).status, path).toBe(200)
  expect(await (await get('session', VIEWER)).json()).toMatchObject({ name: 'vic', role: 'viewer' })
  for (const path of ['actions', 'actions/preview']) {
    const response = await post(path, { action: { type: 'clear' } }, { authorization: `Bearer ${VIEWER}` })
    expect(response.status, path).toBe(403)
    expect(await response.json()).toMatchObject({ error: { code: 'operators-only' } })
  }
})

test('an action shows what it covers, is asked for again, done, and recorded with who and why', async () => {
  const { rooms, preview, act, get, cache } = await open()
  await rooms.getMany(['r1', 'r2', 's1'])
  const action = { type: 'invalidate', target: { pattern: 'room:r*' } }
  expect(await preview(action)).toMatchObject({
    summary: 'Invalidate pattern room:r*',
    covers: { memory: { entries: 2 }, remote: { entries: 2, complete: true }, keys: ['room:r1', 'room:r2'] },
  })
  expect(cache.stats().memory.entries, 'a preview changes nothing').toBe(3)

  expect(await act(action, 'prices were wrong')).toMatchObject({
    actor: 'olga',
    reason: 'prices were wrong',
    outcome: 'done',
    result: 'Covered 2 in memory here, 2 in the remote tier',
  })
  expect(rooms.peek('r1')).toBeUndefined()
  expect(rooms.peek('s1')).toBeDefined()
  expect(await (await get('actions')).json()).toMatchObject({ actions: [{ actor: 'olga', outcome: 'done' }] })
  expect(await (await get('audit')).json()).toMatchObject({
    records: [{ event: 'manual', actor: 'olga', reason: 'prices were wrong', targets: { patterns: ['room:r*'] } }],
  })
})

test('nothing is done without the confirmation of this very action', async () => {
  const { rooms, preview, post } = await open()
  await rooms.get('r1')
  const { confirm } = await preview({ type: 'invalidate', target: { key: 'room:r1' } })
  const reason = 'trying'
  for (const body of [
    { action: { type: 'clear' }, reason, confirm },
    { action: { type: 'clear' }, reason },
    { action: { type: 'invalidate', target: { key: 'room:r1' } }, confirm },
    { action: { type: 'invalidate', target: { key: 'room:r2' } }, reason, confirm },
  ]) {
    const response = await post('actions', body)
    expect(response.status, JSON.stringify(body)).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'bad-body' } })
  }
  expect(rooms.peek('r1')).toBeDefined()
  const plain = await post('actions/preview', {}, { 'content-type': 'text/plain' })
  expect(plain.status).toBe(400)
  expect((await post('actions/preview', { action: { type: 'clear', x: 'x'.repeat(300_000) } })).status).toBe(413)
})

test('keys, tags, expressions and the whole namespace can be invalidated; a wrong expression says what is wrong', async () => {
  const { rooms, act, post } = await open()
  const holds = async (target: object, mode = 'delete') => {
    await rooms.get('r1')
    expect(await act({ type: 'invalidate', target, mode })).toMatchObject({ outcome: 'done' })
    return rooms.peek('r1')?.state
  }
  expect(await holds({ key: 'room:r1' })).toBeUndefined()
  expect(await holds({ tag: 'all' })).toBeUndefined()
  expect(await holds({ regex: '/R1$/i' })).toBeUndefined()
  expect(await holds({ tag: 'room' }, 'expire')).not.toBe('fresh')
  await rooms.get('r1')
  expect(await act({ type: 'clear' })).toMatchObject({ outcome: 'done' })
  expect(rooms.peek('r1')).toBeUndefined()
  const wrong = await post('actions/preview', { action: { type: 'invalidate', target: { regex: '(' } } })
  expect(wrong.status).toBe(400)
})

test('keys are warmed through their definition; an unknown definition is refused', async () => {
  const { rooms, act, post } = await open()
  expect(await act({ type: 'warm', definition: 'room', keys: ['room:r1', 'room:r2', 'other:1'] })).toMatchObject({
    outcome: 'done',
    result: '2 of 3 keys are warm, 2 loads meanwhile, 1 keys do not tell the arguments that they are made from',
  })
  expect(rooms.peek('r2')).toMatchObject({ value: { id: 'r2' } })
  const unknown = await post('actions/preview', { action: { type: 'warm', definition: 'rooom', keys: ['a'] } })
  expect(unknown.status).toBe(400)
  expect(await unknown.text()).toContain('expected one of room')
})

test('a tier is bypassed and used again, which the figures and the notices tell', async () => {
  const { act, cache, get } = await open()
  await act({ type: 'bypass', tier: 'remote', on: true }, 'redis is slow')
  expect(cache.stats().bypassed).toEqual(['remote'])
  expect(await (await get('notices')).text()).toContain('bypassed by an operator')
  await act({ type: 'bypass', tier: 'remote', on: false })
  expect(cache.stats().bypassed).toEqual([])
})

test('a tier is bypassed by the whole fleet for a while, which its nodes tell, and taken back', async () => {
  const { act, cache, get, post } = await open({}, { history: true })
  const untimed = { type: 'bypass', tier: 'memory', on: true, scope: 'fleet' }
  expect(await (await post('actions/preview', { action: untimed })).text()).toContain('action.durationMs')
  const timed = { type: 'bypass', tier: 'memory', on: true, durationMs: 1_000 }
  expect(await (await post('actions/preview', { action: timed })).text()).toContain(
    'only a bypass of the fleet has an end',
  )
  const record = await act({ ...untimed, durationMs: 900_000 }, 'memory is not trusted')
  expect(record).toMatchObject({ outcome: 'done', summary: 'Bypass the memory tier on every node for 15 min' })
  expect((record.until ?? 0) - record.at, 'told as a time, which each reader tells in the own way').toBeGreaterThan(
    899_000,
  )
  expect(cache.stats().bypassed).toEqual(['memory'])
  const fleet = (await (await get('fleet')).json()) as Fleet
  expect(fleet.bypasses).toMatchObject([{ tier: 'memory', by: 'olga', reason: 'memory is not trusted' }])
  expect(await (await get('notices')).text()).toContain('bypassed by every node: olga, memory is not trusted')
  expect(await act({ type: 'bypass', tier: 'memory', on: false, scope: 'fleet' })).toMatchObject({ outcome: 'done' })
  expect(cache.stats().bypassed).toEqual([])
})

test('a cache that knows of no fleet bypasses none, and says why', async () => {
  const { act } = await open()
  const record = await act({ type: 'bypass', tier: 'memory', on: true, scope: 'fleet', durationMs: 1_000 })
  expect(record).toMatchObject({ outcome: 'failed', result: expect.stringContaining('history: true') })
})

test("the application's events stand in the same trail, with who raised them", async () => {
  const { invalidator, act, get } = await open()
  await invalidator.raise('closed', { id: 'r1' }, { actor: 'user:7', reason: 'done playing' })
  await act({ type: 'invalidate', target: { key: 'a' } })
  const { records } = (await (await get('audit')).json()) as { records: { event: string; actor: string }[] }
  expect(records.map(({ event, actor }) => [event, actor])).toEqual([
    ['manual', 'olga'],
    ['closed', 'user:7'],
  ])
  expect(await (await get('audit?actor=user:7&limit=1')).json()).toMatchObject({
    records: [{ targets: { tags: ['room:r1'] } }],
  })
  expect((await get('audit?outcome=maybe')).status).toBe(400)
})

test('what is done stands in the live stream, and a reader who comes later finds it there', async () => {
  const { operated, act } = await open()
  await act({ type: 'invalidate', target: { key: 'a' } })
  const response = await operated.fetch(
    new Request('http://localhost/console/api/live', { headers: { authorization: `Bearer ${VIEWER}` } }),
  )
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const { value } = await reader.read()
  await reader.cancel()
  const data = /^data: (.*)$/m.exec(new TextDecoder().decode(value))?.[1] ?? ''
  expect((JSON.parse(data) as Update).actions).toMatchObject([{ actor: 'olga' }])
})

test('the audit trail is searched as a whole, also beyond what the page was sent', async () => {
  const { invalidator, get } = await open()
  await invalidator.raise('closed', { id: 'r0' }, { actor: 'User:7', reason: 'a needle' })
  for (let id = 1; id <= KEPT_AUDIT; id += 1) await invalidator.raise('closed', { id: `r${id}` })
  const found = async (query: string) =>
    ((await (await get(`audit?${query}`)).json()) as { records: { actor: string }[] }).records
  expect(await found('search=NEEDLE')).toMatchObject([{ actor: 'User:7' }])
  expect(await found('search=user:7&limit=5')).toHaveLength(1)
  expect(await found('search=closed&limit=5')).toHaveLength(5)
})

test('an action that fails is told as failed, and recorded all the same', async () => {
  const { act, get, cache } = await open()
  await cache.close()
  expect(await act({ type: 'silence', alert: 'hit-rate', durationMs: 60_000 })).toMatchObject({
    outcome: 'failed',
    result: expect.stringContaining('history'),
  })
  expect(await (await get('actions')).json()).toMatchObject({ actions: [{ outcome: 'failed', actor: 'olga' }] })
})

test('the host application signs people in its own way, is asked each time, and a mistake of it lets nobody in', async () => {
  const people = new Map([
    ['o', { name: 'host olga', role: 'operator' as const }],
    ['v', { name: 'host vic', role: 'viewer' as const }],
    ['x', { name: 'odd', role: 'root' as 'viewer' }],
  ])
  const { operated } = await open({
    auth: {
      authenticate: (request) => {
        const who = /who=(\w)/.exec(request.headers.get('cookie') ?? '')?.[1]
        if (who === 'b') throw new Error('the session store is down')
        return people.get(who ?? '')
      },
      signInUrl: '/login?to="console"',
    },
  })
  const call = (path: string, who: string, init: RequestInit = {}) =>
    operated.fetch(
      new Request(`http://localhost/console${path}`, { ...init, headers: { cookie: `who=${who}`, ...init.headers } }),
    )
  expect(await (await call('/api/session', 'o')).json()).toMatchObject({
    name: 'host olga',
    role: 'operator',
    via: 'host',
  })
  expect(await (await call('/api/session', 'x')).json()).toMatchObject({ role: 'viewer' })
  const refused = await call('', 'nobody')
  expect(refused.status).toBe(401)
  expect(await refused.text()).toContain('href="/login?to=&quot;console&quot;"')
  expect((await call('/api/stats', 'b')).status, 'a failing host').toBe(500)

  const body = JSON.stringify({ action: { type: 'clear' } })
  const headers = { 'content-type': 'application/json' }
  const preview = (who: string, more: Record<string, string>) =>
    call('/api/actions/preview', who, { method: 'POST', body, headers: { ...headers, ...more } })
  expect((await preview('o', {})).status, 'a cookie of the host is sent by accident, too').toBe(403)
  const { csrf } = (await (await call('/api/session', 'o')).json()) as { csrf: string }
  expect((await preview('o', { 'x-csrf-token': csrf })).status).toBe(200)
  expect((await preview('v', { 'x-csrf-token': csrf })).status).toBe(403)
  people.delete('o')
  expect((await call('/api/session', 'o')).status).toBe(401)
})
