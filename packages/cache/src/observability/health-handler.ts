import { invalidArgument, invalidOption, refuseUnknown } from '../errors.js'
import { oneOf } from '../options.js'
import type { CacheHealth } from '../stats.js'

/** What the probes ask; a `Cache` is one. */
export interface HealthSource {
  health(): Promise<CacheHealth>
}

export interface HealthHandlerOptions {
  /**
   * `'readiness'`: 503 while the cache is unhealthy, so that no traffic is sent here. `'liveness'`: 200 as long as the
   * process answers at all; it must not depend on the remote tier, or an outage of Redis would restart every process.
   * Default `'readiness'`.
   */
  readonly probe?: 'readiness' | 'liveness'
  /** Whether readiness answers 503 for a degraded cache too. Default `false`: it still answers, from what is left. */
  readonly strict?: boolean
}

const OPTION_NAMES = new Set(['probe', 'strict'])

/**
 * A fetch-style handler of a health probe: JSON in the shape of `CacheHealth`, with 200 or 503. Reasons are words about
 * tiers; they hold no addresses, keys or credentials.
 */
export function healthHandler(
  cache: HealthSource,
  options: HealthHandlerOptions = {},
): (request?: Request) => Promise<Response> {
  if (typeof cache?.health !== 'function') throw invalidArgument('healthHandler', cache, 'a cache')
  refuseUnknown('healthHandler', options, OPTION_NAMES)
  const { strict = false } = options
  const probe = oneOf('healthHandler.probe', options.probe ?? 'readiness', ['readiness', 'liveness'])
  if (typeof strict !== 'boolean') throw invalidOption('healthHandler.strict', strict, 'true or false')
  return async (request) => {
    const method = request?.method ?? 'GET'
    if (method !== 'GET' && method !== 'HEAD') {
      return answer(405, { error: 'Use GET.' }, method, { allow: 'GET, HEAD' })
    }
    if (probe === 'liveness') return answer(200, { status: 'alive' }, method)
    const health = await cache.health().catch(failed)
    const ready = health.status === 'healthy' || (health.status === 'degraded' && !strict)
    return answer(ready ? 200 : 503, health, method)
  }
}

/** A cache that cannot say how it is, is not well. The error itself may name hosts, so it stays inside. */
function failed(): CacheHealth {
  const reason = 'its health could not be determined'
  return { status: 'unhealthy', components: [{ name: 'cache', status: 'unhealthy', reason }] }
}

function answer(status: number, body: object, method: string, headers: Record<string, string> = {}): Response {
  return new Response(method === 'HEAD' ? null : `${JSON.stringify(body)}\n`, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })
}
