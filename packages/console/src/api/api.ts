import { type Context, Hono } from 'hono'
import type { Gate } from '../access/gate.js'
import type { LiveStreams } from '../live-streams.js'
import type { ConsoleCache } from '../options.js'
import { KEPT_INVALIDATIONS, KEPT_NOTICES, KEPT_SAMPLES, type Recorder } from '../recording/recorder.js'
import type { SessionInfo, WireDefinition } from '../wire.js'
import { actionRoutes } from './action-routes.js'
import type { ApiContext, ConsoleEnvironment } from './context.js'
import { failure, failureOf } from './failure.js'
import { countParameter, keyParameter, readQuery } from './query.js'
import { watchRoutes } from './watch-routes.js'

/** The JSON API below `<basePath>/api`. Every failure has the body of `WireError`. */
export function consoleApi(parts: ApiContext): Hono<ConsoleEnvironment> {
  const { logger } = parts
  const api = new Hono<ConsoleEnvironment>()

  api.use(async (context, next) => {
    await next()
    context.header('Cache-Control', 'no-store')
  })
  figureRoutes(api, parts)
  watchRoutes(api, parts)
  actionRoutes(api, parts)

  api.all('*', (context) =>
    context.req.method === 'GET' || context.req.method === 'HEAD'
      ? failure(404, 'not-found', `There is no ${context.req.path}`)
      : failure(405, 'method-not-allowed', `${context.req.path} does not answer to ${context.req.method}`, {
          Allow: 'GET, HEAD',
        }),
  )
  api.onError((error) => failureOf(error, logger))
  return api
}

/** What this process knows of itself. */
function figureRoutes(api: Hono<ConsoleEnvironment>, { cache, recorder, streams, gate }: ApiContext): void {
  api.get('/session', (context) => {
    readQuery(context.req.url, [])
    const { visitor } = context.var
    const session: SessionInfo = {
      name: visitor.name,
      role: visitor.role,
      via: visitor.via,
      csrf: gate.csrf(visitor),
      namespace: cache.namespace,
      node: cache.node,
      watched: cache.watch?.enabled === true,
    }
    return context.json(session)
  })
  api.get('/stats', (context) => {
    readQuery(context.req.url, [])
    return context.json(cache.stats())
  })
  api.get('/health', async (context) => {
    readQuery(context.req.url, [])
    return context.json(await recorder.health())
  })
  api.get('/definitions', (context) => {
    readQuery(context.req.url, [])
    return context.json({ definitions: definitionsOf(cache) })
  })
  api.get('/history', (context) => {
    const { samples } = readQuery(context.req.url, ['samples'])
    return context.json(recorder.history.columns(countParameter('samples', samples, KEPT_SAMPLES)))
  })
  api.get('/invalidations', (context) => {
    const { limit } = readQuery(context.req.url, ['limit'])
    return context.json({ invalidations: recorder.trail.last(countParameter('limit', limit, KEPT_INVALIDATIONS)) })
  })
  api.get('/notices', (context) => {
    const { limit } = readQuery(context.req.url, ['limit'])
    return context.json({ notices: recorder.notices.last(countParameter('limit', limit, KEPT_NOTICES)) })
  })
  api.get('/inspect', async (context) => {
    const key = keyParameter(readQuery(context.req.url, ['key']).key)
    return context.json(await cache.inspect(key))
  })
  api.get('/live', (context) => live(context, recorder, streams, gate))
}

function definitionsOf(cache: ConsoleCache): WireDefinition[] {
  return [...cache.definitions.values()].map(({ name, options }) => ({
    name,
    ttl: options.ttl,
    grace: options.grace,
    negativeTtl: options.negativeTtl ?? null,
    refreshAhead: options.refreshAhead ?? null,
    softTimeout: options.softTimeout,
    hardTimeout: options.hardTimeout,
    maxStaleness: options.maxStaleness,
    jitter: options.jitter,
    freshness: options.freshness,
    onPartition: options.onPartition,
  }))
}

/** `no-transform` and `X-Accel-Buffering` keep proxies from holding messages back to compress them. */
const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
}

function live(context: Context<ConsoleEnvironment>, recorder: Recorder, streams: LiveStreams, gate: Gate): Response {
  const { after } = readQuery(context.req.url, ['after'])
  const cursor = context.req.header('last-event-id') ?? after
  const update = cursor === undefined ? undefined : recorder.since(cursor)
  const first = update ?? recorder.snapshot()
  const { visitor } = context.var
  // A HEAD request has nobody to read, or to leave, the stream.
  if (context.req.method === 'HEAD') return new Response(null, { headers: STREAM_HEADERS })
  const stream = streams.open(update === undefined ? 'snapshot' : 'update', first.cursor, first, () =>
    gate.mayStay(visitor),
  )
  if (stream === undefined) {
    return failure(503, 'too-many-streams', `All ${streams.limit} live streams are in use`, { 'Retry-After': '10' })
  }
  return new Response(stream, { headers: STREAM_HEADERS })
}
