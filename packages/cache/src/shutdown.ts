import { within } from './deadlines.js'
import { CacheError, invalidArgument, refuseUnknown } from './errors.js'
import type { Tiers } from './tiers.js'
import { type Duration, milliseconds } from './units.js'

export interface CloseOptions {
  /** What closing may take; what is not done by then is let go of. Default `'2s'`. */
  timeout?: Duration
}

const OPTION_NAMES = new Set(['timeout'])
const TIMEOUT_MS = 2_000
/** The share of the time that loads and writes have to end; the rest is for sending what waits and for taking leave. */
const UNDER_WAY_SHARE = 0.75

/** What is closed besides the tiers, in this order. */
export interface Closable {
  readonly writes: { ended(): Promise<void> }
  readonly sweep: { stop(): Promise<void> }
  readonly watch: { close(): Promise<void> }
  readonly tracer: { close(): void }
}

/**
 * Closes the tiers in order, within a deadline: nothing new begins, loads and writes under way end and are stored, what
 * waits in the recovery queue is sent, connections are closed. What hangs is let go of, and said. Never rejects.
 */
export async function shutDown(
  tiers: Tiers,
  { writes, sweep, watch, tracer }: Closable,
  timeoutMs: number,
): Promise<void> {
  const { bulkheads, clock, events, flights, log, logger, memory, outbox, remote, waiters } = tiers
  const endsAt = clock.monotonic() + timeoutMs
  const step = async (name: string, work: Promise<unknown>, ms = Math.max(1, endsAt - clock.monotonic())) => {
    try {
      if ((await within(clock, ms, work)) === 'late')
        logger.warn({ step: name }, 'closing the cache went on without waiting')
    } catch (error) {
      logger.warn({ step: name, err: error }, 'a step of closing the cache failed')
    }
  }
  tiers.closing = true
  waiters.wakeAll()
  for (const bulkhead of bulkheads) bulkhead.close()
  await step('loads and writes', Promise.all([flights.landed(), writes.ended()]), timeoutMs * UNDER_WAY_SHARE)
  flights.cancel(new CacheError('closed', 'the cache was closed before the load ended'))
  await step('sweep', sweep.stop())
  await step('recovery', outbox.flush())
  if (outbox.waiting > 0) {
    const message =
      'closed with invalidations that could not be sent: other nodes hear of them by maxStaleness at the latest'
    logger.warn({ operations: outbox.waiting }, message)
  }
  await step('watch', watch.close())
  await step('log', log.close())
  await step('remote', remote.close())
  memory.close()
  tracer.close()
  events.emit({ type: 'close' })
}

/** What `close` was asked for, in milliseconds. */
export function closeTimeout(options: CloseOptions): number {
  if (typeof options !== 'object' || options === null) throw invalidArgument('close', options, '{ timeout }')
  refuseUnknown('close', options, OPTION_NAMES)
  const { timeout } = options
  return timeout === undefined ? TIMEOUT_MS : milliseconds('close.timeout', timeout)
}
