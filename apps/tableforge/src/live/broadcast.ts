import type { Domain } from '../domain/domain.js'
import type { BoardChanged, DomainEventName, DomainEvents } from '../events.js'
import type { ChatMessage } from '../protocol.js'
import { handOf } from '../queries/rooms.js'
import { audience, type TableServer } from './audience.js'

type Announcements = { readonly [E in DomainEventName]: (event: DomainEvents[E]) => void | Promise<void> }

/**
 * Who hears of what, on every process. What only some may know is sent to the seats of those who may know it now, as
 * the database says, never to a group that somebody could still be in.
 */
export function createAnnouncements(io: TableServer, domain: Pick<Domain, 'db' | 'cached'>): Announcements {
  const { db, cached } = domain
  const players = async ({ roomId }: { roomId: string }) => {
    const list = await cached.roomPlayers.get(roomId, { freshness: 'remote' })
    io.to(audience.table(roomId)).emit('room:players', { roomId, players: list })
  }
  const board = ({ patch }: BoardChanged) => {
    io.to(audience.table(patch.roomId)).emit('room:patch', patch)
  }
  const message = ({ message }: { message: ChatMessage }) => {
    io.to(audience.table(message.roomId)).emit('chat:message', message)
  }
  const assets = ({ asset: { roomId, access, ownerId } }: DomainEvents['asset.uploaded']) => {
    if (roomId === null) return
    io.to(access === 'private' ? audience.seat(roomId, ownerId) : audience.table(roomId)).emit('room:assets', {
      roomId,
    })
  }
  const inbox = async ({ userId }: { userId: string }) => {
    const { unread } = await cached.notification.get(userId, { freshness: 'remote' })
    io.to(audience.user(userId)).emit('notification', { unread })
  }

  return {
    'session.started': () => {},
    'session.ended': ({ sessionId, reason }) => {
      const sockets = io.in(audience.session(sessionId))
      if (reason === 'signed-out') sockets.emit('session:ended')
      sockets.disconnectSockets(true)
    },
    'user.profile-changed': async ({ roomIds }) => {
      await Promise.all(roomIds.map((roomId) => players({ roomId })))
    },
    'user.notified': inbox,
    'user.notifications-read': inbox,

    'room.created': () => {},
    'room.renamed': board,
    'room.deleted': ({ roomId }) => {
      io.to(audience.table(roomId)).emit('room:deleted', { roomId })
      io.in(audience.table(roomId)).socketsLeave(audience.table(roomId))
    },

    'member.joined': players,
    'member.left': async (event) => {
      const { roomId, userId } = event
      const seat = audience.seat(roomId, userId)
      io.to(seat).emit('role:changed', { roomId, role: null })
      io.in(seat).socketsLeave([audience.table(roomId), seat])
      await players(event)
    },
    'member.role-changed': async (event) => {
      const { role } = await cached.userPermissions.get(event.userId, event.roomId)
      io.to(audience.seat(event.roomId, event.userId)).emit('role:changed', { roomId: event.roomId, role })
      await players(event)
    },
    'score.changed': players,

    'token.added': board,
    'token.moved': board,
    'token.flipped': board,
    'token.removed': board,
    'token.secret-changed': async (change) => {
      const list = await cached.roomPlayers.get(change.roomId, { freshness: 'remote' })
      const masters = list.filter(({ role }) => role === 'gm').map(({ id }) => audience.seat(change.roomId, id))
      if (masters.length > 0) io.to(masters).emit('room:secret', change)
    },

    'deck.changed': async (event) => {
      board(event)
      const { roomId } = event.patch
      for (const userId of event.handsOf) {
        const hand = await handOf(db, roomId, userId)
        io.to(audience.seat(roomId, userId)).emit('hand:changed', { roomId, hand })
      }
    },

    'chat.posted': message,
    'dice.rolled': message,
    'whisper.sent': ({ whisper }) => {
      const seats = [whisper.from.id, whisper.to.id].map((id) => audience.seat(whisper.roomId, id))
      io.to(seats).emit('chat:whisper', whisper)
    },

    'asset.uploaded': assets,
    'asset.deleted': assets,
    'system.created': () => {},
    'system.changed': () => {},
  }
}
