import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { assets } from '../database/schema.js'
import { newId } from '../identifiers.js'
import { type Asset, LIMITS, type RouteQuery, UPLOAD_TYPES } from '../protocol.js'
import { assetContent, assetOf } from '../queries/library.js'
import { maySee, requireMember, requirePlayer, roleIn } from './access.js'
import type { Actor, Domain } from './domain.js'
import { badRequest, conflict, forbidden, notFound, Refusal } from './refusal.js'

const ROOM_ASSETS = 200

export async function uploadAsset(
  domain: Domain,
  actor: Actor,
  upload: { roomId: string; contentType: string; content: Uint8Array } & RouteQuery<'assets.upload'>,
): Promise<Asset> {
  const { roomId, contentType, content, name, kind, access } = upload
  await requirePlayer(domain, actor.user.id, roomId)
  if (!(UPLOAD_TYPES as readonly string[]).includes(contentType)) {
    throw badRequest(
      `Content-Type: expected one of ${UPLOAD_TYPES.join(', ')}, got ${contentType.slice(0, 40) || 'none'}.`,
    )
  }
  if (content.byteLength === 0) throw badRequest('The file is empty.')
  if (content.byteLength > LIMITS.uploadBytes) {
    throw new Refusal('too-large', `A file has at most ${LIMITS.uploadBytes} bytes, this one ${content.byteLength}.`)
  }
  const asset = await domain.db.transaction(async (tx) => {
    const known = await tx.$count(assets, eq(assets.roomId, roomId))
    if (known >= ROOM_ASSETS) throw conflict(`A room holds at most ${ROOM_ASSETS} files. Delete one first.`)
    const row = {
      id: newId(),
      roomId,
      systemId: null,
      ownerId: actor.user.id,
      name,
      kind,
      access,
      contentType,
      bytes: content.byteLength,
      fingerprint: createHash('sha256').update(content).digest('hex'),
      createdAt: new Date(),
    }
    await tx.insert(assets).values({ ...row, content })
    return assetOf(row)
  })
  await domain.raise('asset.uploaded', { asset }, { actor: actor.user.id })
  return asset
}

/** Its owner, and the game masters of its room. */
export async function deleteAsset(domain: Domain, actor: Actor, assetId: string): Promise<void> {
  const asset = await getAsset(domain, actor.user.id, assetId)
  const own = asset.ownerId === actor.user.id
  if (!own && (asset.roomId === null || (await roleIn(domain, actor.user.id, asset.roomId)) !== 'gm')) {
    throw forbidden('Only its owner and game masters of its room delete a file.')
  }
  await domain.db.delete(assets).where(eq(assets.id, assetId))
  await domain.raise('asset.deleted', { asset }, { actor: actor.user.id })
}

/** What one may not see does not exist. */
export async function getAsset(domain: Domain, userId: string, assetId: string): Promise<Asset> {
  const asset = await domain.cached.assetMetadata.get(assetId)
  if (asset === null || !(await maySee(domain, userId, asset))) throw notFound('file')
  return asset
}

export async function batch(domain: Domain, userId: string, assetIds: readonly string[]): Promise<Asset[]> {
  return visible(domain, userId, await domain.cached.batchAssets.get(assetIds))
}

export async function roomAssets(domain: Domain, userId: string, roomId: string): Promise<Asset[]> {
  await requireMember(domain, userId, roomId)
  return byIds(domain, userId, await domain.cached.roomAssets.get(roomId))
}

export async function systemAssets(domain: Domain, userId: string, systemId: string): Promise<Asset[]> {
  return byIds(domain, userId, await domain.cached.systemAssets.get(systemId))
}

export async function recentAssets(domain: Domain, userId: string): Promise<Asset[]> {
  return byIds(domain, userId, await domain.cached.recentAssets.get())
}

/** Those that exist and may be seen, in order. */
export async function byIds(domain: Domain, userId: string, assetIds: readonly string[]): Promise<Asset[]> {
  return visible(domain, userId, await domain.cached.assetMetadata.getMany(assetIds))
}

async function visible(domain: Domain, userId: string, found: readonly (Asset | null)[]): Promise<Asset[]> {
  const seen = await Promise.all(found.map((asset) => asset !== null && maySee(domain, userId, asset)))
  return found.filter((asset, index): asset is Asset => asset !== null && seen[index] === true)
}

/** The bytes of a file that its address names; `undefined` when the fingerprint is of another content. */
export async function publicContent(domain: Domain, assetId: string, fingerprint: string) {
  const asset = await domain.cached.assetMetadata.get(assetId)
  if (asset === null || asset.access !== 'public' || asset.fingerprint.slice(0, 16) !== fingerprint)
    throw notFound('file')
  return withContent(domain, asset)
}

export async function guardedContent(domain: Domain, userId: string, assetId: string) {
  return withContent(domain, await getAsset(domain, userId, assetId))
}

async function withContent(domain: Domain, asset: Asset): Promise<{ asset: Asset; content: Uint8Array }> {
  const content = await assetContent(domain.db, asset.id)
  if (content === undefined) throw notFound('file')
  return { asset, content }
}
