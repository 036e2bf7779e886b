import { roleIn } from '../domain/access.js'
import * as assets from '../domain/assets.js'
import * as chat from '../domain/chat.js'
import * as decks from '../domain/decks.js'
import type { Actor, Domain } from '../domain/domain.js'
import * as members from '../domain/members.js'
import { inbox, markRead } from '../domain/notifications.js'
import { profile, updateProfile } from '../domain/profiles.js'
import type { LimitedEndpoint } from '../domain/rate-limits.js'
import { notFound } from '../domain/refusal.js'
import * as rooms from '../domain/rooms.js'
import * as sessions from '../domain/sessions.js'
import * as systems from '../domain/systems.js'
import * as tokens from '../domain/tokens.js'
import type { RouteBody, RouteName, RouteParams, RouteQuery, RouteResponse, SessionInfo } from '../protocol.js'

/** A checked request. `setSession` writes the cookie, or removes it. */
export interface Requested<N extends RouteName> {
  readonly params: RouteParams<N>
  readonly query: RouteQuery<N>
  readonly body: RouteBody<N>
  readonly file: { readonly contentType: string; readonly content: Uint8Array }
  setSession(actor: Actor | undefined): void
}

type Public = 'config' | 'session.signIn' | 'session.get'

/** Routes for everybody, who may or may not be signed in. */
export type PublicHandlers = {
  readonly [N in Public]: (request: Requested<N>, actor: Actor | undefined) => Promise<RouteResponse<N>>
}

/** Routes for who is signed in. What one may do in a room, each function of the domain judges itself. */
export type MemberHandlers = {
  readonly [N in Exclude<RouteName, Public>]: (request: Requested<N>, actor: Actor) => Promise<RouteResponse<N>>
}

const done = { ok: true } as const

/** Which limit a route counts against; reading has none. */
export const LIMITED: Partial<Record<RouteName, LimitedEndpoint>> = {
  'session.signIn': 'sign-in',
  'profile.update': 'profile',
  'rooms.create': 'create-room',
  'systems.create': 'create-system',
  'assets.upload': 'upload',
  'chat.say': 'chat',
  'chat.whisper': 'chat',
  'dice.roll': 'roll',
  'tokens.move': 'move',
  'tokens.add': 'table',
  'tokens.flip': 'table',
  'tokens.setHidden': 'table',
  'tokens.remove': 'table',
  'decks.add': 'table',
  'decks.shuffle': 'table',
  'decks.draw': 'table',
  'decks.discard': 'table',
  'decks.remove': 'table',
  'room.join': 'table',
  'room.leave': 'table',
}

export function publicHandlers(domain: Domain): PublicHandlers {
  return {
    config: async () => {
      const config = await domain.cached.systemConfig.get('public')
      if (config === null) throw notFound('configuration')
      return config
    },
    'session.signIn': async ({ body, setSession }) => {
      const actor = await sessions.signIn(domain, body.name)
      setSession(actor)
      return sessionInfo(actor)
    },
    'session.get': async (_request, actor) => ({ session: actor === undefined ? null : sessionInfo(actor) }),
  }
}

export function memberHandlers(domain: Domain): MemberHandlers {
  return { ...personal(domain), ...inRooms(domain), ...onTables(domain), ...inLibrary(domain) }
}

function personal(domain: Domain) {
  return {
    'session.refresh': async ({ setSession }, actor) => {
      const fresh = await sessions.refresh(domain, actor)
      setSession(fresh)
      return sessionInfo(fresh)
    },
    'session.signOut': async ({ setSession }, actor) => {
      await sessions.signOut(domain, actor)
      setSession(undefined)
      return done
    },
    'profile.get': ({ params }) => profile(domain, params.userId),
    'profile.update': ({ body }, actor) => updateProfile(domain, actor, body),
    'notifications.list': (_request, actor) => inbox(domain, actor),
    'notifications.read': async (_request, actor) => {
      await markRead(domain, actor)
      return done
    },
  } satisfies Partial<MemberHandlers>
}

function inRooms(domain: Domain) {
  return {
    'rooms.list': ({ query }) => rooms.listRooms(domain, query.systemId, query.page),
    'rooms.mine': async (_request, { user }) => ({ rooms: await rooms.myRooms(domain, user.id) }),
    'rooms.popular': async () => ({ rooms: await rooms.popularRooms(domain) }),
    'rooms.bySlug': async ({ params }, { user }) => ({ roomId: await rooms.roomBySlug(domain, user.id, params.slug) }),
    'rooms.create': ({ body }, actor) => rooms.createRoom(domain, actor, body),
    'room.get': ({ params }, { user }) => rooms.room(domain, user.id, params.roomId),
    'room.rename': ({ params, body }, actor) => rooms.renameRoom(domain, actor, params.roomId, body.name),
    'room.delete': async ({ params }, actor) => {
      await rooms.deleteRoom(domain, actor, params.roomId)
      return done
    },
    'room.state': ({ params }, { user }) => rooms.roomState(domain, user.id, params.roomId),
    'room.figures': ({ params }, { user }) => rooms.roomFigures(domain, user.id, params.roomId),
    'room.role': async ({ params }, { user }) => ({ role: await roleIn(domain, user.id, params.roomId) }),
    'room.join': async ({ params, body }, actor) => ({
      role: await members.join(domain, actor, params.roomId, body.as),
    }),
    'room.leave': async ({ params }, actor) => {
      await members.leave(domain, actor, params.roomId)
      return done
    },
    'players.list': async ({ params }, { user }) => ({
      players: await members.players(domain, user.id, params.roomId),
    }),
    'players.add': async ({ params, body }, actor) => ({
      players: await members.addPlayer(domain, actor, params.roomId, body.name, body.role),
    }),
    'players.setRole': async ({ params, body }, actor) => ({
      players: await members.setRole(domain, actor, params.roomId, params.userId, body.role),
    }),
    'players.remove': async ({ params }, actor) => {
      await members.removePlayer(domain, actor, params.roomId, params.userId)
      return done
    },
    'players.award': async ({ params, body }, actor) => ({
      score: await members.award(domain, actor, params.roomId, params.userId, body.points),
    }),
  } satisfies Partial<MemberHandlers>
}

function onTables(domain: Domain) {
  return {
    'tokens.add': ({ params, body }, actor) => tokens.addToken(domain, actor, params.roomId, body),
    'tokens.move': ({ params, body }, actor) => tokens.moveToken(domain, actor, { ...params, ...body }),
    'tokens.flip': ({ params }, actor) => tokens.flipToken(domain, actor, params.roomId, params.tokenId),
    'tokens.setHidden': ({ params, body }, actor) =>
      tokens.setHidden(domain, actor, params.roomId, params.tokenId, body.hidden),
    'tokens.remove': async ({ params }, actor) => {
      await tokens.removeToken(domain, actor, params.roomId, params.tokenId)
      return done
    },
    'chat.page': ({ params, query }, { user }) => chat.chatPage(domain, user.id, params.roomId, query.page),
    'chat.say': ({ params, body }, actor) => chat.say(domain, actor, params.roomId, body.text),
    'chat.whisper': ({ params, body }, actor) => chat.whisper(domain, actor, { ...params, ...body }),
    'dice.roll': ({ params, body }, actor) => chat.roll(domain, actor, { ...params, ...body }),
    'decks.add': ({ params, body }, actor) => decks.addDeck(domain, actor, params.roomId, body.name),
    'decks.remove': async ({ params }, actor) => {
      await decks.removeDeck(domain, actor, params.roomId, params.deckId)
      return done
    },
    'decks.shuffle': ({ params, body }, actor) => decks.shuffle(domain, actor, { ...params, ...body }),
    'decks.draw': async ({ params, body }, actor) => ({
      cards: await decks.draw(domain, actor, { ...params, ...body }),
    }),
    'decks.discard': async ({ params, body }, actor) => ({
      hand: await decks.discard(domain, actor, { ...params, ...body }),
    }),
    'hand.get': async ({ params }, { user }) => ({ hand: await decks.hand(domain, user.id, params.roomId) }),
  } satisfies Partial<MemberHandlers>
}

function inLibrary(domain: Domain) {
  return {
    'assets.upload': ({ params, query, file }, actor) =>
      assets.uploadAsset(domain, actor, { ...params, ...query, ...file }),
    'assets.ofRoom': async ({ params }, { user }) => ({
      assets: await assets.roomAssets(domain, user.id, params.roomId),
    }),
    'assets.ofSystem': async ({ params }, { user }) => ({
      assets: await assets.systemAssets(domain, user.id, params.systemId),
    }),
    'assets.recent': async (_request, { user }) => ({ assets: await assets.recentAssets(domain, user.id) }),
    'assets.batch': async ({ query }, { user }) => ({
      assets: await assets.batch(domain, user.id, query.ids.split(',')),
    }),
    'assets.get': ({ params }, { user }) => assets.getAsset(domain, user.id, params.assetId),
    'assets.delete': async ({ params }, actor) => {
      await assets.deleteAsset(domain, actor, params.assetId)
      return done
    },
    'systems.list': async () => ({ systems: await systems.listSystems(domain) }),
    'systems.get': ({ params }) => systems.getSystem(domain, params.systemId),
    'systems.create': ({ body }, actor) => systems.createSystem(domain, actor, body),
    'systems.update': ({ params, body }, actor) => systems.updateSystem(domain, actor, params.systemId, body),
    leaderboard: async ({ params }) => ({ rows: await domain.cached.leaderboard.get(params.type, params.period) }),
    search: ({ query }, actor) => systems.search(domain, actor, query.q),
  } satisfies Partial<MemberHandlers>
}

function sessionInfo(actor: Actor): SessionInfo {
  return { user: actor.user, sessionExpiresAt: actor.sessionExpiresAt }
}
