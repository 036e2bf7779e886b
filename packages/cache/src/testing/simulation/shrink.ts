import type { Action } from './actions.js'
import { type SimulationOptions, type SimulationReport, simulate } from './simulate.js'

/**
 * A minimal history: actions are left out, ever fewer at a time, as long as the promise is still broken (Zeller and
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002). Returns the report of the last run that broke
 * it.
 */
export async function shrink(report: SimulationReport, options: SimulationOptions): Promise<SimulationReport> {
  // A history that shows a violation must not shrink to one that merely does not come to rest.
  const sameKind =
    report.violation === undefined ? broken : (attempt: SimulationReport) => attempt.violation !== undefined
  let smallest = report
  let chunk = Math.ceil(report.actions.length / 2)
  while (chunk >= 1) {
    let removed = false
    for (let from = 0; from < smallest.actions.length; ) {
      const without = smallest.actions.filter((_: Action, index) => index < from || index >= from + chunk)
      const attempt = await simulate({ ...options, replay: without })
      if (sameKind(attempt)) {
        smallest = attempt
        removed = true
      } else from += chunk
    }
    if (chunk === 1 && !removed) break
    chunk = chunk === 1 ? 1 : Math.ceil(chunk / 2)
  }
  return smallest
}

/** Whether a run broke the promise, or did not come to rest. */
export function broken({ violation, unsettled }: SimulationReport): boolean {
  return violation !== undefined || unsettled.length > 0
}
