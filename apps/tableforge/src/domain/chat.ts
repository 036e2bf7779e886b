import { eq, sql } from 'drizzle-orm'
import { messages, rooms, whispers } from '../database/schema.js'
import { newId } from '../identifiers.js'
import type { ChatMessage, ChatPage, Roll, Whisper } from '../protocol.js'
import { pageOf, whispersOf } from '../queries/chat.js'
import { requireMember, requirePlayer, roleIn } from './access.js'
import { rollDice } from './dice.js'
import type { Actor, Domain } from './domain.js'
import { notify } from './notifications.js'
import { badRequest, notFound } from './refusal.js'

/** The page as everybody sees it, with the viewer's own whispers beside it. */
export async function chatPage(
  domain: Domain,
  userId: string,
  roomId: string,
  page: number | undefined,
): Promise<ChatPage> {
  await requireMember(domain, userId, roomId)
  const shared = await domain.cached.roomChat.get(roomId, page ?? 'newest')
  if (shared.page >= shared.pages) throw notFound(`page of the chat; it has ${shared.pages}`)
  const whispered = await whispersOf(domain.db, roomId, userId, shared)
  return { page: shared.page, pages: shared.pages, messages: shared.messages, whispers: whispered }
}

export async function say(domain: Domain, actor: Actor, roomId: string, text: string): Promise<ChatMessage> {
  await requireMember(domain, actor.user.id, roomId)
  const message = await post(domain, actor, roomId, text, null)
  await domain.raise('chat.posted', { message, page: pageOf(message.seq) }, { actor: actor.user.id })
  return message
}

export async function roll(
  domain: Domain,
  actor: Actor,
  { roomId, notation, label }: { roomId: string; notation: string; label: string },
): Promise<ChatMessage> {
  await requirePlayer(domain, actor.user.id, roomId)
  const message = await post(domain, actor, roomId, label, rollDice(notation))
  await domain.raise('dice.rolled', { message, page: pageOf(message.seq) }, { actor: actor.user.id })
  return message
}

async function post(
  domain: Domain,
  actor: Actor,
  roomId: string,
  text: string,
  rolled: Roll | null,
): Promise<ChatMessage> {
  return domain.db.transaction(async (tx) => {
    const [room] = await tx
      .update(rooms)
      .set({ chatSeq: sql`${rooms.chatSeq} + 1` })
      .where(eq(rooms.id, roomId))
      .returning({ seq: rooms.chatSeq })
    if (room === undefined) throw notFound('room')
    const message = { id: newId(), roomId, seq: room.seq, text, roll: rolled }
    const at = new Date()
    await tx.insert(messages).values({ ...message, authorId: actor.user.id, at })
    return { ...message, author: actor.user, at: at.getTime() }
  })
}

export async function whisper(
  domain: Domain,
  actor: Actor,
  { roomId, to, text }: { roomId: string; to: string; text: string },
): Promise<Whisper> {
  await requireMember(domain, actor.user.id, roomId)
  if (to === actor.user.id) throw badRequest('to: whispering to yourself is called thinking.')
  if ((await roleIn(domain, to, roomId)) === null) throw notFound('player in this room')
  const target = await domain.cached.userProfile.get(to)
  const room = await domain.cached.ask({ ask: 'room', roomId })
  if (target === null || room === null) throw notFound('player in this room')
  const at = new Date()
  const said = { id: newId(), roomId, text }
  await domain.db.insert(whispers).values({ ...said, fromId: actor.user.id, toId: to, at })
  const sent = {
    ...said,
    from: actor.user,
    to: { id: target.id, name: target.name, color: target.color },
    at: at.getTime(),
  }
  await domain.raise('whisper.sent', { whisper: sent }, { actor: actor.user.id })
  await notify(domain, to, 'whisper', `${actor.user.name} whispered to you in ${room.name}.`, roomId)
  return sent
}
