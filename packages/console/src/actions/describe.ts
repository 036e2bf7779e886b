import { duration } from '../format.js'
import type { Action, ActionTarget } from '../wire.js'

/** An action in words, as its preview and its record tell it. */
export function summaryOf(action: Action): string {
  switch (action.type) {
    case 'invalidate':
      return `${action.mode === 'expire' ? 'Expire' : 'Invalidate'} ${targetText(action.target)}`
    case 'clear':
      return 'Clear the whole namespace'
    case 'warm':
      return action.keys === undefined
        ? `Warm the ${action.top} busiest keys of ${action.definition}`
        : `Warm ${action.keys.length} ${action.keys.length === 1 ? 'key' : 'keys'} of ${action.definition}`
    case 'bypass':
      return bypassText(action)
    case 'silence':
      return `Silence ${action.alert} for ${duration(action.durationMs)}`
    case 'unsilence':
      return `End the silence ${action.silence}`
  }
}

/** What to beware of before the action is confirmed. */
export function warningsOf(action: Action): string[] {
  switch (action.type) {
    case 'clear':
      return ['Every node loses everything. Expect the origin to be asked for all of it again.']
    case 'bypass':
      return action.on ? bypassWarnings(action) : []
    case 'warm':
      return ['Loaders run as they do for reads: the origin is asked for what is missing.']
    default:
      return []
  }
}

type Bypass = Extract<Action, { type: 'bypass' }>

function bypassText({ tier, on, scope, durationMs = 0 }: Bypass): string {
  if (scope !== 'fleet') return on ? `Bypass the ${tier} tier on this node` : `Use the ${tier} tier of this node again`
  return on
    ? `Bypass the ${tier} tier on every node for ${duration(durationMs)}`
    : `Use the ${tier} tier again everywhere`
}

function bypassWarnings({ tier, scope }: Bypass): string[] {
  const [whose, reach] =
    scope === 'fleet'
      ? ['every node', 'Nodes follow within seconds, also those that start meanwhile, until its time is over.']
      : ['this node', 'Other nodes are not concerned.']
  if (tier === 'memory') return [`Every read of ${whose} goes to the remote tier. ${reach}`]
  return [
    `What ${whose} does not hold in memory is loaded from the origin, without a lease. ${reach}`,
    `Values that were only ever set, and have no loader, are missing for ${whose} until the tier is used again.`,
  ]
}

export function targetText(target: ActionTarget): string {
  const [kind, name] = Object.entries(target)[0] as [string, string]
  return `${kind} ${name}`
}
