import type { AuditTargets, PatchFailure } from './audit-record.js'
import { flatten, type Patch, type Target, type Targets } from './targets.js'

/** A target that is an invalidation; a patch is not. */
export type Operation = Exclude<Target, { kind: 'patch' }>

/** What one event has to do: each name once. */
export interface Plan {
  /** By {@link laneOf}. */
  readonly operations: ReadonlyMap<string, Operation>
  /** By key, in the order of the rules. */
  readonly patches: ReadonlyMap<string, readonly Patch[]>
}

/** The name under which an operation is ordered and merged with others of its kind. */
export function laneOf(target: Target): string {
  switch (target.kind) {
    case 'key':
    case 'patch':
      return keyLane(target.key)
    case 'tag':
      return `tag ${JSON.stringify(target.tag)}`
    case 'pattern':
      return `pattern ${JSON.stringify(target.glob)}`
    case 'regex':
      return `regex ${target.regex}`
    case 'everything':
      return 'everything'
  }
}

export function keyLane(key: string): string {
  return `key ${JSON.stringify(key)}`
}

/** Two operations on the same lane as one: a deletion does all that a soft expiry does. */
export function merge(one: Operation, other: Operation): Operation {
  return one.kind !== 'everything' && one.mode === 'expire' ? other : one
}

/** What the targets come to. */
export function plan(targets: Targets): Plan {
  const operations = new Map<string, Operation>()
  const patches = new Map<string, Patch[]>()
  for (const target of flatten(targets)) {
    if (target.kind === 'patch') {
      patches.set(target.key, [...(patches.get(target.key) ?? []), target.apply])
    } else {
      const lane = laneOf(target)
      const earlier = operations.get(lane)
      operations.set(lane, earlier === undefined ? target : merge(earlier, target))
    }
  }
  return { operations, patches }
}

const NAMES_PER_LIST = 256

/** The names in the plan, for the audit trail. */
export function auditTargets(
  { operations, patches }: Plan,
  unpatched: readonly { readonly key: string; readonly reason: PatchFailure }[],
): AuditTargets {
  const all = [...operations.values()]
  const failedKeys = new Set(unpatched.map(({ key }) => key))
  let omitted = 0
  const bounded = <T>(list: readonly T[]): readonly T[] => {
    omitted += Math.max(0, list.length - NAMES_PER_LIST)
    return Object.freeze(list.slice(0, NAMES_PER_LIST))
  }
  return Object.freeze({
    keys: bounded(all.flatMap((operation) => (operation.kind === 'key' ? [operation.key] : []))),
    tags: bounded(all.flatMap((operation) => (operation.kind === 'tag' ? [operation.tag] : []))),
    patterns: bounded(
      all.flatMap((operation) => {
        if (operation.kind === 'pattern') return [operation.glob]
        return operation.kind === 'regex' ? [String(operation.regex)] : []
      }),
    ),
    everything: operations.has('everything'),
    patched: bounded([...patches.keys()].filter((key) => !failedKeys.has(key))),
    unpatched: bounded(unpatched),
    omitted,
  })
}
