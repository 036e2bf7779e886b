export { belady } from './belady.js'
export { type Capacity, capacityOf } from './capacity.js'
export { concatenated, firstSteps, mixed } from './combine.js'
export { curveSvg } from './drawing/curve-chart.js'
export { curvePage } from './drawing/curve-page.js'
export type { CsvColumn } from './formats/csv.js'
export {
  LEAST_ENTRIES,
  type MatrixCell,
  type MatrixOptions,
  type MatrixSummary,
  matrixCells,
  summaryOf,
} from './matrix.js'
export {
  type MissRatioCurve,
  type MissRatioCurveOptions,
  type MissRatioCurves,
  missRatioCurves,
} from './miss-ratio-curve.js'
export { formatOf, type ReadTraceOptions, readTrace, TRACE_FORMATS, type TraceFormat } from './read-trace.js'
export {
  type ObservedCache,
  type RecordTraceOptions,
  recordTrace,
  type TraceRecording,
} from './record-trace.js'
export { sampledTrace, simulateSample } from './sampled.js'
export { OPTIMUM, SIMULATED_POLICIES, type SimulatedPolicy, type SimulationResult, simulate } from './simulate.js'
export { EVENING_HABITS, type EveningHabit } from './synthetic/evening-habits.js'
export { SYNTHETIC_TRACES, type SyntheticTrace, syntheticTrace } from './synthetic/synthetic-traces.js'
export type { Tally } from './tally.js'
export { DELETE, footprintOf, READ, readsOf, type Trace, WRITE } from './trace.js'
export { type Step, TraceBuilder, type TraceColumns } from './trace-builder.js'
export { TraceError } from './trace-error.js'
export { upperBound } from './upper-bound.js'
export { writeTrace } from './write-trace.js'
