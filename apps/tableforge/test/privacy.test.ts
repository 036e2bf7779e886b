import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisService, startRedis } from '../../../scripts/services/redis.mjs'
import { handOf } from '../src/queries/rooms.js'
import type { Table } from '../src/table.js'
import { eventually, type Person, person, refusalOf, roomWith, startTable } from './support/table.js'

/**
 * No player ever receives what another holds, whispers or may not see: not over HTTP, not over a socket, and it lies in
 * no cache tier at all, where a mistake in a key could hand it out.
 */
describe('what only one viewer may see', () => {
  let server: RedisService
  let client: Redis
  let table: Table
  let gm: Person
  let ann: Person
  let ben: Person
  let roomId: string
  const whispered = 'the-gem-is-under-the-third-stone'
  const lurker = 'Lurker-behind-the-curtain'
  const secretFile = 'treasure-map-of-ann'
  const shared = 'everybody-may-read-this'

  beforeAll(async () => {
    server = await startRedis()
    client = new Redis(server.url)
    table = await startTable({ REDIS_URL: server.url })
    gm = await person(table.url, 'Gwen')
    ann = await person(table.url, 'Ann')
    ben = await person(table.url, 'Ben')
    roomId = await roomWith(table, gm, [ann, ben])
    for (const one of [gm, ann, ben]) await one.enter(roomId)
  })
  afterAll(async () => {
    for (const one of [gm, ann, ben]) one?.leave()
    await table?.close()
    client?.disconnect()
    await server?.stop()
  })

  /** Does everything that handles secrets, then has everybody read everything there is. */
  async function play(): Promise<{ annsCards: string[]; hiddenId: string }> {
    const { id: deckId } = await gm.call('decks.add', { roomId, name: 'Deck' })
    await ben.call('decks.draw', { roomId, deckId, count: 3 })
    await ann.call('decks.draw', { roomId, deckId, count: 5 })
    const hidden = await gm.call('tokens.add', { roomId, name: lurker, x: 1, y: 1, hidden: true })
    await gm.call('tokens.move', { roomId, tokenId: hidden.id, x: 4, y: 4 })
    expect(await gm.send('token:move', { roomId, tokenId: hidden.id, x: 5, y: 4 })).toMatchObject({ ok: true })
    await gm.send('chat:whisper', { roomId, to: ann.user.id, text: whispered })
    await ann.send('chat:say', { roomId, text: shared })
    const file = new Blob([secretFile], { type: 'text/plain' })
    await ann.call('assets.upload', { roomId, name: secretFile, access: 'private' }, file)
    for (const one of [gm, ann, ben]) await readEverything(one)
    await eventually('Ben has heard what was said to all', () => ben.received.join().includes(shared))
    const hand = await handOf(table.database.db, roomId, ann.user.id)
    return { annsCards: hand.map(({ id }) => id), hiddenId: hidden.id }
  }

  async function readEverything(one: Person): Promise<void> {
    const { call } = one
    await call('room.state', { roomId })
    await call('room.figures', { roomId })
    await call('players.list', { roomId })
    await call('chat.page', { roomId })
    await call('chat.page', { roomId, page: 0 })
    await call('hand.get', { roomId })
    await call('assets.ofRoom', { roomId })
    await call('assets.recent', {})
    await call('search', { q: 'treasure' })
    await call('notifications.list', {})
    await call('rooms.mine', {})
    for (const { user } of [gm, ann, ben]) await call('profile.get', { userId: user.id })
  }

  it('never reaches another player, nor any cache tier', async () => {
    const { annsCards, hiddenId } = await play()
    expect(annsCards).toHaveLength(5)

    const toBen = ben.received.join('\n')
    for (const secret of [...annsCards, hiddenId, lurker, whispered, secretFile]) expect(toBen).not.toContain(secret)

    // Whom it is meant for did get it, so that the search above could have found it.
    const toAnn = ann.received.join('\n')
    for (const own of [...annsCards, whispered, secretFile]) expect(toAnn).toContain(own)
    expect(gm.received.join('\n')).toContain(lurker)
    expect(gm.eventsNamed('room:secret').map(({ change }) => change.type)).toContain('token.put')
    expect(toAnn).not.toContain(lurker)

    const remote = await everythingIn(client)
    const keys = await keysIn(client, table.cache.namespace)
    const memory = JSON.stringify(keys.map((key) => [key, table.cache.peek(key)]))
    for (const [tier, content] of Object.entries({ remote, memory })) {
      expect(content, tier).toContain(shared)
      for (const secret of [...annsCards, hiddenId, lurker, whispered]) expect(content, tier).not.toContain(secret)
    }
  })

  it('keeps a private file from others by every address', async () => {
    const file = new Blob(['mine'], { type: 'text/plain' })
    const asset = await ann.call('assets.upload', { roomId, name: 'own', access: 'private' }, file)
    expect((await ann.fetch(asset.url)).status).toBe(200)
    expect((await ann.fetch(asset.url)).headers.get('cache-control')).toBe('private, no-store')
    expect((await ben.fetch(asset.url)).status).toBe(404)
    expect((await gm.fetch(asset.url)).status).toBe(404)
    expect((await ben.fetch(`/files/${asset.id}/${asset.fingerprint.slice(0, 16)}`)).status).toBe(404)
    expect(await refusalOf(ben.call('assets.get', { assetId: asset.id }))).toBe('not-found')
    expect((await ben.call('assets.batch', { ids: asset.id })).assets).toEqual([])
    expect(await refusalOf(ben.call('assets.delete', { assetId: asset.id }))).toBe('not-found')
  })

  it('is gone for a game master from the moment they are one no more', async () => {
    await gm.call('players.setRole', { roomId, userId: ben.user.id, role: 'gm' })
    expect((await ben.call('room.state', { roomId })).tokens.some(({ hidden }) => hidden)).toBe(true)
    await gm.call('players.setRole', { roomId, userId: ben.user.id, role: 'player' })
    const before = ben.received.length
    expect((await ben.call('room.state', { roomId })).tokens.some(({ hidden }) => hidden)).toBe(false)
    await gm.call('tokens.add', { roomId, name: 'Second-lurker', x: 2, y: 2, hidden: true })
    await gm.send('chat:say', { roomId, text: 'after-the-second' })
    await eventually('Ben hears what came later', () => ben.received.join().includes('after-the-second'))
    expect(ben.received.slice(before).join()).not.toContain('Second-lurker')
  })

  it('shows a token to players from the moment it is revealed, and takes it from them when it is hidden', async () => {
    const token = await gm.call('tokens.add', { roomId, name: 'Ghost', x: 3, y: 3, hidden: true })
    const seen = async () => (await ben.call('room.state', { roomId })).tokens.some(({ id }) => id === token.id)
    expect(await seen()).toBe(false)
    await gm.call('tokens.setHidden', { roomId, tokenId: token.id, hidden: false })
    expect(await seen()).toBe(true)
    await gm.call('tokens.setHidden', { roomId, tokenId: token.id, hidden: true })
    expect(await seen()).toBe(false)
  })
})

/** All that the server stores, keys and values, as text; values are not compressed in this test. */
async function everythingIn(client: Redis): Promise<string> {
  const parts: string[] = []
  for (const key of await client.keys('*')) {
    const type = await client.type(key)
    const value =
      type === 'string'
        ? (await client.getBuffer(key))?.toString('latin1')
        : type === 'stream'
          ? JSON.stringify(await client.xrange(key, '-', '+'))
          : type === 'hash'
            ? JSON.stringify(await client.hgetall(key))
            : type === 'zset'
              ? JSON.stringify(await client.zrange(key, '0', '-1'))
              : type === 'set'
                ? JSON.stringify(await client.smembers(key))
                : JSON.stringify(await client.lrange(key, 0, -1))
    parts.push(`${key} ${value}`)
  }
  return parts.join('\n')
}

/** Keys of the cache's entries, as the cache names them. */
async function keysIn(client: Redis, namespace: string): Promise<string[]> {
  const names = /(?:user|room|asset|system|query|search|notification|rate|leaderboard|popular|recent|batch):[^}]*/
  return (await client.keys(`*${namespace}*`)).flatMap((key) => names.exec(key)?.[0] ?? [])
}
