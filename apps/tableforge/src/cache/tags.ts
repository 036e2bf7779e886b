/**
 * The tags that entries carry besides the name of their definition. `#` keeps them apart from those names. A tag is
 * invalidated in one step, however many entries carry it.
 */
export const tags = {
  /** Everything of a room: gone with it. */
  room: (roomId: string) => `room#${roomId}`,
  /** Queries about a room that depend on who is in it, and on its name. */
  roomMembers: (roomId: string) => `room#${roomId}#members`,
  /** Queries about a room that depend on what lies on its table. */
  roomBoard: (roomId: string) => `room#${roomId}#board`,
  /** Whatever shows a user's name or colour. */
  user: (userId: string) => `user#${userId}`,
  /** Batches that hold an asset. */
  asset: (assetId: string) => `asset#${assetId}`,
  /** Queries that show a game system. */
  system: (systemId: string) => `system#${systemId}`,
  /** A room's address, also of a room that does not exist. */
  alias: (slug: string) => `alias#${slug}`,
  roomLists: 'lists#rooms',
  systemLists: 'lists#systems',
  /** Search results that hold, or could hold, something of a kind. */
  searches: 'searches',
} as const
