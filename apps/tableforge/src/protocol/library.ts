import { z } from 'zod'
import { fields } from './fields.js'
import { RoomSummary } from './people.js'

const { id, time } = fields

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

export const SearchResults = z.object({
  rooms: z.array(RoomSummary),
  systems: z.array(z.object({ id, name: z.string(), description: z.string() })),
  assets: z.array(Asset),
})
export type SearchResults = z.infer<typeof SearchResults>

/** Public configuration of the server. */
export const PublicConfig = z.object({
  title: z.string(),
  notice: z.string(),
  chatPageSize: z.number(),
  uploadBytes: z.number(),
  maxDice: z.number(),
})
export type PublicConfig = z.infer<typeof PublicConfig>
