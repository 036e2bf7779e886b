import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SESSION_COOKIE } from '../src/protocol.js'
import type { Table } from '../src/table.js'
import { eventually, Person, person, refusalOf, roomWith, startTable } from './support/table.js'

describe('the server', () => {
  let table: Table
  let ann: Person

  beforeAll(async () => {
    table = await startTable()
    ann = await person(table.url, 'Ann')
  })
  afterAll(async () => {
    ann?.leave()
    await table?.close()
  })

  it('sets a signed cookie that scripts cannot read and other sites do not send', async () => {
    const response = await fetch(`${table.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Cookie' }),
    })
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(new RegExp(`^${SESSION_COOKIE}=[\\w.-]+;`))
    for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(attribute)
  })

  it('knows nobody by a cookie that it did not sign', async () => {
    const forger = new Person(table.url)
    const [userId, sessionId, signature] = ann.cookie.slice(SESSION_COOKIE.length + 1).split('.')
    const victim = await person(table.url, 'Victim')
    for (const forged of [
      '',
      'x',
      `${victim.user.id}.${sessionId}.${signature}`,
      `${userId}.${sessionId}.`,
      `${userId}.${sessionId}.${'A'.repeat(43)}`,
    ]) {
      forger.cookie = `${SESSION_COOKIE}=${forged}`
      expect(await forger.call('session.get', {})).toEqual({ session: null })
      expect(await refusalOf(forger.call('rooms.mine', {}))).toBe('not-signed-in')
      await expect(forger.connect()).rejects.toThrow('not-signed-in')
    }
  })

  it('honours signing out on the next request, and closes the session’s sockets', async () => {
    const one = await person(table.url, 'Leaver')
    const other = await person(table.url, 'Leaver')
    const socket = await one.connect()
    const cookie = one.cookie
    await one.call('session.signOut', {})
    one.cookie = cookie
    expect(await refusalOf(one.call('rooms.mine', {}))).toBe('not-signed-in')
    await eventually('the socket is closed', () => socket.disconnected)
    expect(one.eventsNamed('session:ended')).toHaveLength(1)
    expect((await other.call('session.get', {})).session?.user.name).toBe('Leaver')
  })

  it('replaces a session when it is refreshed', async () => {
    const one = await person(table.url, 'Refresher')
    const old = one.cookie
    await one.call('session.refresh', {})
    expect(one.cookie).not.toBe(old)
    expect((await one.call('session.get', {})).session?.user.name).toBe('Refresher')
    one.cookie = old
    expect((await one.call('session.get', {})).session).toBeNull()
  })

  it('refuses a change that another site asks the browser for', async () => {
    const response = await ann.fetch('/api/notifications/read', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
    })
    expect(response.status).toBe(403)
    const form = await ann.fetch('/api/rooms', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"name":"x","systemId":"embers"}',
    })
    expect(form.status).toBe(400)
  })

  it.each([
    ['POST', '/api/rooms', '{', 'body: expected JSON.'],
    ['POST', '/api/rooms', '{"name":"","systemId":"embers"}', 'Please enter a name.'],
    ['POST', '/api/rooms', '{"name":"x","systemId":"no-such"}', 'there is no game system "no-such"'],
    ['GET', '/api/rooms?page=-1', undefined, 'query.page'],
    ['GET', '/api/leaderboards/score/year', undefined, 'path.period'],
  ])('says what is wrong with %s %s %s', async (method, path, body, message) => {
    const response = await ann.fetch(path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    })
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain(message)
  })

  it('keeps personal answers out of every shared cache, and lets public files be kept for ever', async () => {
    const roomId = await roomWith(table, ann)
    expect((await ann.fetch(`/api/rooms/${roomId}/state`)).headers.get('cache-control')).toBe('private, no-store')
    expect((await ann.fetch('/api/nothing')).headers.get('cache-control') ?? '').not.toContain('public')

    const file = new Blob(['for all'], { type: 'text/plain' })
    const asset = await ann.call('assets.upload', { roomId, name: 'Poster', access: 'public' }, file)
    const answer = await fetch(`${table.url}${asset.url}`)
    expect(await answer.text()).toBe('for all')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await fetch(`${table.url}/files/${asset.id}/0000000000000000`)).status).toBe(404)

    expect((await ann.call('assets.recent', {})).assets.map(({ id }) => id)).toContain(asset.id)
    expect((await ann.call('assets.batch', { ids: asset.id })).assets).toHaveLength(1)
    await ann.call('assets.delete', { assetId: asset.id })
    expect((await fetch(`${table.url}${asset.url}`)).status).toBe(404)
    expect((await ann.call('assets.batch', { ids: asset.id })).assets).toEqual([])
    expect((await ann.call('assets.recent', {})).assets.map(({ id }) => id)).not.toContain(asset.id)
  })

  it('refuses files that are too large or could run in a browser', async () => {
    const roomId = await roomWith(table, ann)
    const upload = (content: string, type: string) =>
      ann.call('assets.upload', { roomId, name: 'file' }, new Blob([content], { type }))
    expect(await refusalOf(upload('<script>', 'text/html'))).toBe('bad-request')
    expect(await refusalOf(upload('<svg/>', 'image/svg+xml'))).toBe('bad-request')
    expect(await refusalOf(upload('x'.repeat(262_145), 'text/plain'))).toBe('too-large')
    expect(await refusalOf(upload('', 'text/plain'))).toBe('bad-request')
  })

  it('refuses who asks too often, and says when to come back', async () => {
    const roomId = await roomWith(table, ann)
    const flood = await person(table.url, 'Flood')
    await flood.call('room.join', { roomId })
    // All at once: a slow machine must not give them the time to be allowed again.
    const chats = Array.from({ length: 30 }, () => flood.call('chat.say', { roomId, text: 'x' }))
    const refusals = (await Promise.allSettled(chats)).flatMap((chat) =>
      chat.status === 'rejected' ? chat.reason : [],
    )
    expect(refusals.length).toBeGreaterThan(0)
    for (const { code, retryAfterMs } of refusals) {
      expect(code).toBe('rate-limited')
      expect(retryAfterMs).toBeGreaterThan(0)
    }
    expect(await ann.call('chat.say', { roomId, text: 'others may' })).toMatchObject({ text: 'others may' })
  })

  it('answers for its health, its figures and its page', async () => {
    expect(await (await fetch(`${table.url}/healthz`)).json()).toMatchObject({ status: 'healthy' })
    expect(await (await fetch(`${table.url}/metrics`)).text()).toContain('user:session')
    expect((await fetch(`${table.url}/console`)).status).toBe(200)
    expect((await fetch(`${table.url}/api/config`)).status).toBe(200)
  })
})
