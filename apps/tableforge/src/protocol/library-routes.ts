import { z } from 'zod'
import { fields, LIMITS } from './fields.js'
import { Asset, AssetAccess, AssetKind, GameSystem, PublicConfig, SearchResults } from './library.js'
import { route } from './route.js'

const { id, line } = fields
const inRoom = z.object({ roomId: id })

/** Files, game systems, search, and the server's public configuration. */
export const libraryRoutes = {
  config: route('GET', '/api/config', { response: PublicConfig }),

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

  search: route('GET', '/api/search', {
    query: z.object({ q: line(60) }),
    response: SearchResults,
  }),
} as const
