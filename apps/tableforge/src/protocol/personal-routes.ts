import { z } from 'zod'
import { fields, LIMITS } from './fields.js'
import { LeaderboardRow, LeaderboardType, Notification, Period, Profile, SessionInfo } from './people.js'
import { route } from './route.js'

const { id, line, color } = fields

/** Sessions, profiles, standings, notifications. */
export const personalRoutes = {
  /** A new name makes a new user; a known one signs in as that user. Sets the cookie. */
  'session.signIn': route('POST', '/api/session', {
    body: z.object({ name: line(LIMITS.nameLength) }),
    response: SessionInfo,
  }),
  /** `session` is `null` when nobody is signed in. */
  'session.get': route('GET', '/api/session', { response: z.object({ session: SessionInfo.nullable() }) }),
  /** Replaces the session by a new one; the old cookie is worth nothing afterwards. */
  'session.refresh': route('POST', '/api/session/refresh', { response: SessionInfo }),
  'session.signOut': route('DELETE', '/api/session'),

  'profile.get': route('GET', '/api/users/:userId', { params: z.object({ userId: id }), response: Profile }),
  'profile.update': route('PATCH', '/api/profile', {
    body: z.object({
      name: line(LIMITS.nameLength).optional(),
      color: color.optional(),
      bio: z.string().trim().max(LIMITS.bioLength).optional(),
    }),
    response: Profile,
  }),

  leaderboard: route('GET', '/api/leaderboards/:type/:period', {
    params: z.object({ type: LeaderboardType, period: Period }),
    response: z.object({ rows: z.array(LeaderboardRow) }),
  }),

  'notifications.list': route('GET', '/api/notifications', {
    response: z.object({ notifications: z.array(Notification), unread: z.number() }),
  }),
  'notifications.read': route('POST', '/api/notifications/read'),
} as const
