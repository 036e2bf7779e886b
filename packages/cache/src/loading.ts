import { after } from './deadlines.js'
import { CacheError, CacheTimeoutError, reasonOf, show } from './errors.js'
import type { Flight } from './flights.js'
import type { Clock, Timer } from './ports.js'

/** One load, with what bounds it. Durations in milliseconds. */
export interface BoundedLoad<V> {
  readonly flight: Flight
  readonly clock: Clock
  /** From when the hard timeout counts: wall time. */
  readonly askedAt: number
  /** One attempt. */
  readonly attempt: (signal: AbortSignal) => Promise<V>
  readonly onRetry: (attempt: number, error: unknown) => void
  /** The hard timeout has passed. Called before the signal is aborted. */
  readonly onOverdue: (error: CacheTimeoutError) => void
  /** The load was given up: lost, or cancelled. Its loader may still be running. */
  readonly onGivenUp: () => void
}

/**
 * Runs a load to its real end, however late: the hard timeout only aborts its signal and calls `onOverdue`. Rejects
 * early when it is still under way `lostAfter` that, or when `flight.cancel` is called. What the load itself throws
 * becomes the `cause` of a `CacheError` of code `load-failed`.
 */
export async function runLoad<V>(load: BoundedLoad<V>): Promise<V> {
  const { flight, clock } = load
  const { hardTimeout, lostAfter } = flight.family.options
  const abort = new AbortController()
  let timer: Timer
  let givenUp: CacheError | undefined
  const ended = new Promise<never>((_, reject) => {
    flight.cancel = (reason) => {
      if (givenUp !== undefined) return
      givenUp = reason
      reject(reason)
      abort.abort(reason)
      load.onGivenUp()
    }
  })
  const lose = () => {
    const reason = `loading ${show(flight.key)} did not end within ${hardTimeout + lostAfter} ms: it is taken for lost`
    flight.cancel?.(new CacheTimeoutError('load-timeout', reason, { key: flight.key }))
  }
  const timeOut = () => {
    const reason = `loading ${show(flight.key)} took longer than ${hardTimeout} ms`
    const error = new CacheTimeoutError('load-timeout', reason, { key: flight.key })
    timer = after(clock, lostAfter, lose)
    load.onOverdue(error)
    abort.abort(error)
  }
  timer = after(clock, load.askedAt + hardTimeout - clock.now(), timeOut)
  try {
    return await Promise.race([attempts(load, abort.signal), ended])
  } catch (error) {
    if ((givenUp !== undefined && error === givenUp) || isOurOwn(error)) throw error
    throw new CacheError('load-failed', `loading ${show(flight.key)} failed: ${reasonOf(error)}`, {
      cause: error,
      key: flight.key,
    })
  } finally {
    clock.clearTimeout(timer)
    flight.cancel = undefined
  }
}

/** A load that never began: its place was refused, or the cache was closed before its turn. */
function isOurOwn(error: unknown): boolean {
  return error instanceof CacheError && (error.code === 'overloaded' || error.code === 'closed')
}

async function attempts<V>(load: BoundedLoad<V>, signal: AbortSignal): Promise<V> {
  const { options, retries } = load.flight.family
  for (let attempt = 1; ; attempt++) {
    try {
      return await load.attempt(signal)
    } catch (error) {
      if (attempt > options.retries || signal.aborted || isOurOwn(error)) throw error
      load.onRetry(attempt, error)
      await Promise.race([retries.pause(attempt, options.retryDelay), aborted(signal)])
      if (signal.aborted) throw error
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
