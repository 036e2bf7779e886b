import { z } from 'zod'

export const ok = z.object({ ok: z.literal(true) })
/**
 * Typed as `object`, because an empty ZodObject is typed as one without any property, which nothing can be joined to.
 */
const nothing: z.ZodType<object, object> = z.object({})

/**
 * One HTTP route: `:name` in `path` comes from `params`, `query` is the query string, `body` travels as JSON.
 * `upload: true`: the body is the file itself, with its own Content-Type. Every route but `session.*` and `config`
 * needs a session.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: string
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType
  readonly upload?: true
  readonly response: z.ZodType
}

/** Fills in what a route leaves out: no input, and `{ ok: true }` for an answer. */
export const route = <
  P extends z.ZodType = typeof nothing,
  Q extends z.ZodType = typeof nothing,
  B extends z.ZodType = typeof nothing,
  R extends z.ZodType = typeof ok,
>(
  method: Route['method'],
  path: string,
  parts: { params?: P; query?: Q; body?: B; response?: R; upload?: true } = {},
) => ({
  method,
  path,
  params: (parts.params ?? nothing) as P,
  query: (parts.query ?? nothing) as Q,
  body: (parts.body ?? nothing) as B,
  response: (parts.response ?? ok) as R,
  ...(parts.upload ? { upload: parts.upload } : {}),
})
