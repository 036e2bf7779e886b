import { parse } from 'hono/utils/cookie'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { requireMember, roleIn } from '../domain/access.js'
import * as chat from '../domain/chat.js'
import type { Actor, Domain } from '../domain/domain.js'
import type { LimitedEndpoint, RateLimits } from '../domain/rate-limits.js'
import { badRequest, notFound, Refusal } from '../domain/refusal.js'
import { authenticate, type SessionCookies } from '../domain/sessions.js'
import { moveToken } from '../domain/tokens.js'
import { describe } from '../http/wrong-input.js'
import {
  type Ack,
  type ClientEventName,
  type ClientEventResults,
  clientEvents,
  SESSION_COOKIE,
  type Token,
} from '../protocol.js'
import { audience, type SocketData, type TableServer, type TableSocket } from './audience.js'
import { LatestOnly } from './latest-only.js'

export interface SocketsOptions {
  readonly domain: Domain
  readonly cookies: SessionCookies
  readonly limits: RateLimits
  readonly logger: Logger
}

type Payload<N extends ClientEventName> = z.output<(typeof clientEvents)[N]>
type SocketHandlers = {
  readonly [N in ClientEventName]: (
    socket: TableSocket,
    actor: Actor,
    payload: Payload<N>,
  ) => Promise<ClientEventResults[N]>
}

const LIMITED: Partial<Record<ClientEventName, LimitedEndpoint>> = {
  'token:move': 'move',
  'chat:say': 'chat',
  'chat:whisper': 'chat',
  'dice:roll': 'roll',
}

/** How often each socket's session and roles are looked at without being asked, for those that only listen. */
const REVIEW_MS = 30_000

/** Answers the sockets of this process. Returns how to stop watching over them. */
export function answerSockets(io: TableServer, options: SocketsOptions): () => void {
  const handlers = socketHandlers(io, options.domain)
  io.use((socket, next) => {
    actorOf(socket, options)
      .then((actor) => {
        if (actor === undefined) return next(new Error('not-signed-in'))
        socket.data.actor = actor
        socket.data.entered = {}
        next()
      })
      .catch((error) => {
        options.logger.error({ err: error }, 'a socket could not be admitted')
        next(new Error('internal'))
      })
  })
  io.on('connection', (socket) => {
    const { user, sessionId } = socket.data.actor
    void socket.join([audience.user(user.id), audience.session(sessionId)])
    for (const name of Object.keys(clientEvents) as ClientEventName[]) listen(socket, name, handlers, options)
    socket.on('disconnect', () => {
      for (const roomId of Object.keys(socket.data.entered)) void announceGone(io, socket, roomId, options.logger)
    })
  })
  const timer = setInterval(() => void review(io, options), REVIEW_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function actorOf(socket: TableSocket, { domain, cookies }: SocketsOptions): Promise<Actor | undefined> {
  const header = socket.handshake.headers.cookie ?? ''
  return authenticate(domain, cookies, parse(header, SESSION_COOKIE)[SESSION_COOKIE])
}

/** Each event is judged anew: the session, then (by the domain) the role. */
function listen<N extends ClientEventName>(
  socket: TableSocket,
  name: N,
  handlers: SocketHandlers,
  options: SocketsOptions,
): void {
  const heard = async (sent: unknown, acknowledge?: unknown): Promise<void> => {
    const reply = (answer: Ack<ClientEventResults[N]>) => {
      if (typeof acknowledge === 'function') acknowledge(answer)
    }
    try {
      const actor = await actorOf(socket, options)
      if (actor === undefined) {
        socket.emit('session:ended')
        throw new Refusal('not-signed-in', 'Sign in first.')
      }
      const limit = LIMITED[name]
      if (limit !== undefined) await options.limits.spend(actor.user.id, limit)
      const checked = clientEvents[name].safeParse(sent)
      if (!checked.success) throw badRequest(describe(name, checked.error))
      reply({ ok: true, value: await handlers[name](socket, actor, checked.data as Payload<N>) })
    } catch (error) {
      if (!(error instanceof Refusal)) options.logger.error({ err: error, event: name }, 'an event failed')
      const refusal = error instanceof Refusal ? error : new Refusal('internal', 'Something went wrong on our side.')
      reply({ ok: false, ...refusal.problem })
      if (refusal.code === 'not-signed-in') socket.disconnect(true)
    }
  }
  // Socket.IO's types tie listeners to one event name; what arrives is checked above, whatever it claims to be.
  ;(socket as { on(event: string, listener: typeof heard): void }).on(name, heard)
}

function socketHandlers(io: TableServer, domain: Domain): SocketHandlers {
  const moves = new LatestOnly<Token>()
  return {
    'room:enter': (socket, actor, { roomId }) => enter(io, domain, socket, actor, roomId),
    'room:exit': async (socket, _actor, { roomId }) => {
      await leaveTable(io, socket, roomId)
      return {}
    },
    'token:move': (_socket, actor, payload) =>
      moves.run(`${actor.user.id} ${payload.tokenId}`, () => moveToken(domain, actor, payload)),
    'chat:say': (_socket, actor, { roomId, text }) => chat.say(domain, actor, roomId, text),
    'chat:whisper': (_socket, actor, payload) => chat.whisper(domain, actor, payload),
    'dice:roll': (_socket, actor, payload) => chat.roll(domain, actor, payload),
  }
}

async function enter(io: TableServer, domain: Domain, socket: TableSocket, { user }: Actor, roomId: string) {
  const role = await requireMember(domain, user.id, roomId)
  await socket.join([audience.table(roomId), audience.seat(roomId, user.id)])
  socket.data.entered = { ...socket.data.entered, [roomId]: role }
  // The state is read after joining: whatever changes from here on arrives as a patch.
  const state = await domain.cached.roomState.get(roomId)
  if (state === null) throw notFound('room')
  const seated = await socketsIn(io, audience.table(roomId))
  socket.to(audience.table(roomId)).emit('room:presence', { roomId, userId: user.id, online: true })
  return { role, version: state.version, online: [...new Set(seated.map((one) => one.data.actor.user.id))] }
}

async function leaveTable(io: TableServer, socket: TableSocket, roomId: string): Promise<void> {
  const { [roomId]: role, ...rest } = socket.data.entered
  if (role === undefined) return
  socket.data.entered = rest
  const userId = socket.data.actor.user.id
  await socket.leave(audience.table(roomId))
  await socket.leave(audience.seat(roomId, userId))
  const others = await socketsIn(io, audience.seat(roomId, userId))
  if (others.length === 0) io.to(audience.table(roomId)).emit('room:presence', { roomId, userId, online: false })
}

/** On every process; on this one alone when the others cannot be asked. */
async function socketsIn(io: TableServer, name: string): Promise<readonly { readonly data: SocketData }[]> {
  return io
    .in(name)
    .fetchSockets()
    .catch(() => io.local.in(name).fetchSockets())
}

async function announceGone(io: TableServer, socket: TableSocket, roomId: string, logger: Logger): Promise<void> {
  try {
    await leaveTable(io, socket, roomId)
  } catch (error) {
    // Another process did not answer in time; presence is a courtesy and the next visit puts it right.
    logger.debug({ err: error }, 'the absence of a socket could not be announced')
  }
}

/** Ends sockets whose session is over, and takes them out of rooms that they are no longer members of. */
async function review(io: TableServer, options: SocketsOptions): Promise<void> {
  for (const socket of io.of('/').sockets.values()) {
    try {
      if ((await actorOf(socket, options)) === undefined) {
        socket.emit('session:ended')
        socket.disconnect(true)
        continue
      }
      for (const roomId of Object.keys(socket.data.entered)) {
        if ((await roleIn(options.domain, socket.data.actor.user.id, roomId)) === null)
          await leaveTable(io, socket, roomId)
      }
    } catch (error) {
      options.logger.warn({ err: error }, 'a socket could not be reviewed')
    }
  }
}
