import {
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core'
import type { Roll } from '../protocol.js'

/**
 * The tables of TableForge. Ids are random text; `version` columns grow by one in the transaction that changes the row.
 */

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' }).notNull()
const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

export const roles = pgEnum('role', ['gm', 'player', 'spectator'])
export const visibilities = pgEnum('visibility', ['public', 'private'])
export const piles = pgEnum('pile', ['draw', 'discard', 'hand'])
export const assetKinds = pgEnum('asset_kind', ['token', 'map', 'handout', 'sound'])
export const assetAccesses = pgEnum('asset_access', ['public', 'room', 'private'])
export const notificationKinds = pgEnum('notification_kind', ['whisper', 'role', 'added', 'score'])

export const users = pgTable('users', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  /** The name in lower case: names differ by more than case. */
  nameKey: text('name_key').notNull().unique(),
  color: text('color').notNull(),
  bio: text('bio').notNull().default(''),
  createdAt: at('created_at'),
})

export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: at('created_at'),
    expiresAt: at('expires_at'),
  },
  (table) => [index('sessions_user').on(table.userId)],
)

export const gameSystems = pgTable('game_systems', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  description: text('description').notNull(),
  defaultDice: text('default_dice').notNull(),
  attributes: jsonb('attributes').$type<string[]>().notNull(),
  maintainerId: text('maintainer_id').references(() => users.id, { onDelete: 'set null' }),
  updatedAt: at('updated_at'),
})

export const rooms = pgTable(
  'rooms',
  {
    id: text('id').primaryKey(),
    slug: text('slug').notNull().unique(),
    name: text('name').notNull(),
    systemId: text('system_id')
      .notNull()
      .references(() => gameSystems.id),
    visibility: visibilities('visibility').notNull(),
    boardWidth: integer('board_width').notNull(),
    boardHeight: integer('board_height').notNull(),
    boardBackground: text('board_background').notNull(),
    /** Of the state that every member sees. */
    version: integer('version').notNull().default(1),
    /** Number of the newest chat message. */
    chatSeq: integer('chat_seq').notNull().default(0),
    createdAt: at('created_at'),
  },
  (table) => [index('rooms_created').on(table.createdAt)],
)

export const memberships = pgTable(
  'memberships',
  {
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: roles('role').notNull(),
    score: integer('score').notNull().default(0),
    joinedAt: at('joined_at'),
  },
  (table) => [primaryKey({ columns: [table.roomId, table.userId] }), index('memberships_user').on(table.userId)],
)

export const tokens = pgTable(
  'tokens',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    x: doublePrecision('x').notNull(),
    y: doublePrecision('y').notNull(),
    size: integer('size').notNull(),
    color: text('color').notNull(),
    imageUrl: text('image_url'),
    ownerId: text('owner_id').references(() => users.id, { onDelete: 'set null' }),
    flipped: boolean('flipped').notNull().default(false),
    hidden: boolean('hidden').notNull().default(false),
    version: integer('version').notNull().default(1),
    updatedAt: at('updated_at'),
  },
  (table) => [index('tokens_room').on(table.roomId)],
)

export const messages = pgTable(
  'messages',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    seq: integer('seq').notNull(),
    authorId: text('author_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    text: text('text').notNull(),
    roll: jsonb('roll').$type<Roll>(),
    at: at('at'),
  },
  (table) => [unique('messages_room_seq').on(table.roomId, table.seq), index('messages_at').on(table.at)],
)

export const whispers = pgTable(
  'whispers',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    fromId: text('from_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    toId: text('to_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    text: text('text').notNull(),
    at: at('at'),
  },
  (table) => [index('whispers_room_at').on(table.roomId, table.at)],
)

export const decks = pgTable(
  'decks',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
  },
  (table) => [index('decks_room').on(table.roomId)],
)

/** The uppermost card of a pile has its highest position. A card in hand has a holder, the others have none. */
export const cards = pgTable(
  'cards',
  {
    id: text('id').primaryKey(),
    deckId: text('deck_id')
      .notNull()
      .references(() => decks.id, { onDelete: 'cascade' }),
    face: text('face').notNull(),
    pile: piles('pile').notNull(),
    position: integer('position').notNull(),
    holderId: text('holder_id').references(() => users.id, { onDelete: 'cascade' }),
  },
  (table) => [index('cards_deck').on(table.deckId), index('cards_holder').on(table.holderId)],
)

export const assets = pgTable(
  'assets',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id').references(() => rooms.id, { onDelete: 'cascade' }),
    systemId: text('system_id').references(() => gameSystems.id, { onDelete: 'cascade' }),
    ownerId: text('owner_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    kind: assetKinds('kind').notNull(),
    access: assetAccesses('access').notNull(),
    contentType: text('content_type').notNull(),
    bytes: integer('bytes').notNull(),
    fingerprint: text('fingerprint').notNull(),
    content: bytea('content').notNull(),
    createdAt: at('created_at'),
  },
  (table) => [
    index('assets_room').on(table.roomId),
    index('assets_system').on(table.systemId),
    index('assets_created').on(table.createdAt),
  ],
)

export const awards = pgTable(
  'awards',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    points: integer('points').notNull(),
    at: at('at'),
  },
  (table) => [index('awards_at').on(table.at)],
)

export const notifications = pgTable(
  'notifications',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: notificationKinds('kind').notNull(),
    text: text('text').notNull(),
    roomId: text('room_id').references(() => rooms.id, { onDelete: 'cascade' }),
    read: boolean('read').notNull().default(false),
    at: at('at'),
  },
  (table) => [index('notifications_user_at').on(table.userId, table.at)],
)

/** What the server knows about itself: its public configuration, and the identity of this database. */
export const settings = pgTable('settings', {
  key: text('key').primaryKey(),
  value: jsonb('value').notNull(),
})
