import { clockTime, duration } from '../../src/format.js'
import type { History } from '../../src/wire.js'
import { firstWithin } from './figures.js'

/** A time that figures are of. */
export interface Period {
  readonly ms: number
  /** Such as `last minute`, or `5 min until 10:45:00`. */
  readonly words: string
}

/** The times that a page's figures are of: they follow the width of the intervals that are shown. */
export interface Periods {
  /** Of the path of a read. */
  readonly brief: Period
  /** Of the key figures. */
  readonly usual: Period
  /** Intervals that a drawn share is summed over, so that one of few reads does not flicker. */
  readonly smoothed: number
  /** Of a drawn share, such as `sums of 10 s`. */
  readonly shares: string
  /** Of a drawn rate, such as `each second`. */
  readonly each: string
}

const BRIEF_MS = 10_000
const USUAL_MS = 60_000

/** `live`: the last interval ends now. */
export function periodsOf(history: History, live: boolean): Periods {
  const { intervalMs } = history
  const smoothed = Math.max(1, BRIEF_MS / intervalMs)
  const each = intervalMs === 1_000 ? 'each second' : `each ${duration(intervalMs)}`
  return {
    brief: periodOf(history, live, BRIEF_MS, 'last 10 seconds'),
    usual: periodOf(history, live, USUAL_MS, 'last minute'),
    smoothed,
    shares: smoothed > 1 ? `sums of ${duration(BRIEF_MS)}` : each,
    each,
  }
}

/** One interval at least. What is not live is called by what is recorded of it, and by its end. */
function periodOf({ at, durationMs, intervalMs }: History, live: boolean, leastMs: number, words: string): Period {
  const ms = Math.max(leastMs, intervalMs)
  const recorded = durationMs.slice(firstWithin(at, ms)).reduce((sum, one) => sum + one, 0)
  // Timers are late by milliseconds: that is no shorter a time.
  const told = Math.abs(recorded - ms) < ms / 20 ? ms : recorded
  return { ms, words: live || at.length === 0 ? words : `${wholeTime(told)} until ${clockTime(at.at(-1) ?? 0)}` }
}

/** Of a process's first interval fractions of a second are known, and of no interest. */
function wholeTime(ms: number): string {
  return ms < USUAL_MS ? `${Math.max(1, Math.round(ms / 1_000))} s` : duration(ms)
}
