import { eq } from 'drizzle-orm'
import { gameSystems } from '../database/schema.js'
import { newId } from '../identifiers.js'
import type { GameSystem, RouteBody, SearchResults } from '../protocol.js'
import { byIds } from './assets.js'
import { rollDice } from './dice.js'
import type { Actor, Domain } from './domain.js'
import { conflict, forbidden, notFound } from './refusal.js'
import { summaries } from './rooms.js'

export async function listSystems({ cached }: Domain): Promise<GameSystem[]> {
  return existing(await cached.gameSystem.getMany(await cached.ask({ ask: 'systems' })))
}

export async function getSystem({ cached }: Domain, systemId: string): Promise<GameSystem> {
  const system = await cached.gameSystem.get(systemId)
  if (system === null) throw notFound('game system')
  return system
}

export async function createSystem(
  domain: Domain,
  actor: Actor,
  wanted: RouteBody<'systems.create'>,
): Promise<GameSystem> {
  rollDice(wanted.defaultDice)
  const [row] = await domain.db
    .insert(gameSystems)
    .values({ ...wanted, id: newId(), maintainerId: actor.user.id, updatedAt: new Date() })
    .onConflictDoNothing({ target: gameSystems.name })
    .returning({ id: gameSystems.id })
  if (row === undefined) throw conflict(`There is a game system named ${wanted.name} already.`)
  await domain.raise('system.created', { systemId: row.id }, { actor: actor.user.id })
  return getSystem(domain, row.id)
}

export async function updateSystem(
  domain: Domain,
  actor: Actor,
  systemId: string,
  { description, defaultDice, attributes }: RouteBody<'systems.update'>,
): Promise<GameSystem> {
  const system = await getSystem(domain, systemId)
  if (system.maintainerId !== actor.user.id) throw forbidden(`Only the maintainer of ${system.name} changes it.`)
  if (defaultDice !== undefined) rollDice(defaultDice)
  await domain.db
    .update(gameSystems)
    .set({
      updatedAt: new Date(),
      ...(description === undefined ? {} : { description }),
      ...(defaultDice === undefined ? {} : { defaultDice }),
      ...(attributes === undefined ? {} : { attributes }),
    })
    .where(eq(gameSystems.id, systemId))
  await domain.raise('system.changed', { systemId }, { actor: actor.user.id })
  return getSystem(domain, systemId)
}

/** Among what everybody may find: public rooms, game systems, public files. */
export async function search(domain: Domain, actor: Actor, text: string): Promise<SearchResults> {
  const found = await domain.cached.searchResults.get(text.normalize('NFKC').toLowerCase())
  const systems = existing(await domain.cached.gameSystem.getMany(found.systems))
  return {
    rooms: await summaries(domain, found.rooms),
    systems: systems.map(({ id, name, description }) => ({ id, name, description })),
    assets: await byIds(domain, actor.user.id, found.assets),
  }
}

function existing<T>(items: readonly (T | null)[]): T[] {
  return items.filter((item): item is T => item !== null)
}
