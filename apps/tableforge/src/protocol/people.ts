import { z } from 'zod'
import { fields } from './fields.js'

const { id, time, color } = fields

export const Role = z.enum(['gm', 'player', 'spectator'])
export type Role = z.infer<typeof Role>

export const User = z.object({ id, name: z.string(), color })
export type User = z.infer<typeof User>

/** `sessionExpiresAt`: refresh the session before. */
export const SessionInfo = z.object({ user: User, sessionExpiresAt: time })
export type SessionInfo = z.infer<typeof SessionInfo>

export const Profile = z.object({
  ...User.shape,
  bio: z.string(),
  createdAt: time,
  roomCount: z.number(),
  score: z.number(),
})
export type Profile = z.infer<typeof Profile>

/** Private rooms are listed for their members only, and joined by being added by a game master. */
export const Visibility = z.enum(['public', 'private'])
export type Visibility = z.infer<typeof Visibility>

export const RoomSummary = z.object({
  id,
  slug: z.string(),
  name: z.string(),
  systemId: id,
  systemName: z.string(),
  visibility: Visibility,
  members: z.number(),
  createdAt: time,
})
export type RoomSummary = z.infer<typeof RoomSummary>

/** A room in the list of one's own. */
export const MyRoom = z.object({ ...RoomSummary.shape, role: Role })
export type MyRoom = z.infer<typeof MyRoom>

export const Player = z.object({ ...User.shape, role: Role, score: z.number(), joinedAt: time })
export type Player = z.infer<typeof Player>

export const LeaderboardType = z.enum(['score', 'rolls'])
export type LeaderboardType = z.infer<typeof LeaderboardType>
export const Period = z.enum(['day', 'week', 'all'])
export type Period = z.infer<typeof Period>

export const LeaderboardRow = z.object({ rank: z.number(), user: User, value: z.number() })
export type LeaderboardRow = z.infer<typeof LeaderboardRow>

/** Says that something happened, never the content of a whisper. */
export const Notification = z.object({
  id,
  kind: z.enum(['whisper', 'role', 'added', 'score']),
  text: z.string(),
  roomId: id.nullable(),
  read: z.boolean(),
  at: time,
})
export type Notification = z.infer<typeof Notification>
