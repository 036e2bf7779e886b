import type { Flight } from './flights.js'
import type { Timer } from './ports.js'
import type { Tiers } from './tiers.js'

/** Renewals within the life of a lease: two may fail before it is lost. */
const LEASE_RENEWALS = 3

/**
 * Renews a lease until stopped. A lease that is gone means that somebody invalidated the key: the flight is fenced. One
 * whose load is overtaken is given back, because it would only keep others from loading.
 */
export function keepLease(tiers: Tiers, flight: Flight, token: string, isOvertaken: () => boolean): { stop(): void } {
  const { clock, remote, options, without } = tiers
  const { lease } = options.remoteOptions
  let timer: Timer
  let stopped = without.lease
  const renew = async () => {
    try {
      if (isOvertaken()) await remote.release(flight.key, token)
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
