import { z } from 'zod'

/**
 * What TableForge's server and its clients say to each other: every HTTP route and every Socket.IO event with its
 * payload. The server registers its routes from {@link routes}; the web page and the simulated players call them through
 * it. Times are milliseconds since the Unix epoch, positions are in cells of the board and may have fractions.
 */

export const LIMITS = {
  nameLength: 40,
  textLength: 1_000,
  bioLength: 280,
  chatPageSize: 50,
  uploadBytes: 262_144,
  handSize: 20,
  boardCells: 100,
} as const

/** Content types that an upload may have. No SVG and no HTML: they could run scripts in the reader's browser. */
export const UPLOAD_TYPES = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'audio/mpeg',
  'audio/ogg',
  'text/plain',
  'application/json',
] as const

/** The cookie that carries the session: HMAC-signed, HttpOnly, SameSite=Lax. */
export const SESSION_COOKIE = 'tableforge_session'

const id = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'an id of 1 to 40 characters of A-Z a-z 0-9 _ -')
const time = z.number()
const line = (max: number) => z.string().trim().min(1).max(max)
const color = z.string().regex(/^#[0-9a-f]{6}$/, 'a colour such as #3b82f6')
const coordinate = z.number().min(0).max(LIMITS.boardCells)

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

/** Width and height in cells. */
export const Board = z.object({ width: z.number(), height: z.number(), background: color })
export type Board = z.infer<typeof Board>

/**
 * A piece on the board; `x`, `y` is its top left corner, `size` its side in cells. `ownerId`: the player who may move it
 * besides game masters; `null`: any player may. `hidden`: only game masters ever receive it. `version` grows with
 * every change of this token, so that of two reports about it the newer can be told.
 */
export const Token = z.object({
  id,
  name: z.string(),
  x: z.number(),
  y: z.number(),
  size: z.number(),
  color,
  imageUrl: z.string().nullable(),
  ownerId: id.nullable(),
  flipped: z.boolean(),
  hidden: z.boolean(),
  version: z.number(),
})
export type Token = z.infer<typeof Token>

/** `face`: rank and suit, `'AS'`, `'10H'`, `'KD'`, `'QC'`; of another kind of deck, whatever its cards are called. */
export const Card = z.object({ id, deckId: id, face: z.string() })
export type Card = z.infer<typeof Card>

/** What everybody may know of a deck: how many cards lie where, and the face of the uppermost discarded card. */
export const Deck = z.object({
  id,
  name: z.string(),
  drawCount: z.number(),
  discardCount: z.number(),
  topDiscard: Card.nullable(),
  /** Number of cards in hand by user id. */
  handCounts: z.record(z.string(), z.number()),
})
export type Deck = z.infer<typeof Deck>

/** The table as one viewer may see it. `version` grows by one with each change that everybody sees. */
export const RoomState = z.object({
  roomId: id,
  version: z.number(),
  name: z.string(),
  slug: z.string(),
  systemId: id,
  visibility: Visibility,
  board: Board,
  /** With hidden ones for game masters only. */
  tokens: z.array(Token),
  decks: z.array(Deck),
})
export type RoomState = z.infer<typeof RoomState>

export const Change = z.discriminatedUnion('type', [
  z.object({ type: z.literal('token.put'), token: Token }),
  z.object({ type: z.literal('token.removed'), tokenId: id }),
  z.object({ type: z.literal('deck.put'), deck: Deck }),
  z.object({ type: z.literal('deck.removed'), deckId: id }),
  z.object({ type: z.literal('room.renamed'), name: z.string(), slug: z.string() }),
])
export type Change = z.infer<typeof Change>

/**
 * Leads from `version - 1` to `version`. A client applies it when it holds exactly `version - 1`, ignores it when it
 * holds `version` or newer, and otherwise asks for the state again ('room.state').
 */
export const RoomPatch = z.object({ roomId: id, version: z.number(), changes: z.array(Change) })
export type RoomPatch = z.infer<typeof RoomPatch>

/** A change of hidden tokens, sent to game masters only, outside the version of the room. `token.version` orders it. */
export const SecretChange = z.object({
  roomId: id,
  change: z.discriminatedUnion('type', [
    z.object({ type: z.literal('token.put'), token: Token }),
    z.object({ type: z.literal('token.removed'), tokenId: id }),
  ]),
})
export type SecretChange = z.infer<typeof SecretChange>

/** A roll made by the server. `dropped` dice were rolled but do not count (`4d6kh3`). */
export const Roll = z.object({
  notation: z.string(),
  total: z.number(),
  terms: z.array(
    z.object({
      sign: z.union([z.literal(1), z.literal(-1)]),
      /** 0 for a constant. */
      sides: z.number(),
      rolls: z.array(z.object({ value: z.number(), dropped: z.boolean() })),
    }),
  ),
})
export type Roll = z.infer<typeof Roll>

/** `seq` counts 1, 2, 3, ... in a room. A roll has `roll` and perhaps a label in `text`. */
export const ChatMessage = z.object({
  id,
  roomId: id,
  seq: z.number(),
  author: User,
  text: z.string(),
  roll: Roll.nullable(),
  at: time,
})
export type ChatMessage = z.infer<typeof ChatMessage>

/** Received by its author and its target only. */
export const Whisper = z.object({ id, roomId: id, from: User, to: User, text: z.string(), at: time })
export type Whisper = z.infer<typeof Whisper>

/** Page 0 holds the oldest messages; only the newest page (`pages - 1`) still grows. Both lists oldest first. */
export const ChatPage = z.object({
  page: z.number(),
  pages: z.number(),
  messages: z.array(ChatMessage),
  /** The viewer's own, of the same stretch of time. */
  whispers: z.array(Whisper),
})
export type ChatPage = z.infer<typeof ChatPage>

export const AssetKind = z.enum(['token', 'map', 'handout', 'sound'])
export type AssetKind = z.infer<typeof AssetKind>

/** `public`: for everybody, with an immutable address; `room`: for members of its room; `private`: for its owner. */
export const AssetAccess = z.enum(['public', 'room', 'private'])
export type AssetAccess = z.infer<typeof AssetAccess>

export const Asset = z.object({
  id,
  roomId: id.nullable(),
  systemId: id.nullable(),
  ownerId: id,
  name: z.string(),
  kind: AssetKind,
  access: AssetAccess,
  contentType: z.string(),
  bytes: z.number(),
  /** SHA-256 of the content, hexadecimal. */
  fingerprint: z.string(),
  /** Where the content is, relative to the server. */
  url: z.string(),
  createdAt: time,
})
export type Asset = z.infer<typeof Asset>

export const GameSystem = z.object({
  id,
  name: z.string(),
  description: z.string(),
  /** The usual roll, `'1d20'`. */
  defaultDice: z.string(),
  /** Names of the attributes on a character sheet. */
  attributes: z.array(z.string()),
  maintainerId: id.nullable(),
  updatedAt: time,
})
export type GameSystem = z.infer<typeof GameSystem>

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

export const SearchResults = z.object({
  rooms: z.array(RoomSummary),
  systems: z.array(z.object({ id, name: z.string(), description: z.string() })),
  assets: z.array(Asset),
})
export type SearchResults = z.infer<typeof SearchResults>

export const RoomFigures = z.object({
  roomId: id,
  members: z.number(),
  tokens: z.number(),
  messages: z.number(),
  rolls: z.number(),
  lastMoveAt: time.nullable(),
})
export type RoomFigures = z.infer<typeof RoomFigures>

/** Public configuration of the server. */
export const PublicConfig = z.object({
  title: z.string(),
  notice: z.string(),
  chatPageSize: z.number(),
  uploadBytes: z.number(),
  maxDice: z.number(),
})
export type PublicConfig = z.infer<typeof PublicConfig>

export const ErrorCode = z.enum([
  'bad-request',
  'not-signed-in',
  'forbidden',
  'not-found',
  'conflict',
  'too-large',
  'rate-limited',
  'internal',
])
export type ErrorCode = z.infer<typeof ErrorCode>

/** The body of every answer that is not 2xx, and of a failed acknowledgement. `retryAfterMs` with `rate-limited`. */
export const Problem = z.object({
  error: z.object({ code: ErrorCode, message: z.string(), retryAfterMs: z.number().optional() }),
})
export type Problem = z.infer<typeof Problem>

const ok = z.object({ ok: z.literal(true) })
const nothing = z.object({})
const inRoom = z.object({ roomId: id })
const inToken = z.object({ roomId: id, tokenId: id })
const inDeck = z.object({ roomId: id, deckId: id })

/**
 * One HTTP route: `:name` in `path` comes from `params`, `query` is the query string, `body` travels as JSON.
 * `upload: true`: the body is the file itself, with its own Content-Type. Every route but `session.*` and `config`
 * needs a session.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: string
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly upload?: true
  readonly response: z.ZodType
}

const route = <
  P extends z.ZodType = typeof nothing,
  Q extends z.ZodType = typeof nothing,
  B extends z.ZodType = typeof nothing,
  R extends z.ZodType = typeof ok,
>(
  method: Route['method'],
  path: string,
  parts: { params?: P; query?: Q; body?: B; response?: R; upload?: true } = {},
) => ({
  method,
  path,
  params: (parts.params ?? nothing) as P,
  query: (parts.query ?? nothing) as Q,
  body: (parts.body ?? nothing) as B,
  response: (parts.response ?? ok) as R,
  ...(parts.upload ? { upload: parts.upload } : {}),
})

export const routes = {
  config: route('GET', '/api/config', { response: PublicConfig }),

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

  /** Hidden tokens and tokens of others: for game masters. */
  'tokens.add': route('POST', '/api/rooms/:roomId/tokens', {
    params: inRoom,
    body: z.object({
      name: line(LIMITS.nameLength),
      x: coordinate,
      y: coordinate,
      size: z.number().int().min(1).max(6).default(1),
      color: color.default('#64748b'),
      imageUrl: z.string().startsWith('/files/').max(200).nullable().default(null),
      ownerId: id.nullable().default(null),
      hidden: z.boolean().default(false),
    }),
    response: Token,
  }),
  'tokens.move': route('POST', '/api/rooms/:roomId/tokens/:tokenId/move', {
    params: inToken,
    body: z.object({ x: coordinate, y: coordinate }),
    response: Token,
  }),
  'tokens.flip': route('POST', '/api/rooms/:roomId/tokens/:tokenId/flip', { params: inToken, response: Token }),
  /** For game masters: hide from players, or reveal. */
  'tokens.setHidden': route('PUT', '/api/rooms/:roomId/tokens/:tokenId/hidden', {
    params: inToken,
    body: z.object({ hidden: z.boolean() }),
    response: Token,
  }),
  'tokens.remove': route('DELETE', '/api/rooms/:roomId/tokens/:tokenId', { params: inToken }),

  /** Without `page`: the newest. */
  'chat.page': route('GET', '/api/rooms/:roomId/chat', {
    params: inRoom,
    query: z.object({ page: z.coerce.number().int().min(0).max(1_000_000).optional() }),
    response: ChatPage,
  }),
  'chat.say': route('POST', '/api/rooms/:roomId/chat', {
    params: inRoom,
    body: z.object({ text: line(LIMITS.textLength) }),
    response: ChatMessage,
  }),
  'chat.whisper': route('POST', '/api/rooms/:roomId/whispers', {
    params: inRoom,
    body: z.object({ to: id, text: line(LIMITS.textLength) }),
    response: Whisper,
  }),
  'dice.roll': route('POST', '/api/rooms/:roomId/rolls', {
    params: inRoom,
    body: z.object({ notation: z.string().trim().min(1).max(60), label: z.string().trim().max(60).default('') }),
    response: ChatMessage,
  }),

  /** For game masters: a standard deck of 52 cards, shuffled. */
  'decks.add': route('POST', '/api/rooms/:roomId/decks', {
    params: inRoom,
    body: z.object({ name: line(LIMITS.nameLength) }),
    response: Deck,
  }),
  'decks.remove': route('DELETE', '/api/rooms/:roomId/decks/:deckId', { params: inDeck }),
  /** `discards`: the discard pile back into the draw pile; `all` (for game masters): the hands too. */
  'decks.shuffle': route('POST', '/api/rooms/:roomId/decks/:deckId/shuffle', {
    params: inDeck,
    body: z.object({ gather: z.enum(['none', 'discards', 'all']).default('none') }),
    response: Deck,
  }),
  /** From the draw pile into one's own hand; the answer is what was drawn. */
  'decks.draw': route('POST', '/api/rooms/:roomId/decks/:deckId/draw', {
    params: inDeck,
    body: z.object({ count: z.number().int().min(1).max(LIMITS.handSize).default(1) }),
    response: z.object({ cards: z.array(Card) }),
  }),
  /** From one's own hand, face up onto the discard pile. */
  'decks.discard': route('POST', '/api/rooms/:roomId/decks/:deckId/discard', {
    params: inDeck,
    body: z.object({ cardIds: z.array(id).min(1).max(LIMITS.handSize) }),
    response: z.object({ hand: z.array(Card) }),
  }),
  /** One's own cards in this room, of all its decks. */
  'hand.get': route('GET', '/api/rooms/:roomId/hand', { params: inRoom, response: z.object({ hand: z.array(Card) }) }),

  /** The body is the file, its Content-Type one of {@link UPLOAD_TYPES}, at most `LIMITS.uploadBytes`. */
  'assets.upload': route('POST', '/api/rooms/:roomId/assets', {
    params: inRoom,
    query: z.object({ name: line(80), kind: AssetKind.default('token'), access: AssetAccess.default('room') }),
    upload: true,
    response: Asset,
  }),
  'assets.ofRoom': route('GET', '/api/rooms/:roomId/assets', {
    params: inRoom,
    response: z.object({ assets: z.array(Asset) }),
  }),
  'assets.ofSystem': route('GET', '/api/systems/:systemId/assets', {
    params: z.object({ systemId: id }),
    response: z.object({ assets: z.array(Asset) }),
  }),
  /** The public ones. */
  'assets.recent': route('GET', '/api/assets/recent', { response: z.object({ assets: z.array(Asset) }) }),
  /** Several at once, in the order asked for, ids separated by commas; those that one may not see are left out. */
  'assets.batch': route('GET', '/api/assets', {
    query: z.object({ ids: z.string().regex(/^[A-Za-z0-9_-]{1,40}(,[A-Za-z0-9_-]{1,40}){0,49}$/, '1 to 50 ids') }),
    response: z.object({ assets: z.array(Asset) }),
  }),
  'assets.get': route('GET', '/api/assets/:assetId', { params: z.object({ assetId: id }), response: Asset }),
  /** For its owner and for game masters of its room. */
  'assets.delete': route('DELETE', '/api/assets/:assetId', { params: z.object({ assetId: id }) }),

  'systems.list': route('GET', '/api/systems', { response: z.object({ systems: z.array(GameSystem) }) }),
  'systems.get': route('GET', '/api/systems/:systemId', {
    params: z.object({ systemId: id }),
    response: GameSystem,
  }),
  'systems.create': route('POST', '/api/systems', {
    body: z.object({
      name: line(LIMITS.nameLength),
      description: z.string().trim().max(LIMITS.bioLength).default(''),
      defaultDice: line(20).default('1d20'),
      attributes: z.array(line(24)).max(20).default([]),
    }),
    response: GameSystem,
  }),
  /** For its maintainer. */
  'systems.update': route('PATCH', '/api/systems/:systemId', {
    params: z.object({ systemId: id }),
    body: z.object({
      description: z.string().trim().max(LIMITS.bioLength).optional(),
      defaultDice: line(20).optional(),
      attributes: z.array(line(24)).max(20).optional(),
    }),
    response: GameSystem,
  }),

  leaderboard: route('GET', '/api/leaderboards/:type/:period', {
    params: z.object({ type: LeaderboardType, period: Period }),
    response: z.object({ rows: z.array(LeaderboardRow) }),
  }),
  search: route('GET', '/api/search', {
    query: z.object({ q: line(60) }),
    response: SearchResults,
  }),

  'notifications.list': route('GET', '/api/notifications', {
    response: z.object({ notifications: z.array(Notification), unread: z.number() }),
  }),
  'notifications.read': route('POST', '/api/notifications/read'),
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
export type RouteParams<N extends RouteName> = z.output<(typeof routes)[N]['params']>
export type RouteQuery<N extends RouteName> = z.output<(typeof routes)[N]['query']>
export type RouteBody<N extends RouteName> = z.output<(typeof routes)[N]['body']>
export type RouteResponse<N extends RouteName> = z.output<(typeof routes)[N]['response']>
/** What a client passes: the members of params, query and body in one object; those with a default may be left out. */
export type RouteInput<N extends RouteName> = z.input<(typeof routes)[N]['params']> &
  z.input<(typeof routes)[N]['query']> &
  z.input<(typeof routes)[N]['body']>

/** What a client sends over the socket, each answered by {@link Ack}. A socket needs the session cookie to connect. */
export const clientEvents = {
  /** Subscribes this socket to a room that its user is a member of. */
  'room:enter': z.object({ roomId: id }),
  'room:exit': z.object({ roomId: id }),
  /**
   * While dragging, at most 60 a second; positions that arrive while an earlier one of the same token is being stored
   * replace each other, and the last one is always stored. All of them are acknowledged with what was stored.
   */
  'token:move': z.object({ roomId: id, tokenId: id, x: coordinate, y: coordinate }),
  'chat:say': z.object({ roomId: id, text: line(LIMITS.textLength) }),
  'chat:whisper': z.object({ roomId: id, to: id, text: line(LIMITS.textLength) }),
  'dice:roll': z.object({
    roomId: id,
    notation: z.string().trim().min(1).max(60),
    label: z.string().trim().max(60).default(''),
  }),
} as const

export type ClientEventName = keyof typeof clientEvents

/** The value of a successful acknowledgement. */
export interface ClientEventResults {
  /** `online`: ids of the users who have entered the room. `version`: of the room's state at this moment. */
  'room:enter': { role: Role; version: number; online: string[] }
  'room:exit': Record<string, never>
  'token:move': Token
  'chat:say': ChatMessage
  'chat:whisper': Whisper
  'dice:roll': ChatMessage
}

export type Ack<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Problem)

/** For `Socket<ServerToClient, ClientToServer>` of socket.io-client. */
export type ClientToServer = {
  [N in ClientEventName]: (
    payload: z.input<(typeof clientEvents)[N]>,
    acknowledge?: (answer: Ack<ClientEventResults[N]>) => void,
  ) => void
}

/** What the server sends. Room events reach only sockets that have entered the room. */
export interface ServerToClient {
  /** Everybody in the room. */
  'room:patch': (patch: RoomPatch) => void
  /** Game masters of the room. */
  'room:secret': (change: SecretChange) => void
  /** Joined, left, another role, name, colour or score. */
  'room:players': (event: { roomId: string; players: Player[] }) => void
  'room:presence': (event: { roomId: string; userId: string; online: boolean }) => void
  'room:deleted': (event: { roomId: string }) => void
  /** An asset was uploaded or deleted: ask for the list again. */
  'room:assets': (event: { roomId: string }) => void
  'chat:message': (message: ChatMessage) => void
  /** Author and target only. */
  'chat:whisper': (whisper: Whisper) => void
  /** The owner of the hand only: all cards in hand in this room. */
  'hand:changed': (event: { roomId: string; hand: Card[] }) => void
  /** The user concerned only; `null`: no longer a member. Ask for the state again, it may show more or less now. */
  'role:changed': (event: { roomId: string; role: Role | null }) => void
  /** The user concerned only, on all their sockets. */
  notification: (event: { unread: number }) => void
  /** This session was signed out; the socket is closed right after. */
  'session:ended': () => void
}
