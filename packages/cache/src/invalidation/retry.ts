import { CacheError, type CacheErrorCode } from '../errors.js'
import type { Clock } from '../ports.js'

export interface RetryPolicy {
  readonly clock: Clock
  /** Attempts after the first. */
  readonly retries: number
  readonly retryDelay: number
  readonly maxRetryDelay: number
}

/** Errors that the same attempt would meet again. */
const PERMANENT: ReadonlySet<CacheErrorCode> = new Set(['invalid-key', 'invalid-argument', 'invalid-option', 'closed'])

export function isPermanent(error: unknown): boolean {
  return error instanceof CacheError && PERMANENT.has(error.code)
}

/**
 * Calls `attempt` until it succeeds, its error is permanent, or the retries are exhausted; pauses between, doubling and
 * shortened at random by up to half so that many do not come back together. Rejects with the last error.
 */
export async function withRetry<T>(policy: RetryPolicy, attempt: (number: number) => Promise<T>): Promise<T> {
  for (let number = 1; ; number++) {
    try {
      return await attempt(number)
    } catch (error) {
      if (number > policy.retries || isPermanent(error)) throw error
      const delay = Math.min(policy.retryDelay * 2 ** (number - 1), policy.maxRetryDelay)
      await pause(policy.clock, delay * (1 - policy.clock.random() / 2))
    }
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms))
}
