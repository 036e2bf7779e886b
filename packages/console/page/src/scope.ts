import type { Fleet, HistorySeries } from '@tableforge/cache'
import { useMemo } from 'react'
import type { Picture } from './feed.js'
import { historyOf, toldInFull } from './long-history.js'
import { usePolled } from './polled.js'
import type { Scope } from './whose.js'

/** Percentiles of each interval, where the history keeps them. */
export interface Quantiles {
  readonly p50: readonly (number | null)[]
  readonly p99: readonly (number | null)[]
  readonly remoteP99: readonly (number | null)[]
  readonly loadP99: readonly (number | null)[]
}

export interface ScopedPicture {
  readonly picture: Picture
  readonly quantiles: Quantiles | undefined
  /** Whether it is the live stream of this node rather than the history of the cache. */
  readonly live: boolean
  readonly problem: string | undefined
}

const LIVE_MS = 600_000

/** The picture with its history and totals replaced by those of the scope and the time that are asked for. */
export function useScoped(picture: Picture | undefined, scope: Scope, spanMs: number): ScopedPicture | undefined {
  const live = scope === 'node' && spanMs <= LIVE_MS
  const [resolution, everyMs] =
    spanMs <= LIVE_MS ? ['1s', 2_000] : spanMs <= 7_200_000 ? ['10s', 10_000] : ['5m', 60_000]
  const timeline = usePolled<HistorySeries>(
    live ? undefined : `timeline?resolution=${resolution}&scope=${encodeURIComponent(scope)}`,
    everyMs as number,
  )
  const fleet = usePolled<Fleet>(scope === 'node' ? undefined : 'fleet', 5_000)
  return useMemo(() => {
    if (picture === undefined) return undefined
    if (live) return { picture, quantiles: undefined, live, problem: undefined }
    if (timeline.data === undefined || (scope !== 'node' && fleet.data === undefined && fleet.problem === undefined)) {
      const problem = timeline.problem ?? 'Asking for the history…'
      return { picture, quantiles: undefined, live: true, problem }
    }
    const series = toldInFull(timeline.data, scope, fleet.data)
    const { p50, p99, remoteP99, loadP99 } = series.total
    return {
      picture: { ...picture, history: historyOf(picture.history, series), stats: statsOf(picture, fleet.data, scope) },
      quantiles: { p50, p99, remoteP99, loadP99 },
      live,
      problem: timeline.problem,
    }
  }, [picture, live, timeline.data, timeline.problem, fleet.data, fleet.problem, scope])
}

/** Totals since the start, of all processes or of another one. */
function statsOf({ stats }: Picture, fleet: Fleet | undefined, scope: Scope): Picture['stats'] {
  if (scope === 'node' || fleet === undefined) return stats
  if (scope === 'fleet') {
    const sum = (of: (node: Fleet['nodes'][number]) => number) =>
      fleet.nodes.reduce((total, node) => total + of(node), 0)
    // JSON has no Infinity: a bound that is not set is `null`, and so is the sum of bounds then.
    const bound = (of: (node: Fleet['nodes'][number]) => number | null) =>
      fleet.nodes.some((node) => of(node) === null) ? null : sum((node) => of(node) ?? 0)
    return {
      ...stats,
      total: fleet.total,
      definitions: fleet.definitions,
      memory: {
        entries: sum(({ memory }) => memory.entries),
        bytes: sum(({ memory }) => memory.bytes),
        maxEntries: bound(({ memory }) => memory.maxEntries),
        maxBytes: bound(({ memory }) => memory.maxBytes),
        evictions: sum(({ memory }) => memory.evictions),
        expirations: sum(({ memory }) => memory.expirations),
        refusals: sum(({ memory }) => memory.refusals),
      },
    }
  }
  const node = fleet.nodes.find((one) => `node:${one.node}` === scope)
  return node === undefined ? stats : { ...stats, total: node.total, memory: node.memory }
}
