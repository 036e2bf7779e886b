import type { Server, Socket } from 'socket.io'
import type { Actor } from '../domain/domain.js'
import type { ClientToServer, Role, ServerToClient } from '../protocol.js'

/** What a socket carries; plain data, since other processes see it. */
export interface SocketData {
  actor: Actor
  /** Rooms it has entered, with the role it had when that was last looked at. */
  entered: Record<string, Role>
}

type NoServerEvents = Record<string, never>

export type TableServer = Server<ClientToServer, ServerToClient, NoServerEvents, SocketData>
export type TableSocket = Socket<ClientToServer, ServerToClient, NoServerEvents, SocketData>

/** Names of Socket.IO rooms: who hears what, on every process. */
export const audience = {
  /** All who have entered a room. */
  table: (roomId: string) => `table:${roomId}`,
  /** One user's sockets that have entered a room. */
  seat: (roomId: string, userId: string) => `seat:${roomId}:${userId}`,
  /** All sockets of a user. */
  user: (userId: string) => `user:${userId}`,
  /** All sockets of a session. */
  session: (sessionId: string) => `session:${sessionId}`,
} as const
