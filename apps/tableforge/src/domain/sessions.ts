import { createHmac, timingSafeEqual } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { sessions, users } from '../database/schema.js'
import { newId } from '../identifiers.js'
import type { User } from '../protocol.js'
import { nameKey, userByName } from '../queries/users.js'
import type { Actor, Domain } from './domain.js'

/** How long a session lasts unless it is refreshed. */
export const SESSION_MS = 12 * 3_600_000

const COLORS = ['#2563eb', '#b45309', '#15803d', '#9333ea', '#be123c', '#0f766e', '#4338ca', '#a16207'] as const

/** Makes and reads the text of the session cookie: user id, session id and their HMAC-SHA-256, separated by dots. */
export class SessionCookies {
  readonly #secret: string

  /** The secret is shared by all processes of the app, and by nobody else. */
  constructor(secret: string) {
    this.#secret = secret
  }

  write(userId: string, sessionId: string): string {
    return `${userId}.${sessionId}.${this.#sign(`${userId}.${sessionId}`)}`
  }

  /** `undefined` for whatever this did not write. */
  read(text: string): { userId: string; sessionId: string } | undefined {
    const [userId, sessionId, signature, ...more] = text.split('.')
    if (!userId || !sessionId || !signature || more.length > 0) return undefined
    const given = Buffer.from(signature)
    const right = Buffer.from(this.#sign(`${userId}.${sessionId}`))
    return given.length === right.length && timingSafeEqual(given, right) ? { userId, sessionId } : undefined
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url')
  }
}

/** Who a cookie speaks for, judged anew at each request; `undefined` when it is forged, signed out or expired. */
export async function authenticate(
  { cached }: Domain,
  cookies: SessionCookies,
  text: string | undefined,
): Promise<Actor | undefined> {
  const claim = text === undefined ? undefined : cookies.read(text)
  if (claim === undefined) return undefined
  const known = await cached.userSession.get(claim.userId)
  const expiresAt = known?.expiries[claim.sessionId]
  if (known === null || expiresAt === undefined || expiresAt <= Date.now()) return undefined
  return { user: known.user, sessionId: claim.sessionId, sessionExpiresAt: expiresAt }
}

/** A new name makes a new user; a known one signs in as that user. */
export async function signIn({ db, raise }: Domain, name: string): Promise<Actor> {
  const user = (await userByName(db, name)) ?? (await register(db, name))
  const session = await startSession(db, user.id)
  await raise('session.started', { userId: user.id }, { actor: user.id })
  return { user, ...session }
}

/** A new session instead of the actor's; the old one is worth nothing from now on. */
export async function refresh({ db, raise }: Domain, actor: Actor): Promise<Actor> {
  const session = await db.transaction(async (tx) => {
    await tx.delete(sessions).where(eq(sessions.id, actor.sessionId))
    return startSession(tx, actor.user.id)
  })
  const ended = { userId: actor.user.id, sessionId: actor.sessionId, reason: 'refreshed' } as const
  await raise('session.ended', ended, { actor: actor.user.id })
  return { user: actor.user, ...session }
}

export async function signOut({ db, raise }: Domain, actor: Actor): Promise<void> {
  const userId = actor.user.id
  await db.delete(sessions).where(and(eq(sessions.id, actor.sessionId), eq(sessions.userId, userId)))
  await raise('session.ended', { userId, sessionId: actor.sessionId, reason: 'signed-out' }, { actor: userId })
}

async function startSession(db: Domain['db'], userId: string) {
  const sessionId = newId()
  const now = Date.now()
  const sessionExpiresAt = now + SESSION_MS
  await db
    .insert(sessions)
    .values({ id: sessionId, userId, createdAt: new Date(now), expiresAt: new Date(sessionExpiresAt) })
  return { sessionId, sessionExpiresAt }
}

/** Of two that register one name at once, both become the same user. */
async function register(db: Domain['db'], name: string): Promise<User> {
  const id = newId()
  const color = COLORS[id.charCodeAt(0) % COLORS.length]!
  await db
    .insert(users)
    .values({ id, name, nameKey: nameKey(name), color, createdAt: new Date() })
    .onConflictDoNothing({ target: users.nameKey })
  return (await userByName(db, name))!
}
