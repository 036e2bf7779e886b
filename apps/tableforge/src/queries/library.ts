import { and, asc, desc, eq, getTableColumns, ilike, inArray, or, type SQL } from 'drizzle-orm'
import type { Database } from '../database/database.js'
import { assets, gameSystems, rooms, settings } from '../database/schema.js'
import { type Asset, type GameSystem, LIMITS, PublicConfig } from '../protocol.js'

const { content: _content, ...metadata } = getTableColumns(assets)

/** Metadata in input order, without the content; `null` for assets that do not exist. */
export async function assetsOf(db: Database, ids: readonly string[]): Promise<(Asset | null)[]> {
  const rows = await db
    .select(metadata)
    .from(assets)
    .where(inArray(assets.id, [...ids]))
  const found = new Map(rows.map((row) => [row.id, assetOf(row)]))
  return ids.map((id) => found.get(id) ?? null)
}

/** Public content has an address that changes with it, so that it may be kept for ever. */
export function assetOf(row: Omit<typeof assets.$inferSelect, 'content'>): Asset {
  const { id, access, fingerprint, createdAt, ...rest } = row
  const url = access === 'public' ? `/files/${id}/${fingerprint.slice(0, 16)}` : `/api/assets/${id}/content`
  return { ...rest, id, access, fingerprint, url, createdAt: createdAt.getTime() }
}

export async function assetContent(db: Database, id: string): Promise<Uint8Array | undefined> {
  const [row] = await db.select({ content: assets.content }).from(assets).where(eq(assets.id, id))
  return row?.content
}

async function idsOf(db: Database, where: SQL | undefined, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: assets.id })
    .from(assets)
    .where(where)
    .orderBy(desc(assets.createdAt), asc(assets.id))
    .limit(limit)
  return rows.map(({ id }) => id)
}

/** Newest first, whoever may see them. */
export const roomAssetIds = (db: Database, roomId: string) => idsOf(db, eq(assets.roomId, roomId), 200)
export const systemAssetIds = (db: Database, systemId: string) => idsOf(db, eq(assets.systemId, systemId), 200)
export const recentAssetIds = (db: Database) => idsOf(db, eq(assets.access, 'public'), 12)

/** In input order; `null` for systems that do not exist. */
export async function systemsOf(db: Database, ids: readonly string[]): Promise<(GameSystem | null)[]> {
  const rows = await db
    .select()
    .from(gameSystems)
    .where(inArray(gameSystems.id, [...ids]))
  const found = new Map(rows.map((row) => [row.id, { ...row, updatedAt: row.updatedAt.getTime() }]))
  return ids.map((id) => found.get(id) ?? null)
}

export async function systemIds(db: Database): Promise<string[]> {
  const rows = await db.select({ id: gameSystems.id }).from(gameSystems).orderBy(asc(gameSystems.name)).limit(200)
  return rows.map(({ id }) => id)
}

/** Ids of what everybody may find: public rooms, game systems, public assets. */
export interface FoundIds {
  readonly rooms: string[]
  readonly systems: string[]
  readonly assets: string[]
}

/** Case does not matter; each kind by name, at most ten. */
export async function searchIds(db: Database, text: string): Promise<FoundIds> {
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const found = (rows: { id: string }[]) => rows.map(({ id }) => id)
  return {
    rooms: found(
      await db
        .select({ id: rooms.id })
        .from(rooms)
        .where(and(eq(rooms.visibility, 'public'), ilike(rooms.name, like)))
        .orderBy(asc(rooms.name))
        .limit(10),
    ),
    systems: found(
      await db
        .select({ id: gameSystems.id })
        .from(gameSystems)
        .where(or(ilike(gameSystems.name, like), ilike(gameSystems.description, like)))
        .orderBy(asc(gameSystems.name))
        .limit(10),
    ),
    assets: found(
      await db
        .select({ id: assets.id })
        .from(assets)
        .where(and(eq(assets.access, 'public'), ilike(assets.name, like)))
        .orderBy(asc(assets.name))
        .limit(10),
    ),
  }
}

/** What the database says of the server's public configuration, and the limits that are built in. */
export async function configOf(db: Database, key: string): Promise<PublicConfig | null> {
  const [row] = await db.select().from(settings).where(eq(settings.key, key))
  if (row === undefined) return null
  return PublicConfig.parse({
    ...(row.value as object),
    chatPageSize: LIMITS.chatPageSize,
    uploadBytes: LIMITS.uploadBytes,
  })
}
