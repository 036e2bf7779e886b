import { CacheError, type Logger } from '@tableforge/cache'
import { BadBody } from '../actions/parse.js'
import type { WireError } from '../wire.js'
import { BadQuery } from './query.js'

/** An answer that is not a success. */
export function failure(status: number, code: string, message: string, headers: Record<string, string> = {}): Response {
  const body: WireError = { error: { code, message } }
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store', ...headers } })
}

/** What went wrong, in the terms of HTTP. Only what the caller can act on is told; the rest is for the log. */
export function failureOf(error: unknown, logger: Logger | undefined): Response {
  if (error instanceof BadQuery) return failure(400, 'bad-query', error.message)
  if (error instanceof BadBody) return failure(400, 'bad-body', error.message)
  if (error instanceof CacheError) {
    if (['invalid-key', 'invalid-argument', 'invalid-option'].includes(error.code))
      return failure(400, error.code, error.message)
    if (error.code === 'not-watched') return failure(409, error.code, error.message)
    if (error.code.startsWith('remote-')) return failure(502, error.code, error.message)
    if (error.code === 'closed') return failure(503, 'closed', 'The cache has been closed')
  }
  logger?.error({ error }, 'a call to the console failed')
  return failure(500, 'internal', 'The console failed to answer; its log says why')
}
