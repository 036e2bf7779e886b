import type { HistorySeries, Resolution, SeriesColumns } from '../../watching.js'
import type { DefinitionCounters } from '../counters.js'
import { responseTimeOf } from '../window-stats.js'
import { FrameSum } from './frame.js'
import { addFrame } from './frame-codec.js'
import { type LoadedHistory, shapeOf } from './loaded-history.js'

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer V)[] ? V[] : T[K] }

const COUNTED = [
  'memoryHits',
  'remoteHits',
  'staleHits',
  'misses',
  'failedReads',
  'loads',
  'loadErrors',
  'remoteErrors',
  'damagedValues',
  'sets',
  'invalidations',
] as const satisfies readonly (keyof SeriesColumns)[]

/** A series as columns, for charts. */
export function seriesColumns(history: LoadedHistory, resolution: Resolution, since?: number): HistorySeries {
  const slots = history.slots(resolution, since)
  const total = noColumns()
  const definitions = new Map<string, Writable<SeriesColumns>>()
  const at: number[] = []
  const durationMs: number[] = []
  const nodes: number[] = []
  const heat: (readonly number[])[] = []
  const gauges = { entries: [], bytes: [], maxBytes: [], flights: [], evictions: [], expirations: [] } as Record<
    'entries' | 'bytes' | 'maxBytes' | 'flights' | 'evictions' | 'expirations',
    number[]
  >
  const sum = new FrameSum()
  for (const [row, slot] of slots.entries()) {
    sum.reset()
    addFrame(slot.bytes, sum)
    at.push(slot.at)
    durationMs.push(slot.durationMs)
    nodes.push(slot.nodes)
    heat.push(addRow(total, sum.total))
    for (const [name, counters] of sum.definitions) {
      const columns = definitions.get(name) ?? noColumns()
      definitions.set(name, columns)
      // A definition that comes later has nothing to show for the intervals before.
      for (let missing = columns.reads.length; missing < row; missing++) addRow(columns, NOTHING)
      addRow(columns, counters)
    }
    for (const [name, values] of Object.entries(gauges)) values.push(sum.process[name as keyof typeof gauges])
  }
  return {
    resolutionMs: shapeOf(resolution).widthMs,
    until: history.at,
    at,
    durationMs,
    nodes,
    total,
    definitions: Object.fromEntries(definitions),
    ...gauges,
    heat,
  }
}

const NOTHING = new FrameSum().total

function noColumns(): Writable<SeriesColumns> {
  const names = ['reads', ...COUNTED, ...JUDGED]
  return Object.fromEntries(names.map((name) => [name, []])) as unknown as Writable<SeriesColumns>
}

const JUDGED = ['hitRate', 'memoryHitRate', 'remoteHitRate', 'p50', 'p99', 'loadP50', 'loadP99', 'remoteP99'] as const

/** Adds one interval, and returns its row of the heat map. */
function addRow(columns: Writable<SeriesColumns>, counters: DefinitionCounters): readonly number[] {
  const { memoryHits, remoteHits, misses, memoryMisses, memoryBypasses, loadTime, remoteTime } = counters
  const reads = memoryHits + remoteHits + misses
  const times = responseTimeOf(counters)
  columns.reads.push(reads)
  for (const name of COUNTED) columns[name].push(counters[name])
  columns.hitRate.push(share(memoryHits + remoteHits, reads))
  columns.memoryHitRate.push(share(memoryHits, reads - memoryBypasses))
  columns.remoteHitRate.push(share(remoteHits, memoryMisses))
  columns.p50.push(times.total === 0 ? null : times.percentile(0.5))
  columns.p99.push(times.total === 0 ? null : times.percentile(0.99))
  columns.loadP50.push(loadTime.total === 0 ? null : loadTime.percentile(0.5))
  columns.loadP99.push(loadTime.total === 0 ? null : loadTime.percentile(0.99))
  columns.remoteP99.push(remoteTime.total === 0 ? null : remoteTime.percentile(0.99))
  return times.figures().buckets
}

function share(part: number, whole: number): number | null {
  return whole <= 0 ? null : Math.min(1, part / whole)
}
