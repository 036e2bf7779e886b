/**
 * What a server knows of the connection, as the common ones pass it beside the request: `{ address }`, Hono on Node
 * (`incoming`), Deno (`remoteAddr`), Bun (its server, with `requestIP`).
 */
export interface ConnectionInfo {
  readonly address?: string | undefined
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } }
  readonly remoteAddr?: { readonly hostname?: string }
  requestIP?(request: Request): { readonly address: string } | null
}

/**
 * The address at the other end of the connection, never taken from a header; `undefined` when the server does not tell.
 */
export function peerAddress(request: Request, info: unknown): string | undefined {
  if (typeof info !== 'object' || info === null) return undefined
  const known = info as ConnectionInfo
  const address =
    known.address ??
    known.incoming?.socket?.remoteAddress ??
    known.remoteAddr?.hostname ??
    known.requestIP?.(request)?.address
  return typeof address === 'string' ? address : undefined
}
