import type { HttpBindings } from '@hono/node-server'
import type { Cache } from '@tableforge/cache'
import { healthHandler, prometheusHandler } from '@tableforge/cache/observability'
import type { Console } from '@tableforge/cache-console'
import { type Context, Hono } from 'hono'
import { Refusal } from '../domain/refusal.js'
import { fileRoutes } from './files.js'
import type { Page } from './page.js'
import { apiRoutes, type RoutesOptions } from './routes.js'

export interface ServerRoutesOptions extends Omit<RoutesOptions, 'addressOf'> {
  readonly cache: Cache
  readonly console: Console
  readonly page: Page
}

/** Everything that this server answers: the interface, files, metrics, health, the console and the web page. */
export function serverRoutes(options: ServerRoutesOptions): Hono<{ Bindings: HttpBindings }> {
  const { cache, console, page } = options
  const app = new Hono<{ Bindings: HttpBindings }>()
  const metrics = prometheusHandler(cache)
  const health = healthHandler(cache)
  const parts = { ...options, addressOf }

  app.get('/healthz', (context) => health(context.req.raw))
  app.get('/metrics', (context) => metrics(context.req.raw))
  app.all('/console', (context) => console.fetch(context.req.raw, context.env))
  app.all('/console/*', (context) => console.fetch(context.req.raw, context.env))

  app.use(async (context, next) => {
    if (fromAnotherSite(context.req.raw)) {
      const refusal = new Refusal('forbidden', 'This request comes from another site.')
      return context.json(refusal.problem, 403)
    }
    await next()
    context.header('x-content-type-options', 'nosniff')
    context.header('referrer-policy', 'same-origin')
    context.header('x-frame-options', 'DENY')
  })
  app.route('/', apiRoutes(parts))
  app.route('/', fileRoutes(parts))
  app.notFound((context) => {
    const isPage = ['GET', 'HEAD'].includes(context.req.method) && !/^\/(api|files)\//.test(context.req.path)
    const answer = isPage ? page.answer(context.req.raw) : undefined
    return answer ?? context.json(new Refusal('not-found', 'There is nothing at this address.').problem, 404)
  })
  return app
}

/** A change that a page of another site asks this browser for. */
function fromAnotherSite(request: Request): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const site = request.headers.get('sec-fetch-site')
  return site === 'cross-site' || site === 'same-site'
}

function addressOf(context: Context): string {
  return (context.env as HttpBindings).incoming?.socket.remoteAddress ?? 'nowhere'
}
