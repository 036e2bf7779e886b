import { type Capacity, capacityOf } from './capacity.js'
import { sampledTrace, simulateSample } from './sampled.js'
import { type SimulatedPolicy, type SimulationResult, simulate } from './simulate.js'
import { footprintOf, readsOf, type Trace } from './trace.js'

/** What policies miss at several sizes of the cache. */
export interface MissRatioCurves {
  readonly trace: string
  readonly requests: number
  readonly distinct: number
  /** Bytes that hold every key; absent when the trace has no sizes. */
  readonly footprint?: number
  readonly by: 'entries' | 'bytes'
  /** Share of the keys that was simulated. */
  readonly sample: number
  readonly capacities: readonly Capacity[]
  readonly curves: readonly MissRatioCurve[]
}

export interface MissRatioCurve {
  readonly policy: SimulatedPolicy
  /** From 0 to 1, one for each capacity. */
  readonly missRatios: readonly number[]
  /** The same of bytes; absent when the trace has no sizes. */
  readonly byteMissRatios?: readonly number[]
}

export interface MissRatioCurveOptions {
  readonly policies: readonly SimulatedPolicy[]
  /** Sizes, spread evenly over the orders of magnitude from a thousandth of the keys to all. Default 16. */
  readonly points?: number
  /** Sizes of one's own instead. */
  readonly sizes?: readonly string[] | undefined
  readonly by?: 'entries' | 'bytes'
  /** Simulates only this share of the keys, with caches as much smaller. Default 1: exact. */
  readonly sample?: number | undefined
  readonly progress?: (result: SimulationResult) => void
}

const POINTS = 16
const SMALLEST_SHARE = 0.001
/** Caches with fewer entries say nothing. */
const SMALLEST = 8

/** Simulates every policy at every size. */
export function missRatioCurves(trace: Trace, options: MissRatioCurveOptions): MissRatioCurves {
  const { policies, by = 'entries', sample: share = 1, progress } = options
  const sizes = options.sizes ?? spread(trace, options.points ?? POINTS)
  const capacities = sizes.map((size) => capacityOf(size, trace, by))
  const sample = share < 1 ? sampledTrace(trace, share) : trace
  const run = (policy: SimulatedPolicy, capacity: Capacity) => {
    const result =
      share < 1 ? simulateSample(trace, sample, { policy, capacity, share }) : simulate(trace, policy, capacity)
    progress?.(result)
    return result
  }
  const curves = policies.map((policy) => {
    const results = capacities.map((capacity) => run(policy, capacity))
    return {
      policy,
      missRatios: results.map(({ hitRatio }) => 1 - hitRatio),
      ...(trace.sizes && { byteMissRatios: results.map(({ byteHitRatio = 0 }) => 1 - byteHitRatio) }),
    }
  })
  const { name, distinct } = trace
  const footprint = trace.sizes && { footprint: footprintOf(trace) }
  return { trace: name, requests: readsOf(trace), distinct, ...footprint, by, sample: share, capacities, curves }
}

/** Percentages at even distances on a logarithmic scale. */
function spread({ distinct }: Trace, points: number): string[] {
  const least = Math.min(0.5, Math.max(SMALLEST_SHARE, SMALLEST / distinct))
  const shares = Array.from({ length: points }, (_, at) => least ** (1 - at / Math.max(1, points - 1)))
  return shares.map((share) => `${Number((share * 100).toPrecision(3))}%`)
}
