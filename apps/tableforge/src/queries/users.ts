import { and, count, eq, gt, inArray, sum } from 'drizzle-orm'
import type { Database } from '../database/database.js'
import { memberships, sessions, users } from '../database/schema.js'
import type { Profile, User } from '../protocol.js'

/** A user and their live sessions: session id to expiry. */
export interface Sessions {
  readonly user: User
  readonly expiries: Readonly<Record<string, number>>
}

/** `null` when there is no such user. */
export async function sessionsOf(db: Database, userId: string): Promise<Sessions | null> {
  const [user] = await db
    .select({ id: users.id, name: users.name, color: users.color })
    .from(users)
    .where(eq(users.id, userId))
  if (user === undefined) return null
  const rows = await db
    .select({ id: sessions.id, expiresAt: sessions.expiresAt })
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, new Date())))
  return { user, expiries: Object.fromEntries(rows.map(({ id, expiresAt }) => [id, expiresAt.getTime()])) }
}

/** In input order; `null` for users that do not exist. */
export async function profilesOf(db: Database, userIds: readonly string[]): Promise<(Profile | null)[]> {
  const rows = await db
    .select({
      id: users.id,
      name: users.name,
      color: users.color,
      bio: users.bio,
      createdAt: users.createdAt,
      roomCount: count(memberships.roomId),
      score: sum(memberships.score).mapWith(Number),
    })
    .from(users)
    .leftJoin(memberships, eq(memberships.userId, users.id))
    .where(inArray(users.id, [...userIds]))
    .groupBy(users.id)
  const found = new Map(
    rows.map((row) => [row.id, { ...row, createdAt: row.createdAt.getTime(), score: row.score ?? 0 }]),
  )
  return userIds.map((id) => found.get(id) ?? null)
}

export async function userByName(db: Database, name: string): Promise<User | undefined> {
  const [user] = await db
    .select({ id: users.id, name: users.name, color: users.color })
    .from(users)
    .where(eq(users.nameKey, nameKey(name)))
  return user
}

/** Names that differ only in case or in the way their letters are encoded are one name. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}
