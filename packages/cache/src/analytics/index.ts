export {
  type AuditedDefinition,
  audited,
  type OriginState,
  type TruthSource,
  type Version,
} from './audited-definition.js'
export type { ConsistencyAuditorOptions } from './auditor-options.js'
export { type AuditedCache, type ConsistencyAuditor, createConsistencyAuditor } from './consistency-auditor.js'
export type { AuditFigures, ConsistencyReport, Exactness, StalenessFinding, WindowShare } from './consistency-report.js'
export type { StalenessCause } from './staleness-cause.js'
