import type { FleetNode } from '@tableforge/cache'

/** Where in the log this process was at some times, oldest first. */
export interface Positions {
  readonly at: readonly number[]
  readonly applied: readonly number[]
}

type Told = Pick<FleetNode, 'node' | 'at' | 'log'>

/**
 * How many messages of the log a process had not applied, of those that anybody was known to have applied when it told
 * of itself: what it said seconds ago is not held against what is known by now. `undefined`: nothing is known of that
 * time.
 */
export function lagOf(told: Told, nodes: readonly Told[], own: Positions): number | undefined {
  const sample = own.at.findLastIndex((at) => at <= told.at)
  const others = nodes.filter(
    ({ node, at, log }) => node !== told.node && at <= told.at && log.epoch === told.log.epoch,
  )
  const known = [...others.map(({ log }) => log.applied), ...(sample === -1 ? [] : [own.applied[sample] ?? 0])]
  return known.length === 0 ? undefined : Math.max(0, Math.max(...known) - told.log.applied)
}
