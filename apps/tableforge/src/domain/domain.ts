import { eq, sql } from 'drizzle-orm'
import type { Definitions } from '../cache/definitions.js'
import type { Database } from '../database/database.js'
import { rooms } from '../database/schema.js'
import type { Raise } from '../events.js'
import type { User } from '../protocol.js'
import { notFound } from './refusal.js'

/** What every rule of the domain stands on: the truth, what is cached of it, and whom to tell. */
export interface Domain {
  readonly db: Database
  readonly cached: Definitions
  readonly raise: Raise
}

/** Who acts, in which session. */
export interface Actor {
  readonly user: User
  readonly sessionId: string
  readonly sessionExpiresAt: number
}

/**
 * The next version of a room's state, to be called first in the transaction that changes it: the row stays locked until
 * the commit, so that versions and changes come in one order.
 */
export async function nextVersion(tx: Database, roomId: string): Promise<number> {
  const [room] = await tx
    .update(rooms)
    .set({ version: sql`${rooms.version} + 1` })
    .where(eq(rooms.id, roomId))
    .returning({ version: rooms.version })
  if (room === undefined) throw notFound('room')
  return room.version
}
