export { type Action, type Scope, workload } from './actions.js'
export type { InvalidationRecord, ReadRecord, Taken, Violation } from './history.js'
export { broken, shrink } from './shrink.js'
export {
  describeAction,
  SIMULATED_STALENESS_MS,
  type SimulationOptions,
  type SimulationReport,
  simulate,
} from './simulate.js'
