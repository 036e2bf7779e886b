import { type Problem, type RouteInput, type RouteName, type RouteResponse, routes } from './protocol.js'

/** A request that the server answered with something other than 2xx. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly status: number
  readonly code: Problem['error']['code']
  readonly retryAfterMs: number | undefined

  constructor(status: number, problem: Problem['error']) {
    super(problem.message)
    this.status = status
    this.code = problem.code
    this.retryAfterMs = problem.retryAfterMs
  }
}

/** Calls a route of the protocol: `await call('room.state', { roomId })`. `file` is the body of an upload. */
export type Call = <N extends RouteName>(name: N, input: RouteInput<N>, file?: Blob) => Promise<RouteResponse<N>>

export interface ClientOptions {
  /** Default `''`: the origin of the page. */
  baseUrl?: string
  /** Default the global `fetch`; the simulated players pass one that keeps cookies. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
}

/** A typed client of the HTTP interface, for the web page and for the simulated players. */
export function createClient(options: ClientOptions = {}): Call {
  const { baseUrl = '', fetch: send = (url, init) => globalThis.fetch(url, init) } = options
  return async (name, input, file) => {
    const { method, path, upload } = routes[name] as (typeof routes)['config'] & { upload?: true }
    const rest: Record<string, unknown> = { ...(input as object) }
    const filled = path.replace(/:(\w+)/g, (_, parameter: string) => {
      const value = rest[parameter]
      delete rest[parameter]
      return encodeURIComponent(String(value))
    })
    const inQuery = upload === true || (method as string) === 'GET'
    const response = await send(`${baseUrl}${filled}${inQuery ? queryString(rest) : ''}`, {
      method,
      credentials: 'same-origin',
      ...(inQuery ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(rest) }),
      ...(file === undefined ? {} : { headers: { 'content-type': file.type }, body: file }),
    })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok) return answer as RouteResponse<typeof name>
    const problem = (answer as Problem | undefined)?.error
    throw new RequestError(
      response.status,
      problem ?? { code: 'internal', message: `The server answered ${response.status}.` },
    )
  }
}

function queryString(input: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(input)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}
