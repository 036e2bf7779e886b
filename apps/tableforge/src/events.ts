import type { Asset, ChatMessage, Notification, RoomPatch, SecretChange, Whisper } from './protocol.js'

/** A change of the table that everybody sees: the patch leads to the version that the database now has. */
export interface BoardChanged {
  readonly patch: RoomPatch
}

/**
 * Everything that happens in TableForge, raised after the commit that made it so. Who raises an event neither knows
 * what is cached nor who listens: `cache/rules.ts` says what it invalidates, `live/broadcast.ts` who hears of it.
 */
export interface DomainEvents {
  'session.started': { readonly userId: string }
  /** Signed out, or replaced by a refreshed one. */
  'session.ended': { readonly userId: string; readonly sessionId: string; readonly reason: 'signed-out' | 'refreshed' }
  'user.profile-changed': { readonly userId: string; readonly roomIds: readonly string[] }
  'user.notified': { readonly userId: string; readonly kind: Notification['kind'] }
  'user.notifications-read': { readonly userId: string }

  'room.created': { readonly roomId: string; readonly slug: string; readonly userId: string }
  'room.renamed': BoardChanged & { readonly oldSlug: string; readonly slug: string }
  'room.deleted': { readonly roomId: string; readonly slug: string; readonly memberIds: readonly string[] }

  'member.joined': { readonly roomId: string; readonly userId: string }
  'member.left': { readonly roomId: string; readonly userId: string }
  'member.role-changed': { readonly roomId: string; readonly userId: string }
  'score.changed': { readonly roomId: string; readonly userId: string }

  'token.added': BoardChanged
  'token.moved': BoardChanged
  'token.flipped': BoardChanged
  'token.removed': BoardChanged
  /** A token that only game masters see; nothing of it is cached. */
  'token.secret-changed': SecretChange

  /** `handsOf`: whose hands are not what they were. */
  'deck.changed': BoardChanged & { readonly handsOf: readonly string[] }

  'chat.posted': { readonly message: ChatMessage; readonly page: number }
  'dice.rolled': { readonly message: ChatMessage; readonly page: number }
  'whisper.sent': { readonly whisper: Whisper }

  'asset.uploaded': { readonly asset: Asset }
  'asset.deleted': { readonly asset: Asset }

  'system.created': { readonly systemId: string }
  'system.changed': { readonly systemId: string }
}

export type DomainEventName = keyof DomainEvents

/** Tells whoever must know. Resolves when every cache tier has heard, so that the answer to the actor is truthful. */
export type Raise = <E extends DomainEventName>(
  name: E,
  event: DomainEvents[E],
  details?: { readonly actor?: string },
) => Promise<void>
