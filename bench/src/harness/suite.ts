import type { RedisService } from '../../../scripts/services/redis.mjs'

/** One file of measurements: `npm run bench -- NAME`. Most are made by {@link comparison}. */
export interface Suite {
  readonly name: string
  /** One line for the list of suites. */
  readonly about: string
  run(context: BenchContext): Promise<SuiteResult>
}

/** What a run was asked for, and what it may use. */
export interface BenchContext {
  /** Rounds asked for on the command line; otherwise the suite's own number counts. */
  readonly rounds: number | undefined
  /** Few rounds, to see that a suite works; its figures are worth nothing. */
  readonly quick: boolean
  /** Only cases whose name contains this text. */
  readonly only: string | undefined
  /** Told what is being measured. */
  progress(what: string): void
  /**
   * The redis-server of this run: an own one on a free port, started when it is first asked for, the same for
   * everybody.
   */
  redis(): Promise<RedisService>
}

export interface SuiteResult {
  /** What `--json` prints and `--record` keeps. */
  readonly data: SuiteData
  /** The same for people. */
  readonly lines: readonly string[]
}

/** What every suite says about itself; comparisons say more ({@link ComparisonData}). */
export interface SuiteData {
  readonly suite: string
  readonly node: string
  readonly platform: string
}

/** The command line asks for something that there is not. */
export class UsageError extends Error {}
