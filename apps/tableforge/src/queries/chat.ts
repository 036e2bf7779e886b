import { and, asc, between, eq, gte, lt, or } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { type Database, SNAPSHOT } from '../database/database.js'
import { messages, rooms, users, whispers } from '../database/schema.js'
import { type ChatMessage, LIMITS, type Whisper } from '../protocol.js'

/** One page as everybody sees it; `from` and `until` bound the stretch of time that it covers. */
export interface PublicChatPage {
  readonly page: number
  readonly pages: number
  readonly messages: ChatMessage[]
  readonly from: number
  /** `null`: the newest page has no end. */
  readonly until: number | null
}

/** The page that holds the message with this number. */
export function pageOf(seq: number): number {
  return Math.floor((seq - 1) / LIMITS.chatPageSize)
}

/** `'newest'` is the last page, whatever its number. */
export async function chatPageOf(db: Database, roomId: string, page: number | 'newest'): Promise<PublicChatPage> {
  return db.transaction(async (tx) => {
    const [room] = await tx.select({ chatSeq: rooms.chatSeq }).from(rooms).where(eq(rooms.id, roomId))
    const last = pageOf(Math.max(1, room?.chatSeq ?? 0))
    const wanted = page === 'newest' ? last : page
    const first = wanted * LIMITS.chatPageSize + 1
    const rows = await tx
      .select({ message: messages, author: { id: users.id, name: users.name, color: users.color } })
      .from(messages)
      .innerJoin(users, eq(users.id, messages.authorId))
      .where(and(eq(messages.roomId, roomId), between(messages.seq, first, first + LIMITS.chatPageSize)))
      .orderBy(asc(messages.seq))
    const found = rows.map(({ message: { authorId: _, at, ...message }, author }) => ({
      ...message,
      author,
      at: at.getTime(),
    }))
    const own = found.slice(0, LIMITS.chatPageSize)
    return {
      page: wanted,
      pages: last + 1,
      messages: own,
      from: wanted === 0 ? 0 : (own[0]?.at ?? 0),
      until: wanted < last ? (found[LIMITS.chatPageSize]?.at ?? null) : null,
    }
  }, SNAPSHOT)
}

/** What one viewer sent or received in a room in a stretch of time. Never cached. */
export async function whispersOf(
  db: Database,
  roomId: string,
  viewerId: string,
  { from, until }: Pick<PublicChatPage, 'from' | 'until'>,
): Promise<Whisper[]> {
  const sender = alias(users, 'sender')
  const target = alias(users, 'target')
  const rows = await db
    .select({
      id: whispers.id,
      roomId: whispers.roomId,
      from: { id: sender.id, name: sender.name, color: sender.color },
      to: { id: target.id, name: target.name, color: target.color },
      text: whispers.text,
      at: whispers.at,
    })
    .from(whispers)
    .innerJoin(sender, eq(sender.id, whispers.fromId))
    .innerJoin(target, eq(target.id, whispers.toId))
    .where(
      and(
        eq(whispers.roomId, roomId),
        or(eq(whispers.fromId, viewerId), eq(whispers.toId, viewerId)),
        gte(whispers.at, new Date(from)),
        until === null ? undefined : lt(whispers.at, new Date(until)),
      ),
    )
    .orderBy(asc(whispers.at), asc(whispers.id))
    .limit(200)
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}
