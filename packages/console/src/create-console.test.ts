import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createCache } from '@tableforge/cache'
import { createVirtualClock } from '@tableforge/cache/testing'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { Actions } from './actions/actions.js'
import { type ConsoleOptions, createConsole } from './index.js'
import type { Snapshot, Update } from './wire.js'

const TOKEN = 'a-token-of-the-operators'
const PASSWORD = { username: 'kit', password: 'correct horse battery' }

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A console over a real cache and real HTTP, on a clock that the test moves. */
async function open(options: Omit<ConsoleOptions, 'cache'> = {}) {
  const cache = createCache({ namespace: 'tested', node: 'n1' })
  await cache.ready()
  const rooms = cache.define('room', { key: (id: string) => id, load: async (id) => ({ id }) })
  const clock = createVirtualClock()
  const operated = createConsole({ cache, clock, ...options })
  const server = serve({ fetch: (request, env) => operated.fetch(request, env), port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  onTestFinished(async () => {
    await operated.close()
    const stopped = new Promise((resolve) => server.close(resolve))
    if ('closeAllConnections' in server) server.closeAllConnections()
    await stopped
    await cache.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, { redirect: 'manual', ...init })
  return { cache, rooms, clock, operated, origin, call }
}

const asOperator = { headers: { authorization: `Bearer ${TOKEN}` } }

function signIn(
  call: Awaited<ReturnType<typeof open>>['call'],
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return call('/console/sign-in', { method: 'POST', body: new URLSearchParams(fields), headers })
}

function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

test('without auth nobody is let in, and the page and the API say why', async () => {
  const { call } = await open()
  for (const path of ['/console', '/console/', '/console/api/stats', '/console/api/live', '/console/sign-in']) {
    const response = await call(path)
    expect(response.status, path).toBe(403)
    expect(await response.text(), path).toMatch(/No way to sign in has been configured/)
  }
})

test('without credentials the page shows the form to sign in with, and the API answers 401', async () => {
  const { call } = await open({ auth: PASSWORD })
  const page = await call('/console')
  expect(page.status).toBe(401)
  const html = await page.text()
  expect(html).toContain('action="/console/sign-in"')
  expect(html).toContain('autocomplete="current-password"')
  const api = await call('/console/api/stats')
  expect(api.status).toBe(401)
  expect(await api.json()).toEqual({ error: { code: 'unauthenticated', message: expect.any(String) } })
})

test('who may sign in by name or by token is given a form for each, and either will do', async () => {
  const { call } = await open({ auth: [PASSWORD, { token: TOKEN }] })
  const html = await (await call('/console')).text()
  const forms = [...html.matchAll(/<form.*?<\/form>/gs)].map(([form]) => ({
    fields: [...form.matchAll(/name="(\w+)"[^>]* required/g)].map(([, name]) => name),
    button: /<button[^>]*>(.*?)<\/button>/.exec(form)?.[1],
  }))
  expect(forms).toEqual([
    { fields: ['username', 'password'], button: 'Sign in with your name' },
    { fields: ['token'], button: 'Sign in with a token' },
  ])
  for (const fields of [{ token: TOKEN }, { username: PASSWORD.username, password: PASSWORD.password }])
    expect((await signIn(call, fields)).status).toBe(303)
})

test('signing in gives a session cookie that scripts and other sites cannot use; signing out ends it', async () => {
  const { call, cache } = await open({ auth: PASSWORD })
  const response = await signIn(call, PASSWORD)
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe('/console')
  const attributes = response.headers.get('set-cookie') ?? ''
  for (const wanted of ['HttpOnly', 'SameSite=Strict', 'Path=/console', 'Max-Age=43200'])
    expect(attributes).toContain(wanted)
  expect(attributes).not.toContain('Secure')

  const cookie = cookieOf(response)
  const session = (await (await call('/console/api/session', { headers: { cookie } })).json()) as { csrf: string }
  expect(session).toMatchObject({ name: 'kit', via: 'session', namespace: 'tested', node: cache.node })
  const out = await call('/console/sign-out', { method: 'POST', headers: { cookie, 'x-csrf-token': session.csrf } })
  expect(out.status).toBe(204)
  expect((await call('/console/api/session', { headers: { cookie } })).status).toBe(401)
})

test('behind TLS the cookie is never sent in the clear', async () => {
  const { call } = await open({ auth: PASSWORD })
  const response = await signIn(call, PASSWORD, { 'x-forwarded-proto': 'https' })
  expect(response.headers.get('set-cookie')).toContain('Secure')
})

test('a session ends with its time, also for a stream that is open', async () => {
  const { call, clock } = await open({ auth: PASSWORD })
  const cookie = cookieOf(await signIn(call, PASSWORD))
  const stream = await call('/console/api/live', { headers: { cookie } })
  expect(stream.status).toBe(200)
  // Not second by second: what the samples of twelve hours would tell is no part of this.
  const text = stream.text()
  vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 12 * 3_600_000)
  await clock.advance(1_000)
  expect(await text).not.toContain('event: update')
  expect((await call('/console/api/stats', { headers: { cookie } })).status).toBe(401)
})

test('wrong credentials are refused, and after eight failures the address has to wait', async () => {
  const { call, clock } = await open({ auth: PASSWORD })
  for (const fields of [
    { username: 'kit', password: 'wrong' },
    { username: 'other', password: PASSWORD.password },
    {},
  ]) {
    const response = await signIn(call, fields)
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('do not belong together')
    expect(response.headers.get('set-cookie')).toBeNull()
  }
  const basic = (text: string) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } })
  for (let attempt = 0; attempt < 5; attempt += 1)
    expect((await call('/console/api/stats', basic('kit:wrong'))).status).toBe(401)

  const blocked = await signIn(call, PASSWORD)
  expect(blocked.status).toBe(429)
  expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await call('/console/api/stats', basic('kit:correct horse battery'))).status).toBe(429)
  await clock.advance(60_000)
  expect((await signIn(call, PASSWORD)).status).toBe(303)
  expect((await call('/console/api/stats', basic('kit:correct horse battery'))).status).toBe(200)
})

test('a token opens the API by header, and the form for a person', async () => {
  const { call } = await open({ auth: { token: TOKEN } })
  expect((await call('/console/api/stats', asOperator)).status).toBe(200)
  for (const authorization of ['Bearer wrong', `Basic ${TOKEN}`, TOKEN, 'Bearer', '']) {
    expect((await call('/console/api/stats', { headers: { authorization } })).status, authorization).toBe(401)
  }
  expect(await (await call('/console')).text()).toContain('name="token"')
  expect((await signIn(call, { token: TOKEN })).status).toBe(303)
})

test('a page of another origin can neither sign in, nor call the API, nor end a session', async () => {
  const { call, origin } = await open({ auth: PASSWORD })
  expect((await signIn(call, PASSWORD, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await signIn(call, PASSWORD, { origin: 'http://evil.example' })).status).toBe(403)
  expect((await signIn(call, PASSWORD, { origin })).status).toBe(303)

  const cookie = cookieOf(await signIn(call, PASSWORD))
  expect((await call('/console/api/stats', { headers: { cookie, 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
  const noToken = await call('/console/sign-out', { method: 'POST', headers: { cookie } })
  expect(noToken.status).toBe(403)
  expect(await noToken.text()).toMatch(/x-csrf-token/)
  expect(
    (await call('/console/sign-out', { method: 'POST', headers: { cookie, 'x-csrf-token': 'guessed' } })).status,
  ).toBe(403)
  expect((await call('/console/api/session', { headers: { cookie } })).status).toBe(200)
})

test('a developer at this machine needs no credentials; with any condition gone, they do', async () => {
  const here = { auth: 'loopback-development', bind: '127.0.0.1' } as const
  const { call, operated, origin } = await open(here)
  expect((await call('/console/api/stats')).status).toBe(200)
  expect(await (await call('/console/api/session')).json()).toMatchObject({ via: 'loopback' })

  const request = (headers: Record<string, string> = {}) => new Request(`${origin}/console/api/stats`, { headers })
  const refused: [string, Promise<Response>][] = [
    ['a peer elsewhere', operated.fetch(request(), { address: '192.168.1.9' })],
    ['a peer unknown', operated.fetch(request())],
    ['a foreign name', operated.fetch(request({ host: 'evil.example' }), { address: '127.0.0.1' })],
    ['a proxy', operated.fetch(request({ 'x-forwarded-for': '1.2.3.4' }), { address: '127.0.0.1' })],
  ]
  for (const [what, response] of refused) {
    expect((await response).status, what).toBe(403)
    expect(await (await response).json(), what).toMatchObject({ error: { code: 'not-loopback' } })
  }
  vi.stubEnv('NODE_ENV', 'production')
  expect((await call('/console/api/stats')).status).toBe(403)
  expect((await call('/console')).status).toBe(403)

  vi.unstubAllEnvs()
  const unbound = await open({ auth: 'loopback-development', bind: '0.0.0.0' })
  expect((await unbound.call('/console/api/stats')).status).toBe(403)
  const unsaid = await open({ auth: 'loopback-development' })
  expect(await (await unsaid.call('/console')).text()).toMatch(/bind option is not given/)
})

test('every answer carries the security headers, and no policy allows anything inline', async () => {
  const { call } = await open({ auth: { token: TOKEN } })
  for (const path of ['/console', '/console/api/stats', '/console/nowhere', '/console/assets/none.js']) {
    const { headers } = await call(path, asOperator)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy, path).toContain("default-src 'none'")
    expect(policy, path).not.toMatch(/unsafe|\*/)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(headers.get('x-frame-options'), path).toBe('DENY')
    expect(headers.get('referrer-policy'), path).toBe('no-referrer')
  }
  expect((await call('/console/api/stats', asOperator)).headers.get('cache-control')).toBe('no-store')
  expect((await call('/console/api/nowhere', asOperator)).headers.get('cache-control')).toBe('no-store')
})

test('the API tells the figures, the health, the history and the last invalidations of the cache', async () => {
  const { call, rooms, cache, clock } = await open({ auth: { token: TOKEN } })
  const get = async (path: string) => (await (await call(`/console/api/${path}`, asOperator)).json()) as never
  await rooms.get('r1')
  await rooms.get('r1')
  await clock.advance(1_000)
  await rooms.invalidate('r1')
  await cache.invalidate({ tag: 'user:7' })
  await clock.advance(1_000)

  expect(await get('stats')).toMatchObject({
    namespace: 'tested',
    node: cache.node,
    total: { reads: 2, memoryHits: 1, misses: 1 },
  })
  expect(await get('health')).toMatchObject({
    status: 'healthy',
    components: expect.any(Array),
    at: expect.any(Number),
  })
  expect(await get('history')).toMatchObject({
    total: { reads: [2, 0] },
    definitions: { room: { memoryHits: [1, 0] } },
  })
  expect(await get('history?samples=1')).toMatchObject({ at: [expect.any(Number)], total: { reads: [0] } })
  const { invalidations } = (await get('invalidations')) as { invalidations: object[] }
  expect(invalidations).toMatchObject([
    { origin: cache.node, own: true, propagated: true, operations: [{ type: 'key', key: 'room:r1' }] },
    { origin: cache.node, own: true, operations: [{ type: 'tag', tag: 'user:7' }] },
  ])
  expect(((await get('invalidations?limit=1')) as { invalidations: object[] }).invalidations).toHaveLength(1)
  await rooms.get('r2')
  expect(await get('inspect?key=room%3Ar2')).toMatchObject({
    key: 'room:r2',
    memory: { state: 'fresh' },
    remote: { state: 'fresh' },
  })
  expect(await get('inspect?key=none')).toEqual({ key: 'none', trace: expect.any(Array) })
})

test('bad input is answered with 400 and says what is wrong; other paths and methods with 404 and 405', async () => {
  const { call } = await open({ auth: { token: TOKEN } })
  const bad = [
    'inspect',
    'inspect?key=',
    'inspect?key=a&key=b',
    `inspect?key=${'x'.repeat(2_000)}`,
    'invalidations?limit=0',
    'history?samples=1e9',
    'stats?x=1',
  ]
  for (const path of bad) {
    const response = await call(`/console/api/${path}`, asOperator)
    expect(response.status, path).toBe(400)
    expect(await response.json(), path).toEqual({ error: { code: 'bad-query', message: expect.any(String) } })
  }
  expect((await call('/console/api/nowhere', asOperator)).status).toBe(404)
  expect((await call('/console/nowhere', asOperator)).status).toBe(404)
  const posted = await call('/console/api/stats', { method: 'POST', ...asOperator })
  expect(posted.status).toBe(405)
  expect(posted.headers.get('allow')).toBe('GET, HEAD')
  const large = await signIn(call, { token: 'x'.repeat(10_000) })
  expect(large.status).toBe(413)
})

test('a live stream begins with everything, goes on each second, and comes back where it was', async () => {
  const { call, rooms, clock } = await open({ auth: { token: TOKEN } })
  await clock.advance(2_000)
  const stream = await events(await call('/console/api/live', asOperator))
  const { data: snapshot } = await stream.next<Snapshot>('snapshot')
  expect(snapshot.history.at).toHaveLength(2)

  await rooms.get('r1')
  await rooms.invalidate('r1')
  await clock.advance(1_000)
  const { data: update, id } = await stream.next<Update>('update')
  expect(update.samples).toMatchObject([{ total: { reads: 1 }, definitions: { room: { loads: 1 } } }])
  expect(update.invalidations).toHaveLength(1)
  expect(id).toBe(update.cursor)
  await stream.leave()

  await clock.advance(3_000)
  for (const back of [
    await call('/console/api/live', { headers: { ...asOperator.headers, 'last-event-id': id } }),
    await call(`/console/api/live?after=${encodeURIComponent(id)}`, asOperator),
  ]) {
    const again = await events(back)
    const { data } = await again.next<Update>('update')
    expect(data.samples).toHaveLength(3)
    expect(data.invalidations).toEqual([])
    await again.leave()
  }
  for (const unknown of ['other:1', 'nonsense', '']) {
    const anew = await events(
      await call('/console/api/live', { headers: { ...asOperator.headers, 'last-event-id': unknown } }),
    )
    await anew.next<Snapshot>('snapshot')
    await anew.leave()
  }
})

test('there are never more live streams than allowed, one that leaves makes room, and closing ends them all', async () => {
  const { call, operated, clock } = await open({ auth: { token: TOKEN }, maxStreams: 2 })
  const first = await events(await call('/console/api/live', asOperator))
  const second = await call('/console/api/live', asOperator)
  const third = await call('/console/api/live', asOperator)
  expect(third.status).toBe(503)
  expect(third.headers.get('retry-after')).not.toBeNull()
  expect((await call('/console/api/live', { method: 'HEAD', ...asOperator })).status, 'a HEAD takes no place').toBe(200)

  await first.leave()
  const next = await vi.waitFor(async () => {
    await clock.advance(1_000)
    const response = await call('/console/api/live', asOperator)
    expect(response.status).toBe(200)
    return response
  }, 20_000)
  await operated.close()
  await Promise.all([second.text(), next.text()])
  expect((await call('/console/api/stats', asOperator)).status).toBe(503)
  expect(clock.pending, 'no timer is left').toBe(0)
})

test('the console can be mounted elsewhere, also at the root', async () => {
  const below = await open({ auth: { token: TOKEN }, basePath: '/ops/cache' })
  expect((await below.call('/ops/cache/api/stats', asOperator)).status).toBe(200)
  expect((await below.call('/console/api/stats', asOperator)).status).toBe(404)
  expect((await signInAt(below.call, '/ops/cache')).headers.get('location')).toBe('/ops/cache')
  const root = await open({ auth: { token: TOKEN }, basePath: '' })
  expect((await root.call('/api/stats', asOperator)).status).toBe(200)
  const response = await signInAt(root.call, '')
  expect(response.headers.get('location')).toBe('/')
  expect(response.headers.get('set-cookie')).toContain('Path=/;')
})

function signInAt(call: Awaited<ReturnType<typeof open>>['call'], basePath: string) {
  return call(`${basePath}/sign-in`, { method: 'POST', body: new URLSearchParams({ token: TOKEN }) })
}

/** The messages of an event stream, one at a time. */
async function events(response: Response) {
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  return {
    async next<T>(event: string): Promise<{ id: string; data: T }> {
      while (!text.includes('\n\n')) {
        const { value, done } = await reader.read()
        if (done) throw new Error(`the stream ended before an event ${event}`)
        text += decoder.decode(value, { stream: true })
      }
      const end = text.indexOf('\n\n')
      const fields = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string) => fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
      expect(field('event')).toBe(event)
      return { id: field('id'), data: JSON.parse(field('data')) as T }
    },
    leave: () => reader.cancel(),
  }
}

test('a console that is closed waits for what operators have begun', async () => {
  const { operated } = await open({ auth: { token: TOKEN } })
  let ended = false
  vi.spyOn(Actions.prototype, 'close').mockImplementation(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    ended = true
  })
  await operated.close()
  expect(ended).toBe(true)
})
