import type { Spread } from './statistics.js'
import type { SuiteData } from './suite.js'

/** Ours is divided by everybody else; the floor is the least that the work can cost. */
export type Role = 'ours' | 'floor' | 'rival'

/** What `--json` prints of a comparison, and what `bench/results` keeps. */
export interface ComparisonData extends SuiteData {
  readonly date: string
  /** Load average of the machine when it began: what was busy beside the measurement. 0 where it is not known. */
  readonly load: number
  readonly rounds: number
  readonly versions: Readonly<Record<string, string>>
  /** ours/theirs by case and competitor; medians over rounds of the ratio within a round. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The quartiles of the same ratios: what is noise. */
  readonly spreads: Readonly<Record<string, Readonly<Record<string, Spread>>>>
  readonly cases: Readonly<Record<string, CaseData>>
  readonly configurations: Readonly<Record<string, string>>
  /** Every measurement, by case and participant, in the order of rounds. */
  readonly raw: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>
}

export interface CaseData {
  readonly about: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly roles: Readonly<Record<string, Role>>
  readonly goals: Readonly<Record<string, number>>
}
