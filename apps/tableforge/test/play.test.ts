import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPostgres, type PostgresService, startPostgres } from '../../../scripts/services/postgres.mjs'
import { say } from '../src/domain/chat.js'
import type { Table } from '../src/table.js'
import { eventually, type Person, person, refusalOf, roomWith, startTable } from './support/table.js'

/** The rules of the table, through its public interface, on the embedded database and on a server. */
const databases = ['embedded', ...(findPostgres() === undefined ? [] : ['server'])] as const

describe.each(databases)('a table on the %s database', (kind) => {
  let postgres: PostgresService | undefined
  let table: Table
  let gm: Person
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    postgres = kind === 'server' ? await startPostgres() : undefined
    table = await startTable(postgres === undefined ? {} : { DATABASE_URL: postgres.url })
    gm = await person(table.url, 'Gwen')
    ann = await person(table.url, 'Ann')
    ben = await person(table.url, 'Ben')
  })
  afterAll(async () => {
    for (const one of [gm, ann, ben]) one?.leave()
    await table?.close()
    await postgres?.stop()
  })

  it('starts with a demo room that holds tokens and a full deck', async () => {
    const { roomId } = await ann.call('rooms.bySlug', { slug: 'the-sunken-keep' })
    await ann.call('room.join', { roomId })
    const state = await ann.call('room.state', { roomId })
    expect(state.tokens.length).toBeGreaterThan(4)
    expect(state.decks[0]).toMatchObject({ drawCount: 52, discardCount: 0, topDiscard: null })
  })

  it('signs two people in under one name as one user, also when they come at once', async () => {
    const both = await Promise.all([person(table.url, 'Twin'), person(table.url, 'TWIN')])
    expect(both[0].user.id).toBe(both[1].user.id)
  })

  it('forgets that a room did not exist as soon as it does', async () => {
    expect(await refusalOf(ann.call('rooms.bySlug', { slug: `late-room-${kind}` }))).toBe('not-found')
    const { id, slug } = await gm.call('rooms.create', { name: `Late room ${kind}`, systemId: 'embers' })
    expect(slug).toBe(`late-room-${kind}`)
    expect(await ann.call('rooms.bySlug', { slug })).toEqual({ roomId: id })
    expect((await ann.call('rooms.list', {})).rooms.map((room) => room.id)).toContain(id)
  })

  it('shows a renamed room under its new name everywhere, and nowhere under the old address', async () => {
    const roomId = await roomWith(table, gm, [ann])
    const before = await ann.call('room.get', { roomId })
    await ann.call('rooms.mine', {})
    const after = await gm.call('room.rename', { roomId, name: `Renamed ${kind}` })
    expect((await ann.call('rooms.mine', {})).rooms.find(({ id }) => id === roomId)?.name).toBe(after.name)
    expect((await ann.call('room.state', { roomId })).name).toBe(after.name)
    expect(await refusalOf(ann.call('rooms.bySlug', { slug: before.slug }))).toBe('not-found')
  })

  it('leaves nothing of a deleted room', async () => {
    const roomId = await roomWith(table, gm, [ann])
    await ann.call('rooms.mine', {})
    await ann.call('chat.say', { roomId, text: 'soon gone' })
    await gm.call('room.delete', { roomId })
    expect((await ann.call('rooms.mine', {})).rooms.map(({ id }) => id)).not.toContain(roomId)
    const refusals = [
      ann.call('room.state', { roomId }),
      ann.call('chat.page', { roomId }),
      ann.call('room.get', { roomId }),
    ].map(refusalOf)
    expect(new Set(await Promise.all(refusals))).toEqual(new Set(['not-found']))
  })

  it('lets players move what is theirs or nobody’s, and game masters everything', async () => {
    const roomId = await roomWith(table, gm, [ann, ben])
    const own = await gm.call('tokens.add', { roomId, name: 'Ann’s', x: 1, y: 1, ownerId: ann.user.id })
    const free = await gm.call('tokens.add', { roomId, name: 'Free', x: 2, y: 2 })
    expect((await ann.call('tokens.move', { roomId, tokenId: own.id, x: 5, y: 5 })).x).toBe(5)
    expect(await refusalOf(ben.call('tokens.move', { roomId, tokenId: own.id, x: 6, y: 5 }))).toBe('forbidden')
    expect((await ben.call('tokens.move', { roomId, tokenId: free.id, x: 3, y: 3 })).x).toBe(3)
    expect((await gm.call('tokens.move', { roomId, tokenId: own.id, x: 7, y: 5 })).x).toBe(7)
    expect(await refusalOf(gm.call('tokens.move', { roomId, tokenId: own.id, x: 24, y: 5 }))).toBe('bad-request')
    expect(await refusalOf(ann.call('tokens.add', { roomId, name: 'x', x: 1, y: 1, hidden: true }))).toBe('forbidden')
  })

  it('gives every change of the table the next version, and the cached state has them all', async () => {
    const roomId = await roomWith(table, gm, [ann, ben])
    const tokens = await Promise.all([0, 1, 2].map((n) => gm.call('tokens.add', { roomId, name: `T${n}`, x: n, y: 0 })))
    const before = await ann.call('room.state', { roomId })
    await ann.enter(roomId)
    const moves = Array.from({ length: 30 }, (_, n) =>
      [ann, ben, gm][n % 3]!.call('tokens.move', { roomId, tokenId: tokens[n % 3]!.id, x: n % 20, y: 1 + (n % 10) }),
    )
    const moved = await Promise.all(moves)
    const after = await ann.call('room.state', { roomId })
    expect(after.version).toBe(before.version + 30)
    for (const token of after.tokens) {
      const newest = moved.filter(({ id }) => id === token.id).sort((a, b) => b.version - a.version)[0]
      expect(token).toEqual(newest)
    }
    await eventually('all patches have arrived', () => ann.eventsNamed('room:patch').length >= 30)
    const versions = ann
      .eventsNamed('room:patch')
      .map(({ version }) => version)
      .sort((a, b) => a - b)
    expect(versions).toEqual(Array.from({ length: 30 }, (_, n) => before.version + 1 + n))
    ann.leave()
  })

  it('never deals a card twice, however many draw at once', async () => {
    const roomId = await roomWith(table, gm, [ann, ben])
    const deck = await gm.call('decks.add', { roomId, name: 'Deck' })
    const draws = Array.from({ length: 20 }, (_, n) =>
      [ann, ben][n % 2]!.call('decks.draw', { roomId, deckId: deck.id, count: 3 }),
    )
    const results = await Promise.allSettled(draws)
    const cards = results.flatMap((result) => (result.status === 'fulfilled' ? result.value.cards : []))
    expect(cards).toHaveLength(52)
    expect(new Set(cards.map(({ face }) => face)).size).toBe(52)
    const state = await gm.call('room.state', { roomId })
    const counts = state.decks[0]?.handCounts ?? {}
    expect(state.decks[0]?.drawCount).toBe(0)
    expect((counts[ann.user.id] ?? 0) + (counts[ben.user.id] ?? 0)).toBe(52)
    expect((await ann.call('hand.get', { roomId })).hand).toHaveLength(counts[ann.user.id]!)
  })

  it('discards only from one’s own hand, face up, and shuffles the discarded cards back', async () => {
    const roomId = await roomWith(table, gm, [ann, ben])
    const { id: deckId } = await gm.call('decks.add', { roomId, name: 'Deck' })
    const { cards } = await ann.call('decks.draw', { roomId, deckId, count: 2 })
    expect(await refusalOf(ben.call('decks.discard', { roomId, deckId, cardIds: [cards[0]!.id] }))).toBe('conflict')
    const { hand } = await ann.call('decks.discard', { roomId, deckId, cardIds: [cards[0]!.id] })
    expect(hand).toEqual([cards[1]])
    expect((await ben.call('room.state', { roomId })).decks[0]).toMatchObject({
      drawCount: 50,
      discardCount: 1,
      topDiscard: cards[0],
    })
    expect(await refusalOf(ben.call('decks.shuffle', { roomId, deckId, gather: 'all' }))).toBe('forbidden')
    expect(await ben.call('decks.shuffle', { roomId, deckId, gather: 'discards' })).toMatchObject({
      drawCount: 51,
      discardCount: 0,
    })
  })

  it('takes the hand of someone who leaves back into the draw pile', async () => {
    const roomId = await roomWith(table, gm, [ann])
    const { id: deckId } = await gm.call('decks.add', { roomId, name: 'Deck' })
    await ann.call('decks.draw', { roomId, deckId, count: 7 })
    await ann.call('room.leave', { roomId })
    expect((await gm.call('room.state', { roomId })).decks[0]).toMatchObject({ drawCount: 52, handCounts: {} })
    expect(await refusalOf(ann.call('room.state', { roomId }))).toBe('forbidden')
  })

  it('keeps a game master in every room', async () => {
    const roomId = await roomWith(table, gm, [ann])
    expect(await refusalOf(gm.call('room.leave', { roomId }))).toBe('conflict')
    expect(await refusalOf(gm.call('players.setRole', { roomId, userId: gm.user.id, role: 'player' }))).toBe('conflict')
    await gm.call('players.setRole', { roomId, userId: ann.user.id, role: 'gm' })
    await gm.call('room.leave', { roomId })
    expect((await ann.call('players.list', { roomId })).players.map(({ role }) => role)).toEqual(['gm'])
  })

  it('honours a change of role on the next request', async () => {
    const dee = await person(table.url, `Dee ${kind}`)
    const roomId = await roomWith(table, gm, [dee])
    const token = await gm.call('tokens.add', { roomId, name: 'T', x: 1, y: 1 })
    await dee.call('tokens.move', { roomId, tokenId: token.id, x: 2, y: 2 })
    await gm.call('players.setRole', { roomId, userId: dee.user.id, role: 'spectator' })
    expect(await refusalOf(dee.call('tokens.move', { roomId, tokenId: token.id, x: 3, y: 3 }))).toBe('forbidden')
    expect(await dee.call('notifications.list', {})).toMatchObject({ unread: 1 })
    await dee.call('notifications.read', {})
    expect(await dee.call('notifications.list', {})).toMatchObject({ unread: 0 })
  })

  it('pages the chat from the oldest, and only the newest page grows', async () => {
    const roomId = await roomWith(table, gm, [ann])
    // Past the limit on talking, which is not what this is about.
    const actor = { user: gm.user, sessionId: 'none', sessionExpiresAt: 0 }
    for (let n = 1; n <= 51; n++) await say(table.domain, actor, roomId, `line ${n}`)
    const newest = await ann.call('chat.page', { roomId })
    expect(newest).toMatchObject({ page: 1, pages: 2 })
    expect(newest.messages.map(({ text }) => text)).toEqual(['line 51'])
    expect((await ann.call('chat.page', { roomId, page: 0 })).messages).toHaveLength(50)
    await gm.call('chat.say', { roomId, text: 'line 52' })
    expect((await ann.call('chat.page', { roomId })).messages.at(-1)?.text).toBe('line 52')
    expect(await refusalOf(ann.call('chat.page', { roomId, page: 2 }))).toBe('not-found')
  })

  it('shows a new name wherever the old one was', async () => {
    const cam = await person(table.url, `Cam ${kind}`)
    const roomId = await roomWith(table, gm, [cam])
    await cam.call('chat.say', { roomId, text: 'hello' })
    await gm.call('chat.page', { roomId })
    await gm.call('players.list', { roomId })
    await cam.call('profile.update', { name: `Camilla ${kind}`, bio: 'new' })
    expect((await gm.call('chat.page', { roomId })).messages[0]?.author.name).toBe(`Camilla ${kind}`)
    expect((await gm.call('players.list', { roomId })).players.map(({ name }) => name)).toContain(`Camilla ${kind}`)
    expect((await cam.call('session.get', {})).session?.user.name).toBe(`Camilla ${kind}`)
    expect(await refusalOf(cam.call('profile.update', { name: 'GWEN' }))).toBe('conflict')
  })

  it('patches the cached table, also where memory holds nothing, and reads it through its definition only', async () => {
    const roomId = await roomWith(table, gm)
    const token = await gm.call('tokens.add', { roomId, name: 'Lantern', x: 0, y: 0 })
    await gm.call('room.state', { roomId })
    const loads = () => table.cache.stats().definitions['room:state']?.loads
    const before = loads()
    table.cache.bypass('memory', true)
    try {
      for (const x of [1, 2, 3]) await gm.call('tokens.move', { roomId, tokenId: token.id, x, y: 0 })
      expect((await gm.call('room.state', { roomId })).tokens).toMatchObject([{ x: 3 }])
    } finally {
      table.cache.bypass('memory', false)
    }
    expect(loads()).toBe(before)
    expect(table.cache.stats().definitions['']?.reads ?? 0).toBe(0)
  })

  it('counts points on the leaderboard at once', async () => {
    const roomId = await roomWith(table, gm, [ann])
    await ann.call('leaderboard', { type: 'score', period: 'day' })
    await gm.call('players.award', { roomId, userId: ann.user.id, points: 900 })
    const { rows } = await ann.call('leaderboard', { type: 'score', period: 'day' })
    expect(rows[0]).toMatchObject({ rank: 1, user: { id: ann.user.id } })
  })

  it('finds public rooms and never private ones', async () => {
    const word = `zanzibar${kind}`
    expect((await ann.call('search', { q: word })).rooms).toEqual([])
    await gm.call('rooms.create', { name: `Open ${word}`, systemId: 'embers' })
    const hidden = await gm.call('rooms.create', { name: `Closed ${word}`, systemId: 'embers', visibility: 'private' })
    expect((await ann.call('search', { q: word })).rooms.map(({ name }) => name)).toEqual([`Open ${word}`])
    const refusals = [
      ann.call('room.get', { roomId: hidden.id }),
      ann.call('room.join', { roomId: hidden.id }),
      ann.call('rooms.bySlug', { slug: hidden.slug }),
    ].map(refusalOf)
    expect(new Set(await Promise.all(refusals))).toEqual(new Set(['not-found']))
    await gm.call('players.add', { roomId: hidden.id, name: 'ann' })
    expect((await ann.call('room.state', { roomId: hidden.id })).name).toBe(`Closed ${word}`)
  })
})
