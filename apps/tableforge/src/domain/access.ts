import type { Asset, Role } from '../protocol.js'
import type { Domain } from './domain.js'
import { forbidden, notFound } from './refusal.js'

/** Read so that a change of role counts from the next request on, on every process. */
export async function roleIn({ cached }: Domain, userId: string, roomId: string): Promise<Role | null> {
  return (await cached.userPermissions.get(userId, roomId)).role
}

/** Refuses whoever is not a member. Private rooms do not exist for them. */
export async function requireMember(domain: Domain, userId: string, roomId: string): Promise<Role> {
  const role = await roleIn(domain, userId, roomId)
  if (role !== null) return role
  const room = await domain.cached.ask({ ask: 'room', roomId })
  if (room === null || room.visibility === 'private') throw notFound('room')
  throw forbidden('Join the room first.')
}

/** Refuses spectators too. */
export async function requirePlayer(domain: Domain, userId: string, roomId: string): Promise<'gm' | 'player'> {
  const role = await requireMember(domain, userId, roomId)
  if (role === 'spectator') throw forbidden('Spectators watch; ask a game master to let you play.')
  return role
}

export async function requireGm(domain: Domain, userId: string, roomId: string): Promise<void> {
  const role = await requireMember(domain, userId, roomId)
  if (role !== 'gm') throw forbidden('Only game masters of the room may do that.')
}

export async function maySee(domain: Domain, userId: string, asset: Asset): Promise<boolean> {
  if (asset.access === 'public' || asset.ownerId === userId) return true
  if (asset.access === 'private' || asset.roomId === null) return false
  return (await roleIn(domain, userId, asset.roomId)) !== null
}
