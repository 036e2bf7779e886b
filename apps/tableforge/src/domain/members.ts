import { and, eq, sql } from 'drizzle-orm'
import { awards, memberships, rooms } from '../database/schema.js'
import { newId } from '../identifiers.js'
import type { Player, Role } from '../protocol.js'
import { userByName } from '../queries/users.js'
import { requireGm, requireMember } from './access.js'
import { returnCards } from './decks.js'
import type { Actor, Domain } from './domain.js'
import { notify } from './notifications.js'
import { badRequest, conflict, notFound } from './refusal.js'
import { room } from './rooms.js'

const ROLE_NAMES: Record<Role, string> = { gm: 'a game master', player: 'a player', spectator: 'a spectator' }

export async function players(domain: Domain, userId: string, roomId: string): Promise<Player[]> {
  await requireMember(domain, userId, roomId)
  return domain.cached.roomPlayers.get(roomId)
}

/** Whoever is a member already keeps their role. */
export async function join(domain: Domain, actor: Actor, roomId: string, as: Role): Promise<Role> {
  const userId = actor.user.id
  await room(domain, userId, roomId)
  const joined = await domain.db
    .insert(memberships)
    .values({ roomId, userId, role: as, joinedAt: new Date() })
    .onConflictDoNothing()
    .returning({ role: memberships.role })
  if (joined.length > 0) await domain.raise('member.joined', { roomId, userId }, { actor: userId })
  return requireMember(domain, userId, roomId)
}

export async function addPlayer(
  domain: Domain,
  actor: Actor,
  roomId: string,
  name: string,
  role: Role,
): Promise<Player[]> {
  await requireGm(domain, actor.user.id, roomId)
  const { name: roomName } = await room(domain, actor.user.id, roomId)
  const user = await userByName(domain.db, name)
  if (user === undefined) throw notFound(`user named ${name}`)
  const added = await domain.db
    .insert(memberships)
    .values({ roomId, userId: user.id, role, joinedAt: new Date() })
    .onConflictDoNothing()
    .returning({ role: memberships.role })
  if (added.length === 0) throw conflict(`${user.name} is in the room already.`)
  await domain.raise('member.joined', { roomId, userId: user.id }, { actor: actor.user.id })
  await notify(domain, user.id, 'added', `${actor.user.name} added you to ${roomName}.`, roomId)
  return domain.cached.roomPlayers.get(roomId)
}

export async function setRole(
  domain: Domain,
  actor: Actor,
  roomId: string,
  userId: string,
  role: Role,
): Promise<Player[]> {
  await requireGm(domain, actor.user.id, roomId)
  const { name: roomName } = await room(domain, actor.user.id, roomId)
  await domain.db.transaction(async (tx) => {
    const before = await memberForChange(tx, roomId, userId)
    if (before === 'gm' && role !== 'gm') await requireAnotherGm(tx, roomId, userId)
    await tx
      .update(memberships)
      .set({ role })
      .where(and(eq(memberships.roomId, roomId), eq(memberships.userId, userId)))
  })
  await domain.raise('member.role-changed', { roomId, userId }, { actor: actor.user.id })
  if (userId !== actor.user.id)
    await notify(domain, userId, 'role', `You are now ${ROLE_NAMES[role]} in ${roomName}.`, roomId)
  return domain.cached.roomPlayers.get(roomId)
}

export async function removePlayer(domain: Domain, actor: Actor, roomId: string, userId: string): Promise<void> {
  await requireGm(domain, actor.user.id, roomId)
  if (userId === actor.user.id) throw badRequest('To go yourself, leave the room.')
  await endMembership(domain, actor, roomId, userId)
}

export async function leave(domain: Domain, actor: Actor, roomId: string): Promise<void> {
  await requireMember(domain, actor.user.id, roomId)
  await endMembership(domain, actor, roomId, actor.user.id)
}

/** The cards in their hand go back into the draw piles. */
async function endMembership(domain: Domain, actor: Actor, roomId: string, userId: string): Promise<void> {
  const patch = await domain.db.transaction(async (tx) => {
    const before = await memberForChange(tx, roomId, userId)
    if (before === 'gm') await requireAnotherGm(tx, roomId, userId)
    await tx.delete(memberships).where(and(eq(memberships.roomId, roomId), eq(memberships.userId, userId)))
    return returnCards(tx, roomId, userId)
  })
  await domain.raise('member.left', { roomId, userId }, { actor: actor.user.id })
  if (patch !== undefined) await domain.raise('deck.changed', { patch, handsOf: [userId] }, { actor: actor.user.id })
}

export async function award(
  domain: Domain,
  actor: Actor,
  roomId: string,
  userId: string,
  points: number,
): Promise<number> {
  await requireGm(domain, actor.user.id, roomId)
  const { name: roomName } = await room(domain, actor.user.id, roomId)
  const score = await domain.db.transaction(async (tx) => {
    const [row] = await tx
      .update(memberships)
      .set({ score: sql`${memberships.score} + ${points}` })
      .where(and(eq(memberships.roomId, roomId), eq(memberships.userId, userId)))
      .returning({ score: memberships.score })
    if (row === undefined) throw notFound('player in this room')
    await tx.insert(awards).values({ id: newId(), roomId, userId, points, at: new Date() })
    return row.score
  })
  await domain.raise('score.changed', { roomId, userId }, { actor: actor.user.id })
  if (userId !== actor.user.id) {
    await notify(domain, userId, 'score', `${actor.user.name} gave you ${points} points in ${roomName}.`, roomId)
  }
  return score
}

/** Their role. The room's row is locked, so that two game masters cannot demote each other at once. */
async function memberForChange(tx: Domain['db'], roomId: string, userId: string): Promise<Role> {
  await tx.select({ id: rooms.id }).from(rooms).where(eq(rooms.id, roomId)).for('update')
  const [row] = await tx
    .select({ role: memberships.role })
    .from(memberships)
    .where(and(eq(memberships.roomId, roomId), eq(memberships.userId, userId)))
  if (row === undefined) throw notFound('player in this room')
  return row.role
}

async function requireAnotherGm(tx: Domain['db'], roomId: string, userId: string): Promise<void> {
  const others = await tx.$count(
    memberships,
    and(eq(memberships.roomId, roomId), eq(memberships.role, 'gm'), sql`${memberships.userId} <> ${userId}`),
  )
  if (others === 0)
    throw conflict('A room keeps at least one game master. Make somebody else one first, or delete the room.')
}
