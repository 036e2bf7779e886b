import { eq } from 'drizzle-orm'
import { gameSystems, memberships, rooms } from '../database/schema.js'
import { newId, slugOf } from '../identifiers.js'
import type { MyRoom, RoomFigures, RoomState, RoomSummary, RouteBody } from '../protocol.js'
import { hiddenTokensOf } from '../queries/rooms.js'
import { requireGm, requireMember, roleIn } from './access.js'
import { type Actor, type Domain, nextVersion } from './domain.js'
import { badRequest, notFound } from './refusal.js'

/** The rooms that exist, of those asked for, in order. */
export async function summaries({ cached }: Domain, roomIds: readonly string[]): Promise<RoomSummary[]> {
  const found = await cached.queryResult.getMany(roomIds.map((roomId) => ({ ask: 'room', roomId })))
  return (found as (RoomSummary | null)[]).filter((room) => room !== null)
}

export async function listRooms(domain: Domain, systemId: string | undefined, page: number) {
  const { roomIds, pages } = await domain.cached.ask({ ask: 'rooms', systemId, page })
  return { rooms: await summaries(domain, roomIds), pages }
}

export async function popularRooms(domain: Domain): Promise<RoomSummary[]> {
  return summaries(domain, await domain.cached.popularRooms.get())
}

export async function myRooms(domain: Domain, userId: string): Promise<MyRoom[]> {
  const own = await domain.cached.userRooms.get(userId)
  const found = new Map(
    (
      await summaries(
        domain,
        own.map(({ roomId }) => roomId),
      )
    ).map((room) => [room.id, room]),
  )
  return own.flatMap(({ roomId, role }) => {
    const room = found.get(roomId)
    return room === undefined ? [] : [{ ...room, role }]
  })
}

/** Private rooms exist for their members only. */
export async function room(domain: Domain, userId: string, roomId: string): Promise<RoomSummary> {
  const found = await domain.cached.ask({ ask: 'room', roomId })
  if (found === null) throw notFound('room')
  if (found.visibility === 'private' && (await roleIn(domain, userId, roomId)) === null) throw notFound('room')
  return found
}

export async function roomBySlug(domain: Domain, userId: string, slug: string): Promise<string> {
  const roomId = await domain.cached.ask({ ask: 'alias', slug })
  if (roomId === null) throw notFound('room')
  return (await room(domain, userId, roomId)).id
}

/** The shared state, with what only this viewer may see laid over it. */
export async function roomState(domain: Domain, userId: string, roomId: string): Promise<RoomState> {
  const role = await requireMember(domain, userId, roomId)
  const state = await domain.cached.roomState.get(roomId)
  if (state === null) throw notFound('room')
  if (role !== 'gm') return state
  const hidden = await hiddenTokensOf(domain.db, roomId)
  const shown = new Set(hidden.map(({ id }) => id))
  return { ...state, tokens: [...state.tokens.filter(({ id }) => !shown.has(id)), ...hidden] }
}

export async function roomFigures(domain: Domain, userId: string, roomId: string): Promise<RoomFigures> {
  await requireMember(domain, userId, roomId)
  return domain.cached.ask({ ask: 'figures', roomId })
}

export async function createRoom(
  domain: Domain,
  actor: Actor,
  wanted: RouteBody<'rooms.create'>,
): Promise<RoomSummary> {
  const roomId = newId()
  const userId = actor.user.id
  const slug = await domain.db.transaction(async (tx) => {
    const [system] = await tx
      .select({ id: gameSystems.id })
      .from(gameSystems)
      .where(eq(gameSystems.id, wanted.systemId))
    if (system === undefined) throw badRequest(`systemId: there is no game system ${JSON.stringify(wanted.systemId)}.`)
    const address = await freeSlug(tx, wanted.name)
    const now = new Date()
    await tx.insert(rooms).values({
      id: roomId,
      slug: address,
      name: wanted.name,
      systemId: wanted.systemId,
      visibility: wanted.visibility,
      boardWidth: 24,
      boardHeight: 16,
      boardBackground: '#2c6650',
      createdAt: now,
    })
    await tx.insert(memberships).values({ roomId, userId, role: 'gm', joinedAt: now })
    return address
  })
  await domain.raise('room.created', { roomId, slug, userId }, { actor: userId })
  return room(domain, userId, roomId)
}

export async function renameRoom(domain: Domain, actor: Actor, roomId: string, name: string): Promise<RoomSummary> {
  const userId = actor.user.id
  await requireGm(domain, userId, roomId)
  const renamed = await domain.db.transaction(async (tx) => {
    const version = await nextVersion(tx, roomId)
    const [before] = await tx.select({ slug: rooms.slug }).from(rooms).where(eq(rooms.id, roomId))
    if (before === undefined) throw notFound('room')
    const slug = before.slug.replace(/-\w{4}$/, '') === slugOf(name) ? before.slug : await freeSlug(tx, name)
    await tx.update(rooms).set({ name, slug }).where(eq(rooms.id, roomId))
    return {
      patch: { roomId, version, changes: [{ type: 'room.renamed' as const, name, slug }] },
      oldSlug: before.slug,
      slug,
    }
  })
  await domain.raise('room.renamed', renamed, { actor: userId })
  return room(domain, userId, roomId)
}

export async function deleteRoom(domain: Domain, actor: Actor, roomId: string): Promise<void> {
  await requireGm(domain, actor.user.id, roomId)
  const deleted = await domain.db.transaction(async (tx) => {
    const [found] = await tx.select({ slug: rooms.slug }).from(rooms).where(eq(rooms.id, roomId)).for('update')
    if (found === undefined) throw notFound('room')
    const members = await tx.select({ id: memberships.userId }).from(memberships).where(eq(memberships.roomId, roomId))
    await tx.delete(rooms).where(eq(rooms.id, roomId))
    return { roomId, slug: found.slug, memberIds: members.map(({ id }) => id) }
  })
  await domain.raise('room.deleted', deleted, { actor: actor.user.id })
}

/** The name's own address, or one with four random characters when that is taken. */
async function freeSlug(tx: Domain['db'], name: string): Promise<string> {
  const plain = slugOf(name)
  const [taken] = await tx.select({ id: rooms.id }).from(rooms).where(eq(rooms.slug, plain))
  return taken === undefined
    ? plain
    : `${plain}-${newId()
        .toLowerCase()
        .replace(/[^a-z0-9]/g, 'x')
        .slice(0, 4)}`
}
