import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Actor, Domain } from '../domain/domain.js'
import type { RateLimits } from '../domain/rate-limits.js'
import { badRequest, Refusal } from '../domain/refusal.js'
import { authenticate, type SessionCookies } from '../domain/sessions.js'
import { type ErrorCode, LIMITS, type RouteName, routes, SESSION_COOKIE } from '../protocol.js'
import {
  LIMITED,
  type MemberHandlers,
  memberHandlers,
  type PublicHandlers,
  publicHandlers,
  type Requested,
} from './handlers.js'
import { describe } from './wrong-input.js'

const STATUS: Record<ErrorCode, ContentfulStatusCode> = {
  'bad-request': 400,
  'not-signed-in': 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'rate-limited': 429,
  internal: 500,
}
const JSON_BYTES = 16_384

export interface RoutesOptions {
  readonly domain: Domain
  readonly cookies: SessionCookies
  readonly limits: RateLimits
  readonly logger: Logger
  /** Whether cookies are for HTTPS only. */
  readonly secure: boolean
  /** The address at the other end of the connection. */
  readonly addressOf: (context: Context) => string
}

/**
 * Every route of the protocol: checks the input, knows who asks, spends the limit, calls the handler, answers in JSON.
 */
export function apiRoutes(options: RoutesOptions): Hono {
  const app = new Hono()
  const open = publicHandlers(options.domain)
  const members = memberHandlers(options.domain)
  for (const name of orderedNames()) {
    const { method, path } = routes[name]
    const upload = 'upload' in routes[name]
    const maxSize = upload ? LIMITS.uploadBytes : JSON_BYTES
    const onError = (context: Context) => {
      // What is still to come is not read, so the connection cannot be used for another request.
      context.header('connection', 'close')
      return refuse(context, new Refusal('too-large', `The body of this request has at most ${maxSize} bytes.`))
    }
    app.on(method, path, bodyLimit({ maxSize, onError }), (context) => answer(context, name, open, members, options))
  }
  app.onError((error, context) => fail(context, error, options.logger))
  return app
}

/** Paths without parameters first, so that `/api/rooms/mine` is not taken for a room. */
function orderedNames(): RouteName[] {
  const names = Object.keys(routes) as RouteName[]
  const parameters = (name: RouteName) => routes[name].path.split(':').length
  return names.sort((a, b) => parameters(a) - parameters(b))
}

async function answer(
  context: Context,
  name: RouteName,
  open: PublicHandlers,
  members: MemberHandlers,
  options: RoutesOptions,
): Promise<Response> {
  const actor = await actorOf(context, options)
  const limit = LIMITED[name]
  if (limit !== undefined) await options.limits.spend(actor?.user.id ?? `at ${options.addressOf(context)}`, limit)
  const request = await checked(context, name, options)
  // The maps are keyed by the names that the table of routes has; each handler gets what its own route was checked by.
  const handler = (open as Partial<Record<RouteName, UntypedHandler>>)[name]
  if (handler !== undefined) return json(context, await handler(request, actor))
  if (actor === undefined) throw new Refusal('not-signed-in', 'Sign in first.')
  return json(context, await (members as unknown as Record<RouteName, UntypedHandler>)[name](request, actor))
}

type UntypedHandler = (request: Requested<never>, actor: Actor | undefined) => Promise<unknown>

/** Answers are about the person who asks: nobody keeps them but their own page. */
function json(context: Context, body: unknown): Response {
  context.header('cache-control', 'private, no-store')
  return context.json(body as object)
}

export async function actorOf(
  context: Context,
  { domain, cookies }: Pick<RoutesOptions, 'domain' | 'cookies'>,
): Promise<Actor | undefined> {
  return authenticate(domain, cookies, getCookie(context, SESSION_COOKIE))
}

async function checked(context: Context, name: RouteName, options: RoutesOptions): Promise<Requested<never>> {
  const { params, query, body } = routes[name]
  const upload = 'upload' in routes[name]
  return {
    params: check('path', params, context.req.param()),
    query: check('query', query, context.req.query()),
    body: upload || context.req.method === 'GET' ? {} : check('body', body, await jsonBody(context)),
    file: {
      contentType: (context.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase(),
      content: upload ? new Uint8Array(await context.req.arrayBuffer()) : new Uint8Array(),
    },
    setSession: (actor: Actor | undefined) => writeCookie(context, actor, options),
  } as Requested<never>
}

function writeCookie(context: Context, actor: Actor | undefined, { cookies, secure }: RoutesOptions): void {
  const attributes = { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const
  if (actor === undefined) deleteCookie(context, SESSION_COOKIE, attributes)
  else {
    const expires = new Date(actor.sessionExpiresAt)
    setCookie(context, SESSION_COOKIE, cookies.write(actor.user.id, actor.sessionId), { ...attributes, expires })
  }
}

async function jsonBody(context: Context): Promise<unknown> {
  const text = await context.req.text()
  if (text === '') return {}
  // A form of a foreign site can send text, but not this type.
  if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) {
    throw badRequest('Content-Type: expected application/json.')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('body: expected JSON.')
  }
}

function check(where: string, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw badRequest(describe(where, result.error))
}

export function fail(context: Context, error: unknown, logger: Logger): Response {
  if (error instanceof Refusal) return refuse(context, error)
  logger.error({ err: error, method: context.req.method, path: context.req.routePath }, 'a request failed')
  return refuse(context, new Refusal('internal', 'Something went wrong on our side. Try again.'))
}

function refuse(context: Context, refusal: Refusal): Response {
  context.header('cache-control', 'no-store')
  if (refusal.retryAfterMs !== undefined) context.header('retry-after', String(Math.ceil(refusal.retryAfterMs / 1_000)))
  return context.json(refusal.problem, STATUS[refusal.code])
}
