import type { Definitions } from '../cache/definitions.js'
import { Refusal } from './refusal.js'

/** A token bucket: so many at once, refilled at so many a second. */
interface Limit {
  readonly burst: number
  readonly perSecond: number
}

/** What is limited, for each user (signing in: for each address). */
export const RATE_LIMITS = {
  'sign-in': { burst: 60, perSecond: 1 },
  'create-room': { burst: 5, perSecond: 1 / 30 },
  'create-system': { burst: 3, perSecond: 1 / 60 },
  upload: { burst: 6, perSecond: 1 / 10 },
  chat: { burst: 10, perSecond: 1 },
  roll: { burst: 10, perSecond: 2 },
  move: { burst: 120, perSecond: 60 },
  table: { burst: 30, perSecond: 5 },
  profile: { burst: 5, perSecond: 1 / 5 },
} as const satisfies Record<string, Limit>

export type LimitedEndpoint = keyof typeof RATE_LIMITS

interface Bucket {
  level: number
  at: number
}

const MAX_BUCKETS = 20_000

/**
 * Counts in this process and shares the verdict: whoever exceeds a limit anywhere is refused everywhere until the
 * bucket would have refilled. With N processes a user can therefore spend up to N bursts before the first refusal.
 */
export class RateLimits {
  readonly #cached: Definitions
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(cached: Definitions, now: () => number = Date.now) {
    this.#cached = cached
    this.#now = now
  }

  /** Counts one; throws a `rate-limited` refusal when it is one too many. */
  async spend(userId: string, endpoint: LimitedEndpoint): Promise<void> {
    const verdict = await this.#cached.rateLimit.get(userId, endpoint)
    const now = this.#now()
    if (verdict !== null && verdict.blockedUntil > now) throw refusal(endpoint, verdict.blockedUntil - now)
    if (this.#take(`${userId} ${endpoint}`, RATE_LIMITS[endpoint], now)) return
    const waitMs = Math.ceil(1_000 / RATE_LIMITS[endpoint].perSecond)
    await this.#cached.rateLimit.set(userId, endpoint, { blockedUntil: now + waitMs })
    throw refusal(endpoint, waitMs)
  }

  #take(key: string, { burst, perSecond }: Limit, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? { level: burst, at: now }
    bucket.level = Math.min(burst, bucket.level + ((now - bucket.at) / 1_000) * perSecond)
    bucket.at = now
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > MAX_BUCKETS) this.#forgetOldest()
    if (bucket.level < 1) return false
    bucket.level--
    return true
  }

  /** The least lately used has had most time to refill, so forgetting it gives away least. */
  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}

function refusal(endpoint: LimitedEndpoint, waitMs: number): Refusal {
  return new Refusal(
    'rate-limited',
    `Too many requests (${endpoint}). Try again in ${Math.ceil(waitMs / 1_000)} s.`,
    waitMs,
  )
}
