import { Hono } from 'hono'
import { guardedContent, publicContent } from '../domain/assets.js'
import { Refusal } from '../domain/refusal.js'
import type { Asset } from '../protocol.js'
import { actorOf, fail, type RoutesOptions } from './routes.js'

/** Kept for ever, by anyone: the address changes with the content. */
export const IMMUTABLE = 'public, max-age=31536000, immutable'

/**
 * What players uploaded. Public files have an address with their fingerprint; all others are judged at each request.
 */
export function fileRoutes(options: RoutesOptions): Hono {
  const app = new Hono()
  app.get('/files/:assetId/:fingerprint', async (context) => {
    const { asset, content } = await publicContent(
      options.domain,
      context.req.param('assetId'),
      context.req.param('fingerprint'),
    )
    return file(asset, content, IMMUTABLE)
  })
  app.get('/api/assets/:assetId/content', async (context) => {
    const actor = await actorOf(context, options)
    if (actor === undefined) throw new Refusal('not-signed-in', 'Sign in first.')
    const { asset, content } = await guardedContent(options.domain, actor.user.id, context.req.param('assetId'))
    return file(asset, content, 'private, no-store')
  })
  app.onError((error, context) => fail(context, error, options.logger))
  return app
}

/** Uploads are never run: no sniffing of types, no scripts, no frames. */
function file(asset: Asset, content: Uint8Array, cacheControl: string): Response {
  return new Response(new Uint8Array(content), {
    headers: {
      'content-type': asset.contentType.startsWith('text/') ? `${asset.contentType}; charset=utf-8` : asset.contentType,
      'content-length': String(asset.bytes),
      'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(asset.name)}`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': cacheControl,
      etag: `"${asset.fingerprint.slice(0, 16)}"`,
    },
  })
}
