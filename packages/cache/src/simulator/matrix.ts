import { type Capacity, capacityOf } from './capacity.js'
import { OPTIMUM, type SimulatedPolicy, type SimulationResult, simulate } from './simulate.js'
import { footprintOf, type Trace } from './trace.js'

/** Smaller caches say more about chance than about a policy. */
export const LEAST_ENTRIES = 100

/** One trace at one size, by every policy. */
export interface MatrixCell {
  readonly trace: string
  readonly capacity: Capacity
  readonly results: readonly SimulationResult[]
  /** The policy with the highest hit ratio, apart from the optimum and the one that is judged. */
  readonly best: SimulatedPolicy | undefined
  /** Percentage points by which the judged policy is above the best of the others; below it: negative. */
  readonly gap: number | undefined
}

/** What all cells come to. */
export interface MatrixSummary {
  /** Mean hit ratio over all cells, by policy. */
  readonly means: Readonly<Record<string, number>>
  /** The same of bytes, over the cells whose traces have sizes; empty when none has. */
  readonly byteMeans: Readonly<Record<string, number>>
  /** Cells in which a policy is the best, apart from the optimum and the one that is judged. */
  readonly wins: Readonly<Record<string, number>>
  /** The lowest gap of the judged policy, in percentage points. */
  readonly worstGap: number | undefined
  /** Cells in which the judged policy is more than a percentage point below the best of the others. */
  readonly behind: number
}

export interface MatrixOptions {
  readonly sizes: readonly string[]
  readonly policies: readonly SimulatedPolicy[]
  /** The policy that is held against the others, by its name. */
  readonly judged: string
  /** What percentages are of. Default `entries`. */
  readonly by?: 'entries' | 'bytes' | undefined
  /**
   * Smaller capacities are left out; of bytes, those that hold fewer values of mean size. Default
   * {@link LEAST_ENTRIES}.
   */
  readonly leastEntries?: number | undefined
  /** Told of each simulation that has ended. */
  readonly progress?: ((result: SimulationResult) => void) | undefined
}

/** The cells of one trace: each size by every policy. */
export function matrixCells(trace: Trace, options: MatrixOptions): MatrixCell[] {
  const { sizes, policies, judged, by = 'entries', leastEntries = LEAST_ENTRIES, progress } = options
  const meanBytes = footprintOf(trace) / trace.distinct
  const capacities = sizes
    .map((size) => capacityOf(size, trace, by))
    .filter(({ entries, bytes }) => Math.min(entries, bytes / meanBytes) >= leastEntries)
  return capacities.map((capacity) => {
    const results = policies.map((policy) => {
      const result = simulate(trace, policy, capacity)
      progress?.(result)
      return result
    })
    return { trace: trace.name, capacity, results, ...verdict(results, judged) }
  })
}

export function summaryOf(cells: readonly MatrixCell[]): MatrixSummary {
  const wins: Record<string, number> = {}
  for (const { best } of cells) if (best !== undefined) wins[best] = (wins[best] ?? 0) + 1
  const results = cells.flatMap((cell) => cell.results)
  const gaps = cells.flatMap(({ gap }) => (gap === undefined ? [] : [gap]))
  return {
    means: meansOf(results, ({ hitRatio }) => hitRatio),
    byteMeans: meansOf(results, ({ byteHitRatio }) => byteHitRatio),
    wins,
    worstGap: gaps.length === 0 ? undefined : Math.min(...gaps),
    behind: gaps.filter((gap) => gap < -1).length,
  }
}

/** The mean of a figure by policy, over the results that have it. */
function meansOf(
  results: readonly SimulationResult[],
  figureOf: (result: SimulationResult) => number | undefined,
): Record<string, number> {
  const totals = new Map<string, { sum: number; count: number }>()
  for (const result of results) {
    const figure = figureOf(result)
    if (figure === undefined) continue
    const total = totals.get(result.policy) ?? { sum: 0, count: 0 }
    totals.set(result.policy, { sum: total.sum + figure, count: total.count + 1 })
  }
  return Object.fromEntries([...totals].map(([policy, { sum, count }]) => [policy, sum / count]))
}

function verdict(results: readonly SimulationResult[], judged: string): Pick<MatrixCell, 'best' | 'gap'> {
  const others = results.filter(({ policy }) => policy !== OPTIMUM && policy !== judged)
  const best = others.reduce<SimulationResult | undefined>(
    (first, one) => (first === undefined || one.hitRatio > first.hitRatio ? one : first),
    undefined,
  )
  const own = results.find(({ policy }) => policy === judged)
  const gap = own === undefined || best === undefined ? undefined : (own.hitRatio - best.hitRatio) * 100
  return { best: best?.policy, gap }
}
