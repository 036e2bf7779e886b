import type { Cache } from '@tableforge/cache'
import type { Database } from '../database/database.js'
import { digest } from '../identifiers.js'
import type { LeaderboardType, Period } from '../protocol.js'
import { chatPageOf } from '../queries/chat.js'
import {
  assetsOf,
  configOf,
  recentAssetIds,
  roomAssetIds,
  searchIds,
  systemAssetIds,
  systemsOf,
} from '../queries/library.js'
import { permissionsOf, playersOf, popularRoomIds, publicStateOf, roomsOf } from '../queries/rooms.js'
import { inboxOf, leaderboardOf } from '../queries/standings.js'
import { profilesOf, sessionsOf } from '../queries/users.js'
import { type Answers, answer, type Question, tagsOfAnswer } from './questions.js'
import { tags } from './tags.js'

/** Until when somebody is refused at an endpoint; `null`: not at all. */
export type RateVerdict = { readonly blockedUntil: number } | null

/** Never from memory, never unconfirmed, never after its time: what decides who may do what. */
const STRICT = { freshness: 'remote', onPartition: 'bypass', grace: 0 } as const

/**
 * Everything that TableForge caches. Missing on purpose, because it depends on who looks or must always be the
 * database's: hands, the order of cards, whispers, hidden tokens, the content of private files.
 */
export function createDefinitions(cache: Cache, db: Database) {
  return {
    ...definePeople(cache, db),
    ...defineRooms(cache, db),
    ...defineLibrary(cache, db),
    ...defineQueries(cache, db),
  }
}

export type Definitions = ReturnType<typeof createDefinitions>

function definePeople(cache: Cache, db: Database) {
  return {
    userSession: cache.define('user:session', {
      key: (userId: string) => userId,
      load: (userId) => sessionsOf(db, userId),
      ttl: '3600s',
      ...STRICT,
    }),
    userProfile: cache.define('user:profile', {
      key: (userId: string) => userId,
      loadMany: (userIds) => profilesOf(db, userIds),
      ttl: '1800s',
    }),
    userRooms: cache.define('user:rooms', {
      key: (userId: string) => userId,
      load: (userId: string) => roomsOf(db, userId),
      tags: (rooms) => rooms.map(({ roomId }) => tags.room(roomId)),
      ttl: '300s',
    }),
    userPermissions: cache.define('user:permissions', {
      key: (userId: string, roomId: string) => [userId, roomId],
      load: (userId, roomId) => permissionsOf(db, userId, roomId),
      tags: (_permissions, _userId, roomId) => [tags.room(roomId)],
      ttl: '300s',
      ...STRICT,
    }),
    notification: cache.define('notification', {
      key: (userId: string) => userId,
      load: (userId) => inboxOf(db, userId),
      ttl: '1800s',
    }),
    /** Set by whoever finds the limit exceeded, read by every process before it does the work. */
    rateLimit: cache.define('rate', {
      key: (userId: string, endpoint: string) => [userId, endpoint],
      load: (): RateVerdict => null,
      ttl: '3600s',
    }),
  }
}

function defineRooms(cache: Cache, db: Database) {
  return {
    /** What every member sees; patched and versioned as the table changes. */
    roomState: cache.define('room:state', {
      key: (roomId: string) => roomId,
      load: (roomId) => publicStateOf(db, roomId),
      tags: (_state, roomId) => [tags.room(roomId)],
      ttl: '300s',
    }),
    roomPlayers: cache.define('room:players', {
      key: (roomId: string) => roomId,
      load: (roomId: string) => playersOf(db, roomId),
      tags: (players, roomId) => [tags.room(roomId), ...players.map(({ id }) => tags.user(id))],
      ttl: '60s',
    }),
    roomChat: cache.define('room:chat', {
      key: (roomId: string, page: number | 'newest') => [roomId, page],
      load: (roomId: string, page: number | 'newest') => chatPageOf(db, roomId, page),
      tags: ({ messages }, roomId) => [
        tags.room(roomId),
        ...new Set(messages.map(({ author }) => tags.user(author.id))),
      ],
      ttl: '1800s',
    }),
    /** Ids, newest first. */
    roomAssets: cache.define('room:assets', {
      key: (roomId: string) => roomId,
      load: (roomId) => roomAssetIds(db, roomId),
      tags: (_ids, roomId) => [tags.room(roomId)],
      ttl: '1800s',
    }),
    popularRooms: cache.define('popular:rooms', { key: () => '', load: () => popularRoomIds(db), ttl: '300s' }),
  }
}

function defineLibrary(cache: Cache, db: Database) {
  return {
    /** For whoever asks: who may see it is judged at each reading. */
    assetMetadata: cache.define('asset:meta', {
      key: (assetId: string) => assetId,
      loadMany: (assetIds: readonly string[]) => assetsOf(db, assetIds),
      tags: (asset) => (asset?.roomId ? [tags.room(asset.roomId)] : []),
      ttl: '3600s',
    }),
    /** Several assets that are asked for together, in order. */
    batchAssets: cache.define('batch:assets', {
      key: (assetIds: readonly string[]) => digest(assetIds),
      load: (assetIds: readonly string[]) => assetsOf(db, assetIds),
      tags: (assets, assetIds) => [
        ...assetIds.map(tags.asset),
        ...new Set(assets.flatMap((asset) => (asset?.roomId ? [tags.room(asset.roomId)] : []))),
      ],
      ttl: '3600s',
    }),
    recentAssets: cache.define('recent:assets', { key: () => '', load: () => recentAssetIds(db), ttl: '300s' }),
    gameSystem: cache.define('system:template', {
      key: (systemId: string) => systemId,
      loadMany: (systemIds) => systemsOf(db, systemIds),
      ttl: '7200s',
    }),
    systemAssets: cache.define('system:assets', {
      key: (systemId: string) => systemId,
      load: (systemId) => systemAssetIds(db, systemId),
      ttl: '7200s',
    }),
    systemConfig: cache.define('system:config', {
      key: (name: string) => name,
      load: (name) => configOf(db, name),
      ttl: '86400s',
    }),
  }
}

function defineQueries(cache: Cache, db: Database) {
  const queryResult = cache.define('query', {
    key: (question: Question) => digest(question),
    loadMany: (questions: readonly Question[]) => answer(db, questions),
    tags: tagsOfAnswer,
    ttl: '600s',
  })
  return {
    queryResult,
    /** `queryResult`, typed by the question. */
    ask: <Q extends Question>(question: Q) => queryResult.get(question) as Promise<Answers[Q['ask']]>,
    searchResults: cache.define('search', {
      key: (text: string) => digest(text),
      load: (text) => searchIds(db, text),
      tags: () => [tags.searches],
      ttl: '300s',
    }),
    leaderboard: cache.define('leaderboard', {
      key: (type: LeaderboardType, period: Period) => [type, period],
      load: (type: LeaderboardType, period: Period) => leaderboardOf(db, type, period),
      tags: (rows) => rows.map(({ user }) => tags.user(user.id)),
      ttl: '900s',
    }),
  }
}
