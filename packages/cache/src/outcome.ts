import type { EntryState } from './entry.js'
import type { TierName } from './events.js'

/** The answer to a read: a value with where it came from, or nothing. */
export type Outcome = Found | { readonly found: false }

export class Found {
  readonly found = true
  /** As memory keeps it: whoever gives it to a reader sees to it that readers are kept apart. */
  readonly value: unknown
  readonly state: EntryState
  readonly tier: TierName
  readonly tags: readonly string[]
  /** Only for stale values, whose age is recorded. */
  readonly createdAt: number | undefined

  constructor(
    value: unknown,
    state: EntryState,
    tier: TierName,
    tags: readonly string[],
    createdAt?: number | undefined,
  ) {
    this.value = value
    this.state = state
    this.tier = tier
    this.tags = tags
    this.createdAt = createdAt
  }
}
