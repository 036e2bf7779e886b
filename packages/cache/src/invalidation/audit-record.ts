import type { Strategy } from './rules.js'

/** Names of what an event removed or updated. Each list holds at most 256 names; `omitted` counts the others. */
export interface AuditTargets {
  readonly keys: readonly string[]
  readonly tags: readonly string[]
  /** Patterns as they were written, regular expressions as `/source/flags`. */
  readonly patterns: readonly string[]
  readonly everything: boolean
  /** Keys that were updated where they are. */
  readonly patched: readonly string[]
  /** Keys whose update did not succeed or was overtaken, and that were deleted instead; with the reason. */
  readonly unpatched: readonly { readonly key: string; readonly reason: PatchFailure }[]
  readonly omitted: number
}

export type PatchFailure = 'declined' | 'failed' | 'timed-out' | 'overtaken' | 'not-propagated'

/**
 * What became of one event: who raised it and why, what it removed, where that stands in the log, and how long it took.
 * Holds names of keys and tags, never values or payloads.
 */
export interface AuditRecord {
  /** Counts 1, 2, 3, ... in the order of raising, on this node. */
  readonly id: number
  readonly node: string
  /** The event's name; `'manual'` for `invalidator.invalidate()`. */
  readonly event: string
  readonly strategies: readonly Strategy[]
  readonly actor: string | undefined
  readonly reason: string | undefined
  /** Wall time of raising, in milliseconds since the Unix epoch. */
  readonly at: number
  /** From raising to the end of the last step. */
  readonly durationMs: number
  /** The most often that one step had to be tried. 0 when there was nothing to do. */
  readonly attempts: number
  readonly outcome: 'done' | 'failed'
  readonly targets: AuditTargets
  /** Highest place in the log; `undefined` when nothing was to be logged, or could not be. */
  readonly seq: number | undefined
  /**
   * `false`: part of it waits in the cache's recovery queue, and other nodes will hear of it when the remote tier is
   * back.
   */
  readonly propagated: boolean
  /** Of a failed event: what failed, by the error's name and code; never its message, which could quote a payload. */
  readonly failures: readonly { readonly step: string; readonly error: string }[]
}
