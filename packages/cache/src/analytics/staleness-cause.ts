import type { SampledRead } from '../read-sampling.js'
import type { KeyInspection } from '../stats.js'

/** Why an old value was served, as far as the tiers and the trace of the key tell. */
export interface StalenessCause {
  readonly code: /** Served past its ttl, within grace, because loading failed or was slow. */
    | 'grace'
    /** Loaded for this very read, and old already: the loader reads a replica that lags, or a cache of its own. */
    | 'old-load'
    /** An invalidation came, after the read. */
    | 'late-invalidation'
    /** The remote tier has moved on, and this node has not heard of it. */
    | 'unheard-invalidation'
    /** Nothing has invalidated the key since its value was stored. */
    | 'not-invalidated'
    /** The tiers no longer hold the value, and the trace does not tell. */
    | 'unknown'
  /** The same in words, with the times that led to it. */
  readonly text: string
}

const INVALIDATING = new Set(['invalidated', 'written'])

/**
 * The likeliest cause, from the read, what was found out about the key afterwards (at `inspectedAt`), and since when
 * the origin held what it held, where that is known. Pure.
 */
export function causeOf(
  read: Pick<SampledRead, 'at' | 'state' | 'tier' | 'log'>,
  inspection: KeyInspection,
  inspectedAt: number,
  changedAt: number | undefined,
): StalenessCause {
  const { memory, remote, trace } = inspection
  if (read.state === 'stale')
    return { code: 'grace', text: 'served past its ttl, within grace: its load failed or was slow' }
  if (read.tier === 'origin')
    return { code: 'old-load', text: 'loaded for this read and old already: the loader does not read what is true' }

  const late = trace.find(({ at, what }) => at > read.at && INVALIDATING.has(what))
  if (late !== undefined) {
    const { what, detail, at } = late
    return { code: 'late-invalidation', text: `${what} (${detail}) ${at - read.at} ms after the read` }
  }
  const held = memory ?? remote
  if (held === undefined) return { code: 'unknown', text: 'no tier holds the value any more' }
  const storedAt = inspectedAt - held.ageMs
  if (changedAt !== undefined && storedAt > changedAt) {
    const lag = `stored ${Math.round(storedAt - changedAt)} ms after the origin changed`
    return { code: 'old-load', text: `${lag}: what loaded or set it does not read what is true` }
  }
  if (memory !== undefined && memory.state !== 'fresh')
    return { code: 'unheard-invalidation', text: `this node has learnt since that its value is ${memory.state}` }
  if (memory !== undefined && read.tier === 'memory' && hasMovedOn(memory, remote)) {
    const now =
      remote === undefined ? 'holds nothing' : `holds a value of seq ${remote.asOf}, this node one of ${memory.asOf}`
    const log = `when it was read, this node had applied seq ${read.log.applied}, unconfirmed for ${Math.round(read.log.unconfirmedMs)} ms`
    return { code: 'unheard-invalidation', text: `the remote tier ${now}; ${log}` }
  }
  return {
    code: 'not-invalidated',
    text: `nothing has invalidated it since it was stored ${Math.round(held.ageMs)} ms ago: was the change announced to the cache?`,
  }
}

function hasMovedOn(memory: { epoch: string; asOf: number; ageMs: number }, remote: KeyInspection['remote']): boolean {
  if (remote === undefined || remote.epoch !== memory.epoch) return true
  return remote.asOf > memory.asOf || remote.state === 'invalid'
}
