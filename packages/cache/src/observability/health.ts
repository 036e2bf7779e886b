import type { MemoryFigures, RemoteState } from '../ports.js'
import type { CacheHealth, CacheStats, HealthComponent, HealthStatus, LogStats, WriteRefusal } from '../stats.js'

/** What health is judged by. Durations in milliseconds. */
export interface HealthInput {
  readonly memory: MemoryFigures
  readonly remoteState: RemoteState
  readonly breaker: CacheStats['remote']['breaker']
  /** The latest write that the remote tier refused, and wall time now, by which that is judged. */
  readonly writeRefusal?: WriteRefusal | undefined
  readonly now: number
  readonly log: LogStats
  /** Tiers that an operator has taken out of the reads. */
  readonly bypassed: CacheStats['bypassed']
  /** How long the remote tier took to answer just now; `undefined`: it did not; `'refused'`: it did with an error. */
  readonly pingMs: number | 'refused' | undefined
  /** The bound within which the log must be confirmed. Default 5,000. */
  readonly maxStalenessMs?: number
  /** An answer that takes longer is slow. Default 50. */
  readonly slowPingMs?: number
}

/** A refusal says nothing of the present any more after this long without another write. */
const REFUSAL_STANDS_MS = 60_000

const SEVERITY: Readonly<Record<HealthStatus, number>> = { healthy: 0, degraded: 1, unhealthy: 2 }

/**
 * The health of a cache, each component with its reason in words. A tier that is away or bypassed makes the cache
 * *degraded*: it still answers, from what is left. *Unhealthy* is what must not be given traffic: closed, not yet
 * connected for the first time, or a memory tier that has broken its bounds.
 */
export function healthOf(input: HealthInput): CacheHealth {
  const tiers = [memoryHealth(input.memory), remoteHealth(input)]
  const components = [...tiers.map((tier) => withBypass(tier, input.bypassed)), logHealth(input)]
  const worst = components.reduce((a, b) => (SEVERITY[b.status] > SEVERITY[a.status] ? b : a))
  return { status: worst.status, components }
}

/** A tier that is bypassed is at best degraded; what else is wrong with it is said as well. */
function withBypass(tier: HealthComponent, bypassed: HealthInput['bypassed']): HealthComponent {
  if (tier.status === 'unhealthy' || !bypassed.some((name) => name === tier.name)) return tier
  const reason = 'bypassed by an operator: reads go around it'
  return { ...tier, status: 'degraded', reason: tier.reason === undefined ? reason : `${reason}; ${tier.reason}` }
}

function memoryHealth({ entries, maxEntries, bytes, maxBytes }: MemoryFigures): HealthComponent {
  if (entries > maxEntries)
    return component('memory', 'unhealthy', `holds ${entries} entries, more than its bound of ${maxEntries}`)
  if (bytes > maxBytes)
    return component('memory', 'unhealthy', `holds ${bytes} bytes, more than its bound of ${maxBytes}`)
  return component('memory', 'healthy')
}

function remoteHealth(input: HealthInput): HealthComponent {
  const { remoteState, breaker, pingMs, slowPingMs = 50 } = input
  const neverHeard = input.log.unconfirmedMs === Number.POSITIVE_INFINITY
  if (remoteState === 'closed') return component('remote', 'unhealthy', 'the cache is closed')
  if (remoteState === 'connecting') {
    return neverHeard
      ? component('remote', 'unhealthy', 'not connected yet')
      : component('remote', 'degraded', 'reconnecting; reads are answered from memory and the origin')
  }
  if (remoteState === 'down') {
    return component('remote', 'degraded', 'not reachable; reads are answered from memory and the origin')
  }
  if (breaker === 'open') return component('remote', 'degraded', 'failed repeatedly and is left alone for a moment')
  if (breaker === 'half-open') return component('remote', 'degraded', 'failed repeatedly and is being tried again')
  if (pingMs === undefined) return component('remote', 'degraded', 'did not answer in time')
  if (pingMs === 'refused') return component('remote', 'degraded', 'answers with an error, which is in the log')
  const { writeRefusal, now } = input
  if (writeRefusal !== undefined && now - writeRefusal.at < REFUSAL_STANDS_MS) {
    const reason = `refuses writes, and is read all the same: ${writeRefusal.reason}`
    return { ...component('remote', 'degraded', reason), latencyMs: pingMs }
  }
  if (pingMs > slowPingMs) {
    return {
      ...component('remote', 'degraded', `answered in ${round(pingMs)} ms, more than ${slowPingMs}`),
      latencyMs: pingMs,
    }
  }
  return { ...component('remote', 'healthy'), latencyMs: pingMs }
}

function logHealth({ log, remoteState, breaker, maxStalenessMs = 5_000 }: HealthInput): HealthComponent {
  if (remoteState === 'closed') return component('log', 'unhealthy', 'the cache is closed')
  if (log.unconfirmedMs === Number.POSITIVE_INFINITY) return component('log', 'unhealthy', 'not read yet')
  if (log.recovering > 0) {
    const noun = log.recovering === 1 ? 'invalidation waits' : 'invalidations wait'
    const forWhat =
      remoteState === 'up' && breaker === 'closed'
        ? 'to be sent again: the remote tier answers, and has not confirmed what was sent'
        : 'for the remote tier to come back'
    return component('log', 'degraded', `${log.recovering} ${noun} ${forWhat}`)
  }
  if (log.unconfirmedMs > maxStalenessMs) {
    const bound = `more than ${round(maxStalenessMs / 1_000)} s`
    return component('log', 'degraded', `last confirmed ${round(log.unconfirmedMs / 1_000)} s ago, ${bound}`)
  }
  if (!log.subscribed) return component('log', 'degraded', 'not subscribed; invalidations of other nodes arrive late')
  return component('log', 'healthy')
}

function component(name: string, status: HealthStatus, reason?: string): HealthComponent {
  return reason === undefined ? { name, status } : { name, status, reason }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
