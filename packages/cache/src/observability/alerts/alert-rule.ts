import type { AlertFigures, AlertFinding } from '../../watch-options.js'
import type { AlertSeverity } from '../../watching.js'

/** A rule, resolved: built in or a user's own. */
export interface ResolvedRule {
  readonly name: string
  readonly about: string
  readonly pendingMs: number
  /**
   * `fleet`: judged once for all processes. `node`: each process judges itself, because it may be cut off from the
   * others.
   */
  readonly scope: 'fleet' | 'node'
  judge(figures: RuleFigures): AlertFinding | readonly AlertFinding[] | undefined
}

/** What built-in rules see beyond what users' rules do. */
export interface RuleFigures extends AlertFigures {
  /** How long this process has not known whether it has heard everything. */
  readonly unconfirmedMs: number
}

export interface Bounds {
  readonly warning: number
  readonly critical: number
}

/** How much better than its bound a value must be for an alert to let go, as a share of what is left to the best. */
const SLACK = 0.1

/**
 * The severity of a value by two bounds, with hysteresis: what holds already lets go only a tenth beyond its bound, so
 * that a value that wavers around it does not raise and resolve in turns.
 */
export function severityOf(
  value: number,
  bounds: Bounds,
  worse: 'below' | 'above',
  current: AlertSeverity | undefined,
): AlertSeverity | undefined {
  const isWorse = (bound: number, held: boolean) => {
    const limit = held ? releaseOf(bound, worse) : bound
    return worse === 'above' ? value > limit : value < limit
  }
  if (isWorse(bounds.critical, current === 'critical')) return 'critical'
  return isWorse(bounds.warning, current !== undefined) ? 'warning' : undefined
}

/** Where an alert that was raised at a bound lets go. */
export function releaseOf(bound: number, worse: 'below' | 'above'): number {
  return worse === 'above' ? bound * (1 - SLACK) : bound + (1 - bound) * SLACK
}

/** Whether there was enough traffic to judge by; less is enough for what holds already. */
export function isEnough(count: number, least: number, current: AlertSeverity | undefined): boolean {
  return count >= (current === undefined ? least : least / 4)
}
