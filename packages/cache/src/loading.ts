import { CacheError, CacheTimeoutError, show } from './errors.js'
import type { Flight } from './flights.js'
import type { Clock, Timer } from './ports.js'
import type { Tiers } from './tiers.js'

/** Renewals within the life of a lease: two may fail before it is lost. */
const LEASE_RENEWALS = 3

/**
 * Runs a load that must end within `timeoutMs`: otherwise rejects with `CacheTimeoutError` and aborts the signal. What
 * the load itself throws becomes the `cause` of a `CacheError` of code `load-failed`.
 */
export async function withinHardTimeout<V>(
  clock: Clock,
  key: string,
  timeoutMs: number,
  load: (signal: AbortSignal) => Promise<V>,
): Promise<V> {
  const abort = new AbortController()
  let timer: Timer
  let timedOut: CacheTimeoutError | undefined
  const timeout = new Promise<never>((_, reject) => {
    if (timeoutMs === Number.POSITIVE_INFINITY) return
    timer = clock.setTimeout(() => {
      timedOut = new CacheTimeoutError('load-timeout', `loading ${show(key)} took longer than ${timeoutMs} ms`, { key })
      abort.abort(timedOut)
      reject(timedOut)
    }, timeoutMs)
  })
  try {
    return await Promise.race([load(abort.signal), timeout])
  } catch (error) {
    if (error === timedOut) throw error
    const reason = error instanceof Error ? error.message : show(error)
    throw new CacheError('load-failed', `loading ${show(key)} failed: ${reason}`, { cause: error, key })
  } finally {
    clock.clearTimeout(timer)
  }
}

/** Renews a lease until stopped. A lease that is gone means that somebody invalidated the key: the flight is fenced. */
export function keepLease(tiers: Tiers, flight: Flight, token: string): { stop(): void } {
  const { clock, remote, options, without } = tiers
  const { lease } = options.remoteOptions
  let timer: Timer
  let stopped = without.lease
  const renew = async () => {
    try {
      if (!(await remote.renew(flight.key, token, lease)) && !stopped && !without.fence) flight.fenced = true
    } catch (error) {
      tiers.failed('renew', error, flight.key)
    }
    schedule()
  }
  const schedule = () => {
    if (!stopped && !flight.fenced) timer = clock.setTimeout(() => void renew(), lease / LEASE_RENEWALS)
  }
  schedule()
  return {
    stop: () => {
      stopped = true
      clock.clearTimeout(timer)
    },
  }
}
