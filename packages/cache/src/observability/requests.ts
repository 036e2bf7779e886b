import { invalidOption } from '../errors.js'
import { type Duration, milliseconds } from '../units.js'
import type { FleetBypass, FleetBypassRequest, Silence, SilenceRequest } from '../watching.js'
import { LONGEST_WINDOW_MS } from './resolve-watch-options.js'

/** What is asked of a watch, checked: errors name the field, what it got and what it wants. */

export function windowOf(name: string, window: Duration): number {
  const windowMs = milliseconds(name, window)
  if (!(windowMs > 0 && windowMs <= LONGEST_WINDOW_MS))
    throw invalidOption(name, window, 'more than 0 and at most 7 days')
  return windowMs
}

export function silenceOf({ alert, duration, by, reason }: SilenceRequest, now: number): Omit<Silence, 'id'> {
  const durationMs = windowOf('silence.duration', duration)
  checkTexts('silence', { alert, by, reason })
  return { alert, by, reason, until: now + durationMs }
}

export function fleetBypassOf({ tier, duration, by, reason }: FleetBypassRequest, now: number): FleetBypass {
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
