import { and, asc, count, desc, eq, gt, isNotNull, sum } from 'drizzle-orm'
import type { Database } from '../database/database.js'
import { awards, messages, notifications, users } from '../database/schema.js'
import type { LeaderboardRow, LeaderboardType, Notification, Period } from '../protocol.js'

const DAY = 86_400_000
const SPAN: Record<Period, number> = { day: DAY, week: 7 * DAY, all: Number.POSITIVE_INFINITY }
const ROWS = 10
const author = { id: users.id, name: users.name, color: users.color }

/** The ten best by points awarded, or by number of dice rolls, in a period that ends now. */
export async function leaderboardOf(db: Database, type: LeaderboardType, period: Period): Promise<LeaderboardRow[]> {
  const rows = type === 'score' ? await byScore(db, since(period)) : await byRolls(db, since(period))
  return rows.map(({ user, value }, index) => ({ rank: index + 1, user, value }))
}

function since(period: Period): Date {
  return new Date(Math.max(0, Date.now() - SPAN[period]))
}

async function byScore(db: Database, from: Date) {
  const points = sum(awards.points).mapWith(Number)
  return db
    .select({ user: author, value: points })
    .from(awards)
    .innerJoin(users, eq(users.id, awards.userId))
    .where(gt(awards.at, from))
    .groupBy(users.id)
    .orderBy(desc(points), asc(users.id))
    .limit(ROWS)
}

async function byRolls(db: Database, from: Date) {
  const rolls = count(messages.id)
  return db
    .select({ user: author, value: rolls })
    .from(messages)
    .innerJoin(users, eq(users.id, messages.authorId))
    .where(and(gt(messages.at, from), isNotNull(messages.roll)))
    .groupBy(users.id)
    .orderBy(desc(rolls), asc(users.id))
    .limit(ROWS)
}

export interface Inbox {
  readonly notifications: Notification[]
  readonly unread: number
}

/** The newest thirty, newest first. */
export async function inboxOf(db: Database, userId: string): Promise<Inbox> {
  const rows = await db
    .select()
    .from(notifications)
    .where(eq(notifications.userId, userId))
    .orderBy(desc(notifications.at), asc(notifications.id))
    .limit(30)
  const unread = await db.$count(notifications, and(eq(notifications.userId, userId), eq(notifications.read, false)))
  return { notifications: rows.map(({ userId: _, at, ...row }) => ({ ...row, at: at.getTime() })), unread }
}
