export type { AuditRecord, AuditTargets, PatchFailure } from './audit-record.js'
export type { TrailQuery } from './audit-trail.js'
export { type Failure, InvalidationError } from './errors.js'
export type { InvalidatingCache } from './invalidating-cache.js'
export { type Cause, createInvalidator, type Invalidator, type RaiseArguments } from './invalidator.js'
export type { InvalidatorOptions } from './options.js'
export {
  defineRules,
  type Invalidates,
  nothing,
  type Rule,
  type Rules,
  type RulesOf,
  rule,
  type Strategy,
} from './rules.js'
export {
  entries,
  entry,
  everything,
  expire,
  type InputOf,
  type KeyedDefinition,
  type KeyTarget,
  key,
  type Patch,
  type PatchAnswer,
  patch,
  pattern,
  regex,
  type Target,
  type Targets,
  tag,
  whole,
} from './targets.js'
