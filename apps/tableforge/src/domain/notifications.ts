import { and, eq } from 'drizzle-orm'
import { notifications } from '../database/schema.js'
import { newId } from '../identifiers.js'
import type { Notification } from '../protocol.js'
import type { Inbox } from '../queries/standings.js'
import type { Actor, Domain } from './domain.js'

/** Tells one user that something happened; never repeats what was said in private. */
export async function notify(
  domain: Domain,
  userId: string,
  kind: Notification['kind'],
  text: string,
  roomId: string,
): Promise<void> {
  await domain.db.insert(notifications).values({ id: newId(), userId, kind, text, roomId, at: new Date() })
  await domain.raise('user.notified', { userId, kind })
}

export function inbox({ cached }: Domain, actor: Actor): Promise<Inbox> {
  return cached.notification.get(actor.user.id)
}

export async function markRead(domain: Domain, actor: Actor): Promise<void> {
  const userId = actor.user.id
  await domain.db
    .update(notifications)
    .set({ read: true })
    .where(and(eq(notifications.userId, userId), eq(notifications.read, false)))
  await domain.raise('user.notifications-read', { userId }, { actor: userId })
}
