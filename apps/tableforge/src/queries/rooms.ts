import { and, asc, count, desc, eq, gt, inArray, isNotNull, max, sql } from 'drizzle-orm'
import { type Database, SNAPSHOT } from '../database/database.js'
import { cards, decks, gameSystems, memberships, messages, rooms, tokens, users } from '../database/schema.js'
import type { Card, Deck, Player, Role, RoomFigures, RoomState, RoomSummary, Token } from '../protocol.js'

const LIST_PAGE = 20

/** In input order; `null` for rooms that do not exist. */
export async function summariesOf(db: Database, roomIds: readonly string[]): Promise<(RoomSummary | null)[]> {
  const rows = await db
    .select({
      id: rooms.id,
      slug: rooms.slug,
      name: rooms.name,
      systemId: rooms.systemId,
      systemName: gameSystems.name,
      visibility: rooms.visibility,
      members: count(memberships.userId),
      createdAt: rooms.createdAt,
    })
    .from(rooms)
    .innerJoin(gameSystems, eq(gameSystems.id, rooms.systemId))
    .leftJoin(memberships, eq(memberships.roomId, rooms.id))
    .where(inArray(rooms.id, [...roomIds]))
    .groupBy(rooms.id, gameSystems.name)
  const found = new Map(rows.map((row) => [row.id, { ...row, createdAt: row.createdAt.getTime() }]))
  return roomIds.map((id) => found.get(id) ?? null)
}

/** Ids of public rooms, newest first, and the number of pages. */
export async function listRooms(
  db: Database,
  systemId: string | undefined,
  page: number,
): Promise<{ roomIds: string[]; pages: number }> {
  const wanted = and(eq(rooms.visibility, 'public'), systemId === undefined ? undefined : eq(rooms.systemId, systemId))
  const total = await db.$count(rooms, wanted)
  const rows = await db
    .select({ id: rooms.id })
    .from(rooms)
    .where(wanted)
    .orderBy(desc(rooms.createdAt), asc(rooms.id))
    .limit(LIST_PAGE)
    .offset(page * LIST_PAGE)
  return { roomIds: rows.map(({ id }) => id), pages: Math.max(1, Math.ceil(total / LIST_PAGE)) }
}

/** Ids of the public rooms in which most was said in the last hour, then of those with most members. */
export async function popularRoomIds(db: Database): Promise<string[]> {
  const recent = count(messages.id)
  const rows = await db
    .select({ id: rooms.id })
    .from(rooms)
    .leftJoin(messages, and(eq(messages.roomId, rooms.id), gt(messages.at, new Date(Date.now() - 3_600_000))))
    .where(eq(rooms.visibility, 'public'))
    .groupBy(rooms.id)
    .orderBy(
      desc(recent),
      desc(sql`(select count(*) from ${memberships} where ${memberships.roomId} = ${rooms.id})`),
      asc(rooms.id),
    )
    .limit(6)
  return rows.map(({ id }) => id)
}

export async function roomIdOfSlug(db: Database, slug: string): Promise<string | null> {
  const [row] = await db.select({ id: rooms.id }).from(rooms).where(eq(rooms.slug, slug))
  return row?.id ?? null
}

/** The rooms of a user with their role in each, last joined first. */
export async function roomsOf(db: Database, userId: string): Promise<{ roomId: string; role: Role }[]> {
  return db
    .select({ roomId: memberships.roomId, role: memberships.role })
    .from(memberships)
    .where(eq(memberships.userId, userId))
    .orderBy(desc(memberships.joinedAt))
}

/** `role` is `null` for those who are not members, also of a room that does not exist. */
export async function permissionsOf(db: Database, userId: string, roomId: string): Promise<{ role: Role | null }> {
  const [row] = await db
    .select({ role: memberships.role })
    .from(memberships)
    .where(and(eq(memberships.roomId, roomId), eq(memberships.userId, userId)))
  return { role: row?.role ?? null }
}

export async function playersOf(db: Database, roomId: string): Promise<Player[]> {
  const rows = await db
    .select({
      id: users.id,
      name: users.name,
      color: users.color,
      role: memberships.role,
      score: memberships.score,
      joinedAt: memberships.joinedAt,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(eq(memberships.roomId, roomId))
    .orderBy(asc(memberships.joinedAt), asc(users.id))
  return rows.map((row) => ({ ...row, joinedAt: row.joinedAt.getTime() }))
}

/**
 * What every member sees: no hidden token, of decks only counts and the uppermost discarded card. `null`: no such room.
 */
export async function publicStateOf(db: Database, roomId: string): Promise<RoomState | null> {
  return db.transaction(async (tx) => {
    const [room] = await tx.select().from(rooms).where(eq(rooms.id, roomId))
    if (room === undefined) return null
    const visible = await tx
      .select()
      .from(tokens)
      .where(and(eq(tokens.roomId, roomId), eq(tokens.hidden, false)))
      .orderBy(asc(tokens.id))
    return {
      roomId,
      version: room.version,
      name: room.name,
      slug: room.slug,
      systemId: room.systemId,
      visibility: room.visibility,
      board: { width: room.boardWidth, height: room.boardHeight, background: room.boardBackground },
      tokens: visible.map(tokenOf),
      decks: await decksOf(tx, roomId),
    }
  }, SNAPSHOT)
}

/** For game masters only, and never cached. */
export async function hiddenTokensOf(db: Database, roomId: string): Promise<Token[]> {
  const rows = await db
    .select()
    .from(tokens)
    .where(and(eq(tokens.roomId, roomId), eq(tokens.hidden, true)))
    .orderBy(asc(tokens.id))
  return rows.map(tokenOf)
}

export function tokenOf(row: typeof tokens.$inferSelect): Token {
  const { roomId: _room, updatedAt: _updated, ...token } = row
  return token
}

/** The decks of a room, or one of them, as everybody may know them. */
export async function decksOf(db: Database, roomId: string, deckId?: string): Promise<Deck[]> {
  const found = await db
    .select({ id: decks.id, name: decks.name })
    .from(decks)
    .where(and(eq(decks.roomId, roomId), deckId === undefined ? undefined : eq(decks.id, deckId)))
    .orderBy(asc(decks.id))
  if (found.length === 0) return []
  const ids = found.map(({ id }) => id)
  const counts = await db
    .select({ deckId: cards.deckId, pile: cards.pile, holderId: cards.holderId, count: count() })
    .from(cards)
    .where(inArray(cards.deckId, ids))
    .groupBy(cards.deckId, cards.pile, cards.holderId)
  const tops = await db
    .selectDistinctOn([cards.deckId], { id: cards.id, deckId: cards.deckId, face: cards.face })
    .from(cards)
    .where(and(inArray(cards.deckId, ids), eq(cards.pile, 'discard')))
    .orderBy(cards.deckId, desc(cards.position))
  return found.map(({ id, name }) => {
    const own = counts.filter(({ deckId: of }) => of === id)
    const inPile = (pile: 'draw' | 'discard') => own.find((row) => row.pile === pile)?.count ?? 0
    const hands = own.flatMap((row) => (row.holderId === null ? [] : [[row.holderId, row.count] as const]))
    return {
      id,
      name,
      drawCount: inPile('draw'),
      discardCount: inPile('discard'),
      topDiscard: tops.find(({ deckId: of }) => of === id) ?? null,
      handCounts: Object.fromEntries(hands),
    }
  })
}

/** The cards that one user holds in a room. Never cached: order and hands are always the database's. */
export async function handOf(db: Database, roomId: string, userId: string): Promise<Card[]> {
  return db
    .select({ id: cards.id, deckId: cards.deckId, face: cards.face })
    .from(cards)
    .innerJoin(decks, eq(decks.id, cards.deckId))
    .where(and(eq(decks.roomId, roomId), eq(cards.holderId, userId)))
    .orderBy(asc(cards.deckId), asc(cards.position))
}

/** Counts only what every member may see. */
export async function figuresOf(db: Database, roomId: string): Promise<RoomFigures> {
  return db.transaction(async (tx) => {
    const visible = and(eq(tokens.roomId, roomId), eq(tokens.hidden, false))
    const [moved] = await tx
      .select({ at: max(tokens.updatedAt) })
      .from(tokens)
      .where(visible)
    return {
      roomId,
      members: await tx.$count(memberships, eq(memberships.roomId, roomId)),
      tokens: await tx.$count(tokens, visible),
      messages: await tx.$count(messages, eq(messages.roomId, roomId)),
      rolls: await tx.$count(messages, and(eq(messages.roomId, roomId), isNotNull(messages.roll))),
      lastMoveAt: moved?.at?.getTime() ?? null,
    }
  }, SNAPSHOT)
}
