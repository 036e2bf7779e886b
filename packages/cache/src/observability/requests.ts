import { invalidOption, refuseUnknown } from '../errors.js'
import { type Duration, milliseconds } from '../units.js'
import type { FleetBypass, FleetBypassRequest, ReportQuery, Silence, SilenceRequest } from '../watching.js'
import { LONGEST_WINDOW_MS } from './resolve-watch-options.js'

/** What is asked of a watch, checked: errors name the field, what it got and what it wants. */

export function windowOf(name: string, window: Duration): number {
  const windowMs = milliseconds(name, window)
  if (!(windowMs > 0 && windowMs <= LONGEST_WINDOW_MS))
    throw invalidOption(name, window, 'more than 0 and at most 7 days')
  return windowMs
}

export function checkQuery<Query extends object>(
  where: string,
  query: Query,
  fields: readonly (keyof Query & string)[],
) {
  refuseUnknown(where, query, new Set<string>(fields))
}

/** A report is also asked for by its window alone. */
export function reportQueryOf(query: ReportQuery | Duration): ReportQuery {
  if (typeof query === 'string' || typeof query === 'number') return { window: query }
  checkQuery('report', query, ['window', 'scope'])
  return query
}

export function silenceOf(request: SilenceRequest, now: number): Omit<Silence, 'id'> {
  checkQuery('silence', request, ['alert', 'duration', 'by', 'reason'])
  const { alert, duration, by, reason } = request
  const durationMs = windowOf('silence.duration', duration)
  checkTexts('silence', { alert, by, reason })
  return { alert, by, reason, until: now + durationMs }
}

export function fleetBypassOf(request: FleetBypassRequest, now: number): FleetBypass {
  checkQuery('bypass', request, ['tier', 'duration', 'by', 'reason'])
  const { tier, duration, by, reason } = request
  checkTier(tier)
  const durationMs = windowOf('bypass.duration', duration)
  checkTexts('bypass', { by, reason })
  return { tier, since: now, until: now + durationMs, by, reason }
}

/** It becomes a name on the board. */
export function checkTier(tier: string): void {
  if (tier !== 'memory' && tier !== 'remote') throw invalidOption('bypass.tier', tier, "'memory' or 'remote'")
}

function checkTexts(prefix: string, texts: Readonly<Record<string, unknown>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text !== 'string' || text === '' || text.length > 1_000)
      throw invalidOption(`${prefix}.${name}`, text, 'a text of 1 to 1,000 characters')
  }
}
