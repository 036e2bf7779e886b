import { CacheError, type Logger } from '@tableforge/cache'
import { type Context, Hono } from 'hono'
import type { Gate, Visitor } from './access/gate.js'
import type { LiveStreams } from './live-streams.js'
import type { ConsoleCache } from './options.js'
import { BadQuery, countParameter, keyParameter, readQuery } from './query.js'
import { KEPT_INVALIDATIONS, KEPT_NOTICES, KEPT_SAMPLES, type Recorder } from './recording/recorder.js'
import type { SessionInfo, WireError } from './wire.js'

/** What the guard in front of the API leaves for it. */
export interface ConsoleEnvironment {
  Variables: { visitor: Visitor }
}

export interface ApiContext {
  readonly cache: ConsoleCache
  readonly recorder: Recorder
  readonly streams: LiveStreams
  readonly gate: Gate
  readonly logger: Logger | undefined
}

/** The JSON API below `<basePath>/api`. Every failure has the body {@link WireError}. */
export function consoleApi({ cache, recorder, streams, gate, logger }: ApiContext): Hono<ConsoleEnvironment> {
  const api = new Hono<ConsoleEnvironment>()

  api.use(async (context, next) => {
    await next()
    context.header('Cache-Control', 'no-store')
  })

  api.get('/session', (context) => {
    readQuery(context.req.url, [])
    const { visitor } = context.var
    const session: SessionInfo = {
      name: visitor.name,
      via: visitor.via,
      csrf: gate.csrf(visitor),
      namespace: cache.namespace,
      node: cache.node,
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

function failureOf(error: unknown, logger: Logger | undefined): Response {
  if (error instanceof BadQuery) return failure(400, 'bad-query', error.message)
  if (error instanceof CacheError) {
    if (error.code === 'invalid-key' || error.code === 'invalid-argument')
      return failure(400, error.code, error.message)
    if (error.code.startsWith('remote-')) return failure(502, error.code, error.message)
    if (error.code === 'closed') return failure(503, 'closed', 'The cache has been closed')
  }
  logger?.error({ error }, 'a call to the console failed')
  return failure(500, 'internal', 'The console failed to answer; its log says why')
}

/** An answer that is not a success. */
export function failure(status: number, code: string, message: string, headers: Record<string, string> = {}): Response {
  const body: WireError = { error: { code, message } }
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store', ...headers } })
}
