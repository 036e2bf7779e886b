import type { InvalidationMode } from '../../ports.js'
import { seededRandom } from '../../seeded-random.js'

/**
 * What an invalidation names: the key, its tag, a pattern or expression that matches it, its definition, or everything.
 */
export type Scope = 'key' | 'tag' | 'glob' | 'regex' | 'definition' | 'clear'

/** One thing that somebody does at a moment. Times in milliseconds from the start; nodes and keys by number. */
export type Action = { readonly at: number; readonly node: number } & (
  | { readonly do: 'read'; readonly key: number; readonly freshness: 'memory' | 'remote' }
  /** Changes the origin, and then invalidates. */
  | { readonly do: 'write'; readonly key: number; readonly scope: Scope; readonly mode: InvalidationMode }
  /** Changes the origin, and then sets the new value. */
  | { readonly do: 'set'; readonly key: number }
  | { readonly do: 'cut' | 'cutSubscription' | 'heal' | 'drop' | 'duplicate' }
  | { readonly do: 'delay'; readonly ms: number }
  | { readonly do: 'fail'; readonly when: 'before' | 'after' }
  | { readonly do: 'trim' | 'flush' | 'loseHead' | 'loseTags' | 'loseStream' | 'loseLeases' }
)

export interface WorkloadSize {
  readonly actions: number
  readonly nodes: number
  readonly keys: number
}

const SCOPES: readonly Scope[] = ['key', 'key', 'key', 'tag', 'tag', 'glob', 'regex', 'definition', 'clear']
const LOSSES = ['trim', 'trim', 'flush', 'loseHead', 'loseTags', 'loseStream', 'loseLeases'] as const
const CUTS = ['cut', 'cutSubscription', 'heal', 'heal'] as const

/**
 * The workload of a seed: mostly reads of few keys, so that reads, loads and invalidations overlap, and something
 * always goes wrong.
 */
export function workload(seed: number, { actions, nodes, keys }: WorkloadSize): Action[] {
  const random = seededRandom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const list: Action[] = []
  let at = 0
  while (list.length < actions) {
    // Bursts within the time of a load, with pauses in which heartbeats and leases matter.
    at += random() < 0.07 ? Math.floor(random() * 1_500) : Math.floor(random() * 12)
    const node = Math.floor(random() * nodes)
    const key = Math.floor(random() * keys)
    const chance = random()
    if (chance < 0.6) list.push({ at, node, do: 'read', key, freshness: random() < 0.2 ? 'remote' : 'memory' })
    else if (chance < 0.82) list.push({ at, node, do: 'write', key, ...hardOrSoft(pick(SCOPES), random()) })
    else if (chance < 0.86) list.push({ at, node, do: 'set', key })
    else if (chance < 0.9) list.push({ at, node, do: 'drop' })
    else if (chance < 0.92) list.push({ at, node, do: 'duplicate' })
    else if (chance < 0.94) list.push({ at, node, do: 'delay', ms: Math.floor(random() * 400) })
    else if (chance < 0.96) list.push({ at, node, do: 'fail', when: pick(['before', 'after'] as const) })
    else if (chance < 0.99) list.push({ at, node, do: pick(CUTS) })
    else list.push({ at, node, do: pick(LOSSES) })
  }
  return list
}

/** Everything can only be deleted; the rest is softly invalidated now and then. */
function hardOrSoft(scope: Scope, chance: number): { scope: Scope; mode: InvalidationMode } {
  return { scope, mode: scope !== 'clear' && chance < 0.2 ? 'expire' : 'delete' }
}
