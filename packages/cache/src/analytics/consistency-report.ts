import type { EntryState } from '../entry.js'
import type { TierName } from '../events.js'
import type { KeyInspection, LogStats } from '../stats.js'
import type { Duration } from '../units.js'
import type { StalenessCause } from './staleness-cause.js'

/**
 * How well an age is known. `exact`: the origin said when the served value was replaced. `at-least`: the value was seen
 * to be old for so long; it may have been old for longer.
 */
export type Exactness = 'exact' | 'at-least'

/** A read that was older than a window. Never holds a value. */
export interface StalenessFinding {
  /** Counts up. A finding whose age grows while it is followed keeps its id. */
  readonly id: number
  readonly key: string
  readonly definition: string
  /** The longest window that it is older than, as it was given in the options. */
  readonly window: Duration
  readonly ageMs: number
  readonly exactness: Exactness
  /** Wall time of the sampled read, the tier that answered it, and in what state. */
  readonly readAt: number
  readonly tier: TierName
  readonly state: EntryState
  /** What this node knew of the invalidation log then: its position, and for how long that had not been confirmed. */
  readonly log: LogStats
  readonly cause: StalenessCause
  /** The key in the tiers and what happened to it, looked up when the finding was made. */
  readonly inspection: KeyInspection
}

/** The share of the audited reads that were older than one window. */
export interface WindowShare {
  readonly window: Duration
  readonly ms: number
  readonly stale: number
  /** How many of these have an exact age. */
  readonly exact: number
  /** 0 to 1; `undefined` before anything was audited. A lower bound, unless every older read has an exact age. */
  readonly share: number | undefined
  /** Between which shares the truth lies with 95 % confidence, by the number of reads audited (Wilson, 1927). */
  readonly confidence95: readonly [low: number, high: number] | undefined
}

/** What has become of the sampled reads of one definition, or of all. Counts only ever grow, `pending` apart. */
export interface AuditFigures {
  /** Reads drawn: audited + dropped + errors + pending. */
  readonly sampled: number
  /** Reads with a verdict. */
  readonly audited: number
  /** Not asked about, because the origin had been asked enough. */
  readonly dropped: number
  /** The origin failed or took too long, or a function of the truth source threw. */
  readonly errors: number
  /** The origin is being asked, or the value followed. */
  readonly pending: number
  /** Audited, and newer than what the origin answered: the origin that was asked lags, or has not been written yet. */
  readonly newer: number
  /** Audited, differed, and not shown to be old: the origin changed at about that time. */
  readonly overtaken: number
  readonly windows: readonly WindowShare[]
}

export interface ConsistencyReport extends AuditFigures {
  /** Wall time from which and until which it speaks. */
  readonly since: number
  readonly until: number
  readonly definitions: Readonly<Record<string, AuditFigures>>
  /** The latest, oldest first; as many as `keepFindings`. */
  readonly findings: readonly StalenessFinding[]
}

/** A window with its length in milliseconds. */
export interface Window {
  readonly window: Duration
  readonly ms: number
}

/** The counts behind {@link AuditFigures}. */
export class Tally {
  sampled = 0
  audited = 0
  dropped = 0
  errors = 0
  newer = 0
  overtaken = 0
  readonly #windows: readonly Window[]
  readonly #stale: number[]
  readonly #exact: number[]

  constructor(windows: readonly Window[]) {
    this.#windows = windows
    this.#stale = windows.map(() => 0)
    this.#exact = windows.map(() => 0)
  }

  /** Counts a read as older than the windows from index `from` up to and including `to`. */
  older(from: number, to: number, exactness: Exactness): void {
    for (let index = from; index <= to; index++) {
      this.#stale[index] = (this.#stale[index] ?? 0) + 1
      if (exactness === 'exact') this.#exact[index] = (this.#exact[index] ?? 0) + 1
    }
  }

  add(other: Tally): void {
    this.sampled += other.sampled
    this.audited += other.audited
    this.dropped += other.dropped
    this.errors += other.errors
    this.newer += other.newer
    this.overtaken += other.overtaken
    for (const index of this.#windows.keys()) {
      this.#stale[index] = (this.#stale[index] ?? 0) + (other.#stale[index] ?? 0)
      this.#exact[index] = (this.#exact[index] ?? 0) + (other.#exact[index] ?? 0)
    }
  }

  figures(): AuditFigures {
    const { sampled, audited, dropped, errors, newer, overtaken } = this
    return {
      sampled,
      audited,
      dropped,
      errors,
      pending: sampled - audited - dropped - errors,
      newer,
      overtaken,
      windows: this.#windows.map(({ window, ms }, index) => {
        const stale = this.#stale[index] as number
        const share = audited === 0 ? undefined : stale / audited
        return { window, ms, stale, exact: this.#exact[index] as number, share, confidence95: wilson(stale, audited) }
      }),
    }
  }
}

/** 97.5th percentile of the normal distribution. */
const Z = 1.96

/** The 95 % score interval of a proportion. E. B. Wilson, "Probable inference", 1927. */
function wilson(successes: number, trials: number): readonly [number, number] | undefined {
  if (trials === 0) return undefined
  const share = successes / trials
  const scale = 1 + Z ** 2 / trials
  const centre = (share + Z ** 2 / (2 * trials)) / scale
  const reach = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2))
  return [successes === 0 ? 0 : Math.max(0, centre - reach), successes === trials ? 1 : Math.min(1, centre + reach)]
}
