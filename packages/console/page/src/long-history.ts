import type { Fleet, HistorySeries, SeriesColumns } from '@tableforge/cache'
import type { Columns, History, IntervalFigures } from '../../src/wire.js'
import type { Scope } from './whose.js'

/**
 * The series without its newest intervals that are not told in full: one that is under way, and those of which not
 * every process has published its part. All of it, while that would leave nothing.
 */
export function toldInFull(series: HistorySeries, scope: Scope, fleet: Fleet | undefined): HistorySeries {
  const until = Math.min(series.until, publishedUntil(scope, fleet))
  const expected = scope === 'fleet' ? (fleet?.nodes.length ?? 0) : 0
  const last = series.at.findLastIndex(
    (at, row) => at + series.resolutionMs <= until && (series.nodes[row] ?? 0) >= expected,
  )
  return last === -1 ? series : firstRows(series, last + 1)
}

/** What all processes of a scope have published; this one's own figures are always there. */
function publishedUntil(scope: Scope, fleet: Fleet | undefined): number {
  const others = fleet?.nodes.filter(({ node, self }) => !self && (scope === 'fleet' || scope === `node:${node}`))
  return Math.min(...(others?.map(({ at }) => at) ?? []))
}

function firstRows(series: HistorySeries, rows: number): HistorySeries {
  const cut = <T>(values: readonly T[]): readonly T[] => values.slice(0, rows)
  const cutAll = (columns: SeriesColumns) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, cut(values)])) as unknown as SeriesColumns
  return {
    ...series,
    at: cut(series.at),
    durationMs: cut(series.durationMs),
    nodes: cut(series.nodes),
    total: cutAll(series.total),
    definitions: Object.fromEntries(Object.entries(series.definitions).map(([name, one]) => [name, cutAll(one)])),
    entries: cut(series.entries),
    bytes: cut(series.bytes),
    maxBytes: cut(series.maxBytes),
    flights: cut(series.flights),
    evictions: cut(series.evictions),
    expirations: cut(series.expirations),
    heat: cut(series.heat),
  }
}

/**
 * A series of the library's history in the shape of the live one. Its times are beginnings of intervals, ours are ends.
 */
export function historyOf(live: History, series: HistorySeries): History {
  const { resolutionMs, until, total, definitions } = series
  const none = series.at.map(() => null)
  const zero = series.at.map(() => 0)
  const figures: Columns<IntervalFigures> = {
    ...pick(total, [
      'reads',
      'memoryHits',
      'remoteHits',
      'staleHits',
      'misses',
      'loads',
      'loadErrors',
      'remoteErrors',
      'damagedValues',
      'sets',
      'invalidations',
    ]),
    memoryMs: none,
    readMs: none,
    remoteMs: none,
    loadMs: none,
  }
  return {
    ...live,
    intervalMs: resolutionMs,
    // One under way ends now, not in the future, and its rates are of the time that has passed.
    at: series.at.map((at) => Math.min(at + resolutionMs, until)),
    durationMs: series.durationMs.map((ms) => Math.max(1, ms)),
    total: figures,
    gauges: {
      entries: [...series.entries],
      bytes: [...series.bytes],
      flights: [...series.flights],
      applied: zero,
      unconfirmedMs: none,
      evictions: [...series.evictions],
    },
    heat: [...series.heat],
    definitions: Object.fromEntries(
      Object.entries(definitions).map(([name, one]) => [
        name,
        {
          ...pick(one, ['reads', 'memoryHits', 'remoteHits', 'loads']),
          errors: one.loadErrors.map(
            (failed, index) => failed + (one.remoteErrors[index] ?? 0) + (one.damagedValues[index] ?? 0),
          ),
        },
      ]),
    ),
  }
}

function pick<K extends string>(columns: Readonly<Record<K, readonly number[]>>, names: readonly K[]) {
  return Object.fromEntries(names.map((name) => [name, [...columns[name]]])) as Record<K, number[]>
}
