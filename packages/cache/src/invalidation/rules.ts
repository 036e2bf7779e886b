import type { Targets } from './targets.js'

/**
 * The family that a rule belongs to: what the audit trail groups by. Any word will do; `manual` is what
 * `invalidator.invalidate()` uses.
 */
export type Strategy = 'user' | 'room' | 'asset' | 'system' | 'pattern' | 'manual' | (string & {})

/**
 * From an event's payload to what it makes untrue. Returning a promise costs the event its place in the order, see the
 * docs.
 */
export type Invalidates<Payload> = (payload: Payload) => Targets | Promise<Targets>

export interface Rule<Payload> {
  readonly strategy: Strategy
  readonly invalidates: Invalidates<Payload>
}

/** Says of an event that it makes nothing untrue, so that raising it is no mistake. */
export const nothing = 'nothing'

/**
 * What is registered for one event: a function (its strategy is the event's name up to the first dot), a rule with a
 * strategy of its own, several of them, or {@link nothing}.
 */
export type RulesOf<Payload> =
  | Invalidates<Payload>
  | Rule<Payload>
  | readonly (Invalidates<Payload> | Rule<Payload>)[]
  | typeof nothing

/** Rules for every event of a map from event names to payloads; one that is missing does not compile. */
export type Rules<Events extends object> = { readonly [E in keyof Events & string]: RulesOf<Events[E]> }

/** Types the payloads of the rules; returns what it was given. */
export function defineRules<Events extends object>(rules: Rules<Events>): Rules<Events> {
  return rules
}

/** A rule with a strategy of its own. */
export function rule<Payload>(strategy: Strategy, invalidates: Invalidates<Payload>): Rule<Payload> {
  return { strategy, invalidates }
}
