import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, setCookie } from 'hono/cookie'
import type { Gate, Refusal } from './access/gate.js'
import { gateFor } from './access/gates.js'
import { type ConnectionInfo, peerAddress } from './access/peer-address.js'
import { isCrossOrigin } from './access/same-origin.js'
import { sameText } from './access/sessions.js'
import { Actions } from './actions/actions.js'
import { consoleApi } from './api/api.js'
import type { ConsoleEnvironment } from './api/context.js'
import { failure } from './api/failure.js'
import { entrancePage } from './entrance.js'
import { LiveStreams } from './live-streams.js'
import { type ConsoleOptions, type ResolvedConsoleOptions, resolveConsoleOptions } from './options.js'
import { PAGE_DIRECTORY, PageFiles } from './page-files.js'
import { Recorder } from './recording/recorder.js'
import { secured } from './security-headers.js'

/** A console: mount `fetch` in any fetch-style server below its base path. */
export interface Console {
  /** Answers requests below the base path. `info` tells of the connection, as the server passes it. Never rejects. */
  fetch(request: Request, info?: ConnectionInfo | object): Promise<Response>
  /** Ends the live streams and stops watching, and waits for what operators have begun; the cache stays open. */
  close(): Promise<void>
}

interface Parts extends ResolvedConsoleOptions {
  readonly gate: Gate
  readonly files: PageFiles
  readonly recorder: Recorder
  readonly actions: Actions
  readonly streams: LiveStreams
}

type Environment = ConsoleEnvironment & { Bindings: { info: unknown } }

/**
 * Throws a `CacheError` of code `invalid-option` when an option is not what it must be. Begins to watch the cache at
 * once.
 */
export function createConsole(options: ConsoleOptions): Console {
  const resolved = resolveConsoleOptions(options)
  const streams = new LiveStreams(resolved.maxStreams)
  const actions = new Actions(resolved)
  const recorder = new Recorder(resolved.cache, actions, resolved.clock, {
    update: (update) => streams.send('update', update.cursor, update),
    failed(error) {
      resolved.logger?.warn({ error }, 'the console could not take a sample')
      streams.beat()
    },
  })
  const app = routes({
    ...resolved,
    gate: gateFor(resolved.auth, { ...resolved, namespace: resolved.cache.namespace }),
    files: new PageFiles(PAGE_DIRECTORY, resolved.basePath),
    recorder,
    actions,
    streams,
  })

  let closed = false
  return {
    async fetch(request, info) {
      return secured(
        closed ? failure(503, 'closed', 'The console has been closed') : await app.fetch(request, { info }),
      )
    },
    async close() {
      closed = true
      recorder.close()
      streams.close()
      await actions.close()
    },
  }
}

function routes(parts: Parts): Hono<Environment> {
  const { basePath, gate, files } = parts
  const app = new Hono<Environment>()

  app.get(
    `${basePath}/assets/:name`,
    (context) => files.asset(context.req.param('name'), context.req.raw) ?? notFound(context),
  )
  app.post(`${basePath}/sign-in`, bodyLimit({ maxSize: 4_096, onError: tooLarge }), (context) => signIn(context, parts))

  app.use(`${basePath}/*`, async (context, next) => {
    const isApi = context.req.path.startsWith(`${basePath}/api/`)
    const refusal = await guard(context, gate, isApi)
    if (refusal === undefined) return next()
    return isApi
      ? failure(refusal.status, refusal.code, refusal.message, retryAfter(refusal))
      : entrancePage(files, basePath, gate.form, refusal)
  })
  app.route(`${basePath}/api`, consoleApi(parts))
  app.post(`${basePath}/sign-out`, (context) => signOut(context, parts))
  app.get(`${basePath}/sign-in`, (context) => context.redirect(homeOf(basePath), 303))
  for (const path of new Set([homeOf(basePath), `${basePath}/`])) app.get(path, () => consolePage(files))

  app.notFound(notFound)
  app.onError((error) => {
    parts.logger?.error({ error }, 'the console failed to answer')
    return failure(500, 'internal', 'The console failed to answer; its log says why')
  })
  return app
}

/** Lets a visitor in and remembers who it is, or says why not. */
async function guard(context: Context<Environment>, gate: Gate, isApi: boolean): Promise<Refusal | undefined> {
  const request = context.req.raw
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  if ((isApi || changes) && isCrossOrigin(request)) return CROSS_ORIGIN
  const decision = await gate.admit(request, peerAddress(request, context.env.info))
  if ('refusal' in decision) return decision.refusal
  const { visitor } = decision
  // Credentials in a header are never sent by accident; a cookie, or being at this machine, may be.
  if (
    changes &&
    visitor.via !== 'credentials' &&
    !sameText(context.req.header('x-csrf-token') ?? '', gate.csrf(visitor))
  )
    return NO_CSRF_TOKEN
  context.set('visitor', visitor)
  return undefined
}

const CROSS_ORIGIN: Refusal = {
  status: 403,
  code: 'cross-origin',
  message: 'Pages of other origins may not call the console.',
}
const NO_CSRF_TOKEN: Refusal = {
  status: 403,
  code: 'cross-origin',
  message: 'The header x-csrf-token is missing or not the one that api/session gives to this session.',
}

async function signIn(context: Context<Environment>, { gate, files, basePath, logger }: Parts): Promise<Response> {
  const request = context.req.raw
  const peer = peerAddress(request, context.env.info)
  if (gate.form === undefined) {
    const decision = await gate.admit(request, peer)
    return 'refusal' in decision
      ? entrancePage(files, basePath, undefined, decision.refusal)
      : context.redirect(homeOf(basePath), 303)
  }
  if (isCrossOrigin(request)) return entrancePage(files, basePath, gate.form, CROSS_ORIGIN)
  const body = await context.req.parseBody().catch(() => ({}))
  const fields = Object.fromEntries(
    Object.entries(body).filter((field): field is [string, string] => typeof field[1] === 'string'),
  )
  const answer = await gate.form.signIn(fields, peer)
  if ('refusal' in answer) {
    logger?.warn({ peer, code: answer.refusal.code }, 'a sign-in to the console was refused')
    return entrancePage(files, basePath, gate.form, answer.refusal)
  }
  setCookie(context, gate.form.cookieName, answer.cookie, {
    path: homeOf(basePath),
    httpOnly: true,
    sameSite: 'Strict',
    secure: isSecure(request),
    maxAge: Math.floor(gate.form.maxAgeMs / 1_000),
  })
  return context.redirect(homeOf(basePath), 303)
}

function signOut(context: Context<Environment>, { gate, basePath }: Parts): Response {
  const { session } = context.var.visitor
  if (gate.form !== undefined && session !== undefined) {
    gate.form.signOut(session)
    deleteCookie(context, gate.form.cookieName, { path: homeOf(basePath), secure: isSecure(context.req.raw) })
  }
  return context.body(null, 204)
}

/** The page's path, which is also the cookie's. */
function homeOf(basePath: string): string {
  return basePath === '' ? '/' : basePath
}

/** Believing the header of a proxy here can only make the cookie stricter. */
function isSecure(request: Request): boolean {
  return (
    new URL(request.url).protocol === 'https:' ||
    request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim() === 'https'
  )
}

function consolePage(files: PageFiles): Response {
  const html = files.document('index.html')
  if (html === undefined) {
    return failure(
      503,
      'page-not-built',
      'The page of the console has not been built: npm run build:page -w @tableforge/cache-console',
    )
  }
  return new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' } })
}

function retryAfter(refusal: Refusal): Record<string, string> {
  return refusal.retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(refusal.retryAfterMs / 1_000)) }
}

function tooLarge(): Response {
  return failure(413, 'too-large', 'A sign-in takes at most 4,096 bytes')
}

function notFound(context: Context): Response {
  return failure(404, 'not-found', `There is no ${context.req.path}`)
}
