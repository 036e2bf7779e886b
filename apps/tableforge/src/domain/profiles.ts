import { eq } from 'drizzle-orm'
import { memberships, users } from '../database/schema.js'
import type { Profile, RouteBody } from '../protocol.js'
import { nameKey, userByName } from '../queries/users.js'
import type { Actor, Domain } from './domain.js'
import { conflict, notFound } from './refusal.js'

export async function profile({ cached }: Domain, userId: string): Promise<Profile> {
  const found = await cached.userProfile.get(userId)
  if (found === null) throw notFound('user')
  return found
}

export async function updateProfile(
  domain: Domain,
  actor: Actor,
  changes: RouteBody<'profile.update'>,
): Promise<Profile> {
  const userId = actor.user.id
  const roomIds = await domain.db.transaction(async (tx) => {
    if (changes.name !== undefined) {
      const other = await userByName(tx, changes.name)
      if (other !== undefined && other.id !== userId) throw conflict(`The name ${changes.name} is taken.`)
    }
    const set = {
      ...(changes.name === undefined ? {} : { name: changes.name, nameKey: nameKey(changes.name) }),
      ...(changes.color === undefined ? {} : { color: changes.color }),
      ...(changes.bio === undefined ? {} : { bio: changes.bio }),
    }
    if (Object.keys(set).length > 0) await tx.update(users).set(set).where(eq(users.id, userId))
    const rows = await tx.select({ id: memberships.roomId }).from(memberships).where(eq(memberships.userId, userId))
    return rows.map(({ id }) => id)
  })
  await domain.raise('user.profile-changed', { userId, roomIds }, { actor: userId })
  return profile(domain, userId)
}
