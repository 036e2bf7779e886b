import { entries, entry, nothing, patch, type Rules, type Target, tag, whole } from '@tableforge/cache/invalidation'
import type { DomainEvents } from '../events.js'
import type { Asset, RoomPatch, RoomState } from '../protocol.js'
import { applyPatch } from '../room-state.js'
import type { Definitions } from './definitions.js'
import { tags } from './tags.js'

/** What each event makes untrue: the only place that knows which entries depend on what. */
export function createRules(cached: Definitions): Rules<DomainEvents> {
  const board = (change: RoomPatch) => [patchedState(cached, change), tag(tags.roomBoard(change.roomId))]
  const membership = ({ roomId, userId }: { roomId: string; userId: string }) => [
    entry(cached.roomPlayers, roomId),
    entry(cached.userRooms, userId),
    entry(cached.userPermissions, userId, roomId),
    entry(cached.userProfile, userId),
    tag(tags.roomMembers(roomId)),
  ]
  const newestPage = ({ message, page }: DomainEvents['chat.posted']) => [
    entry(cached.roomChat, message.roomId, 'newest'),
    entry(cached.roomChat, message.roomId, page),
  ]
  const asset = ({ asset }: { asset: Asset }) => [
    entry(cached.assetMetadata, asset.id),
    tag(tags.asset(asset.id)),
    asset.roomId !== null && entry(cached.roomAssets, asset.roomId),
    asset.systemId !== null && entry(cached.systemAssets, asset.systemId),
    asset.access === 'public' && [entry(cached.recentAssets), tag(tags.searches)],
  ]

  return {
    'session.started': ({ userId }) => entry(cached.userSession, userId),
    'session.ended': ({ userId }) => entry(cached.userSession, userId),
    'user.profile-changed': ({ userId }) => [
      entry(cached.userProfile, userId),
      entry(cached.userSession, userId),
      // Players and chat of the user's rooms, and leaderboards, carry it.
      tag(tags.user(userId)),
    ],
    'user.notified': ({ userId }) => entry(cached.notification, userId),
    'user.notifications-read': ({ userId }) => entry(cached.notification, userId),

    'room.created': ({ slug, userId, roomId }) => [
      membership({ roomId, userId }),
      tag(tags.alias(slug)),
      tag(tags.roomLists),
      tag(tags.searches),
      entry(cached.popularRooms),
    ],
    'room.renamed': ({ patch: change, oldSlug, slug }) => [
      board(change),
      tag(tags.roomMembers(change.roomId)),
      tag(tags.alias(oldSlug)),
      tag(tags.alias(slug)),
      tag(tags.searches),
    ],
    'room.deleted': ({ roomId, slug, memberIds }) => [
      // State, players, chat, assets, permissions, members' lists of rooms.
      tag(tags.room(roomId)),
      entries(cached.userProfile, memberIds),
      entries(cached.notification, memberIds),
      tag(tags.alias(slug)),
      tag(tags.roomLists),
      tag(tags.searches),
      entry(cached.popularRooms),
      entry(cached.recentAssets),
      whole(cached.leaderboard),
    ],

    'member.joined': membership,
    'member.left': membership,
    'member.role-changed': membership,
    'score.changed': ({ roomId, userId }) => [
      entry(cached.roomPlayers, roomId),
      entry(cached.userProfile, userId),
      whole(cached.leaderboard),
    ],

    'token.added': ({ patch: change }) => board(change),
    'token.moved': ({ patch: change }) => board(change),
    'token.flipped': ({ patch: change }) => board(change),
    'token.removed': ({ patch: change }) => board(change),
    'token.secret-changed': nothing,

    // Piles, decks and the counts of hands lie in the room's state; hands themselves are never cached.
    'deck.changed': ({ patch: change }) => board(change),

    'chat.posted': newestPage,
    'dice.rolled': newestPage,
    // The target's notifications are raised as 'user.notified'; whispers are never cached.
    'whisper.sent': nothing,

    'asset.uploaded': asset,
    'asset.deleted': asset,

    'system.created': ({ systemId }) => [entry(cached.gameSystem, systemId), tag(tags.systemLists), tag(tags.searches)],
    'system.changed': ({ systemId }) => [
      entry(cached.gameSystem, systemId),
      entry(cached.systemAssets, systemId),
      tag(tags.system(systemId)),
      tag(tags.searches),
    ],
  }
}

/**
 * Brings the cached state from `version - 1` to `version`. A version names one state of the database, so it does not
 * matter which tier the older one comes from; any other version cannot be patched and the entry is invalidated.
 */
function patchedState({ roomState }: Definitions, change: RoomPatch): Target {
  return patch(entry(roomState, change.roomId), async () => {
    const before = roomState.peek(change.roomId)?.value ?? (await heldElsewhere(roomState, change.roomId))
    if (!before || before.version !== change.version - 1) return false
    return roomState.set(change.roomId, applyPatch(before, change))
  })
}

/** The state in the remote tier. An entry that is gone in between is loaded: its version is then too new to patch. */
async function heldElsewhere(roomState: Definitions['roomState'], roomId: string): Promise<RoomState | null> {
  return (await roomState.has(roomId)) ? roomState.get(roomId) : null
}
