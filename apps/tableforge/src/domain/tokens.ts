import { and, eq, sql } from 'drizzle-orm'
import { memberships, rooms, tokens } from '../database/schema.js'
import type { DomainEventName, DomainEvents } from '../events.js'
import { newId } from '../identifiers.js'
import type { Change, RouteBody, Token } from '../protocol.js'
import { tokenOf } from '../queries/rooms.js'
import { requireGm, requirePlayer } from './access.js'
import { type Actor, type Domain, nextVersion } from './domain.js'
import { badRequest, conflict, forbidden, notFound } from './refusal.js'

type BoardEvent = Extract<DomainEventName, 'token.added' | 'token.moved' | 'token.flipped' | 'token.removed'>
type TokenRow = typeof tokens.$inferSelect

export async function addToken(
  domain: Domain,
  actor: Actor,
  roomId: string,
  wanted: RouteBody<'tokens.add'>,
): Promise<Token> {
  const role = await requirePlayer(domain, actor.user.id, roomId)
  if (role !== 'gm' && (wanted.hidden || (wanted.ownerId ?? actor.user.id) !== actor.user.id)) {
    throw forbidden('Only game masters add hidden tokens and tokens of others.')
  }
  const ownerId = role === 'gm' ? wanted.ownerId : actor.user.id
  const { token, version } = await domain.db.transaction(async (tx) => {
    const version = wanted.hidden ? undefined : await nextVersion(tx, roomId)
    const place = await withinBoard(tx, roomId, wanted)
    if (ownerId !== null) await requireMembership(tx, roomId, ownerId)
    const [row] = await tx
      .insert(tokens)
      .values({ ...wanted, ...place, id: newId(), roomId, ownerId, updatedAt: new Date() })
      .returning()
    return { token: tokenOf(row!), version }
  })
  await announce(domain, actor, roomId, 'token.added', { type: 'token.put', token }, version)
  return token
}

/** Game masters move everything, players their own tokens and those without an owner. */
export async function moveToken(
  domain: Domain,
  actor: Actor,
  { roomId, tokenId, x, y }: { roomId: string; tokenId: string; x: number; y: number },
): Promise<Token> {
  return change(domain, actor, roomId, tokenId, 'token.moved', (tx, { size }) =>
    withinBoard(tx, roomId, { x, y, size }),
  )
}

export function flipToken(domain: Domain, actor: Actor, roomId: string, tokenId: string): Promise<Token> {
  return change(domain, actor, roomId, tokenId, 'token.flipped', async (_tx, row) => ({ flipped: !row.flipped }))
}

export async function setHidden(
  domain: Domain,
  actor: Actor,
  roomId: string,
  tokenId: string,
  hidden: boolean,
): Promise<Token> {
  await requireGm(domain, actor.user.id, roomId)
  const { token, version } = await domain.db.transaction(async (tx) => {
    const version = await nextVersion(tx, roomId)
    const [row] = await tx
      .update(tokens)
      .set({ hidden, version: sql`${tokens.version} + 1`, updatedAt: new Date() })
      .where(and(eq(tokens.id, tokenId), eq(tokens.roomId, roomId)))
      .returning()
    if (row === undefined) throw notFound('token in this room')
    return { token: tokenOf(row), version }
  })
  await domain.raise(
    hidden ? 'token.removed' : 'token.added',
    {
      patch: { roomId, version, changes: [hidden ? { type: 'token.removed', tokenId } : { type: 'token.put', token }] },
    },
    { actor: actor.user.id },
  )
  if (hidden) {
    await domain.raise(
      'token.secret-changed',
      { roomId, change: { type: 'token.put', token } },
      { actor: actor.user.id },
    )
  }
  return token
}

export async function removeToken(domain: Domain, actor: Actor, roomId: string, tokenId: string): Promise<void> {
  const role = await requirePlayer(domain, actor.user.id, roomId)
  const { version } = await onToken(domain, roomId, tokenId, async (tx, row) => {
    if (role !== 'gm' && row.ownerId !== actor.user.id) throw forbidden('That token is not yours to remove.')
    await tx.delete(tokens).where(eq(tokens.id, tokenId))
  })
  await announce(domain, actor, roomId, 'token.removed', { type: 'token.removed', tokenId }, version)
}

async function change(
  domain: Domain,
  actor: Actor,
  roomId: string,
  tokenId: string,
  event: BoardEvent,
  changes: (tx: Domain['db'], row: TokenRow) => Promise<Partial<TokenRow>>,
): Promise<Token> {
  const role = await requirePlayer(domain, actor.user.id, roomId)
  const { result: token, version } = await onToken(domain, roomId, tokenId, async (tx, row) => {
    const mine = role === 'gm' || row.ownerId === null || row.ownerId === actor.user.id
    if (!mine) throw forbidden(`${row.name} belongs to somebody else.`)
    const [changed] = await tx
      .update(tokens)
      .set({ ...(await changes(tx, row)), version: sql`${tokens.version} + 1`, updatedAt: new Date() })
      .where(eq(tokens.id, tokenId))
      .returning()
    return tokenOf(changed!)
  })
  await announce(domain, actor, roomId, event, { type: 'token.put', token }, version)
  return token
}

/**
 * Runs `work` in a transaction with the token's row. A visible token brings the room to its next version, whose row is
 * locked before the token's, as everywhere; a hidden one leaves it.
 */
async function onToken<T>(
  domain: Domain,
  roomId: string,
  tokenId: string,
  work: (tx: Domain['db'], row: TokenRow) => Promise<T>,
): Promise<{ result: T; version: number | undefined }> {
  return domain.db.transaction(async (tx) => {
    const here = and(eq(tokens.id, tokenId), eq(tokens.roomId, roomId))
    const [seen] = await tx.select({ hidden: tokens.hidden }).from(tokens).where(here)
    if (seen === undefined) throw notFound('token in this room')
    const version = seen.hidden ? undefined : await nextVersion(tx, roomId)
    const [row] = await tx.select().from(tokens).where(here).for('update')
    if (row === undefined) throw notFound('token in this room')
    if (row.hidden !== seen.hidden) throw conflict('The token was just hidden or revealed. Try again.')
    return { result: await work(tx, row), version }
  })
}

/** Without a version the change concerns a hidden token. */
async function announce(
  domain: Domain,
  actor: Actor,
  roomId: string,
  event: BoardEvent,
  one: Extract<Change, { type: 'token.put' | 'token.removed' }>,
  version: number | undefined,
): Promise<void> {
  const details = { actor: actor.user.id }
  if (version === undefined) await domain.raise('token.secret-changed', { roomId, change: one }, details)
  else
    await domain.raise(
      event,
      { patch: { roomId, version, changes: [one] } } satisfies DomainEvents[BoardEvent],
      details,
    )
}

async function withinBoard(tx: Domain['db'], roomId: string, place: { x: number; y: number; size: number }) {
  const [board] = await tx
    .select({ width: rooms.boardWidth, height: rooms.boardHeight })
    .from(rooms)
    .where(eq(rooms.id, roomId))
  if (board === undefined) throw notFound('room')
  const { x, y, size } = place
  if (x > board.width - size || y > board.height - size) {
    throw badRequest(
      `The board has ${board.width} by ${board.height} cells; ${x}, ${y} is outside for a token of size ${size}.`,
    )
  }
  return { x, y }
}

async function requireMembership(tx: Domain['db'], roomId: string, userId: string): Promise<void> {
  const found = await tx.$count(memberships, and(eq(memberships.roomId, roomId), eq(memberships.userId, userId)))
  if (found === 0) throw badRequest('ownerId: that user is not a member of the room.')
}
