import { z } from 'zod'
import { fields, LIMITS } from './fields.js'
import { MyRoom, Player, Role, RoomSummary, Visibility } from './people.js'
import { route } from './route.js'
import { RoomFigures, RoomState } from './table.js'

const { id, line } = fields
const inRoom = z.object({ roomId: id })

/** Rooms and who is in them. */
export const roomRoutes = {
  /** Public rooms, newest first, 20 to a page. */
  'rooms.list': route('GET', '/api/rooms', {
    query: z.object({ systemId: id.optional(), page: z.coerce.number().int().min(0).max(1_000).default(0) }),
    response: z.object({ rooms: z.array(RoomSummary), pages: z.number() }),
  }),
  'rooms.mine': route('GET', '/api/rooms/mine', { response: z.object({ rooms: z.array(MyRoom) }) }),
  'rooms.popular': route('GET', '/api/rooms/popular', { response: z.object({ rooms: z.array(RoomSummary) }) }),
  'rooms.bySlug': route('GET', '/api/rooms/by-slug/:slug', {
    params: z.object({ slug: z.string().min(1).max(60) }),
    response: z.object({ roomId: id }),
  }),
  'rooms.create': route('POST', '/api/rooms', {
    body: z.object({ name: line(LIMITS.nameLength), systemId: id, visibility: Visibility.default('public') }),
    response: RoomSummary,
  }),
  /** Public rooms for everybody, private ones for members. */
  'room.get': route('GET', '/api/rooms/:roomId', { params: inRoom, response: RoomSummary }),
  'room.rename': route('PATCH', '/api/rooms/:roomId', {
    params: inRoom,
    body: z.object({ name: line(LIMITS.nameLength) }),
    response: RoomSummary,
  }),
  'room.delete': route('DELETE', '/api/rooms/:roomId', { params: inRoom }),
  /** What follows is for members. */
  'room.state': route('GET', '/api/rooms/:roomId/state', { params: inRoom, response: RoomState }),
  'room.figures': route('GET', '/api/rooms/:roomId/figures', { params: inRoom, response: RoomFigures }),
  /** Members' role in the room; how the page decides what to offer. `null`: not a member. */
  'room.role': route('GET', '/api/rooms/:roomId/role', {
    params: inRoom,
    response: z.object({ role: Role.nullable() }),
  }),
  'room.join': route('POST', '/api/rooms/:roomId/join', {
    params: inRoom,
    body: z.object({ as: z.enum(['player', 'spectator']).default('player') }),
    response: z.object({ role: Role }),
  }),
  'room.leave': route('POST', '/api/rooms/:roomId/leave', { params: inRoom }),

  'players.list': route('GET', '/api/rooms/:roomId/players', {
    params: inRoom,
    response: z.object({ players: z.array(Player) }),
  }),
  /** For game masters: adds a user by name, also to a private room. */
  'players.add': route('POST', '/api/rooms/:roomId/players', {
    params: inRoom,
    body: z.object({ name: line(LIMITS.nameLength), role: Role.default('player') }),
    response: z.object({ players: z.array(Player) }),
  }),
  /** For game masters. A room keeps at least one of them. */
  'players.setRole': route('PUT', '/api/rooms/:roomId/players/:userId/role', {
    params: z.object({ roomId: id, userId: id }),
    body: z.object({ role: Role }),
    response: z.object({ players: z.array(Player) }),
  }),
  'players.remove': route('DELETE', '/api/rooms/:roomId/players/:userId', {
    params: z.object({ roomId: id, userId: id }),
  }),
  /** For game masters: gives (or takes) points. */
  'players.award': route('POST', '/api/rooms/:roomId/players/:userId/score', {
    params: z.object({ roomId: id, userId: id }),
    body: z.object({ points: z.number().int().min(-1_000).max(1_000) }),
    response: z.object({ score: z.number() }),
  }),
} as const
