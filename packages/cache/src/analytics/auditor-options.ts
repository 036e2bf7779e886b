import { systemClock } from '../clock.js'
import { invalidOption, refuseUnknown } from '../errors.js'
import type { Clock, Logger } from '../ports.js'
import { type Duration, milliseconds } from '../units.js'
import type { AuditedDefinition } from './audited-definition.js'
import type { StalenessFinding, Window } from './consistency-report.js'

export interface ConsistencyAuditorOptions {
  /** What to audit, each made by `audited(definition, { origin, ... })`. */
  readonly definitions: readonly AuditedDefinition[]
  /** Share of the reads to audit, above 0, at most 1. Default 0.001. */
  readonly sample?: number
  /** Ages to report on, rising. Default `['1s', '10s', '60s']`. */
  readonly windows?: readonly Duration[]
  /** Questions to the origin at a time, of all definitions. Default 2. */
  readonly maxConcurrent?: number
  /** Questions to the origin in any second. Default 10. */
  readonly maxPerSecond?: number
  /** How long the origin may take before it counts as an error and its signal is aborted. Default `'5s'`. */
  readonly timeout?: Duration
  /** Findings that the report keeps, the latest ones. Default 100. */
  readonly keepFindings?: number
  /**
   * Called with each finding, and again for each longer window that its value is seen to outlive. Its errors are
   * logged.
   */
  readonly onFinding?: (finding: StalenessFinding) => void
  /** Gets `warn` for findings and for errors of the origin; never a value. Default: none. */
  readonly logger?: Logger
  readonly clock?: Clock
}

/** {@link ConsistencyAuditorOptions}, resolved: durations in milliseconds. */
export interface ResolvedAuditorOptions {
  readonly definitions: ReadonlyMap<string, AuditedDefinition>
  readonly sample: number
  readonly windows: readonly Window[]
  readonly maxConcurrent: number
  readonly maxPerSecond: number
  readonly timeout: number
  readonly keepFindings: number
  readonly onFinding: ((finding: StalenessFinding) => void) | undefined
  readonly logger: Logger | undefined
  readonly clock: Clock
}

export const AUDITOR_DEFAULTS = Object.freeze({
  sample: 0.001,
  windows: Object.freeze(['1s', '10s', '60s'] as const),
  maxConcurrent: 2,
  maxPerSecond: 10,
  timeout: '5s' as const,
  keepFindings: 100,
})

const OPTION_NAMES = new Set(['definitions', ...Object.keys(AUDITOR_DEFAULTS), 'onFinding', 'logger', 'clock'])
/** What a timer can wait for. */
const LONGEST_MS = 2_147_483_647

/** `known`: the definitions of the cache that is audited. */
export function resolveAuditorOptions(
  options: ConsistencyAuditorOptions,
  known: ReadonlyMap<string, unknown>,
): ResolvedAuditorOptions {
  refuseUnknown('createConsistencyAuditor', options, OPTION_NAMES)
  const { sample = AUDITOR_DEFAULTS.sample, keepFindings = AUDITOR_DEFAULTS.keepFindings } = options
  if (typeof sample !== 'number' || !(sample > 0 && sample <= 1))
    throw invalidOption('sample', sample, 'a share of the reads above 0, at most 1')
  if (options.onFinding !== undefined && typeof options.onFinding !== 'function')
    throw invalidOption('onFinding', options.onFinding, 'a function (finding) => void')
  return Object.freeze({
    definitions: definitionsOf(options, known),
    sample,
    windows: windowsOf(options.windows ?? AUDITOR_DEFAULTS.windows),
    maxConcurrent: whole('maxConcurrent', options.maxConcurrent ?? AUDITOR_DEFAULTS.maxConcurrent, 1, 10_000),
    maxPerSecond: whole('maxPerSecond', options.maxPerSecond ?? AUDITOR_DEFAULTS.maxPerSecond, 1, 10_000),
    timeout: positive('timeout', options.timeout ?? AUDITOR_DEFAULTS.timeout),
    keepFindings: whole('keepFindings', keepFindings, 0, 100_000),
    onFinding: options.onFinding,
    logger: options.logger,
    clock: options.clock ?? systemClock,
  })
}

function definitionsOf(
  { definitions }: ConsistencyAuditorOptions,
  known: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, AuditedDefinition> {
  if (!Array.isArray(definitions) || definitions.length === 0)
    throw invalidOption('definitions', definitions, 'at least one audited(definition, { origin, ... })')
  const byName = new Map<string, AuditedDefinition>()
  for (const one of definitions as readonly AuditedDefinition[]) {
    if (typeof one?.ask !== 'function')
      throw invalidOption('definitions', one, 'what audited(definition, { origin, ... }) returns')
    if (known.get(one.name) !== one.definition)
      throw invalidOption('definitions', one.name, 'definitions of the cache that is audited')
    if (byName.has(one.name)) throw invalidOption('definitions', one.name, 'each definition once')
    byName.set(one.name, one)
  }
  return byName
}

function windowsOf(windows: readonly Duration[]): readonly Window[] {
  if (!Array.isArray(windows) || windows.length === 0) throw invalidOption('windows', windows, 'at least one duration')
  const resolved = windows.map((window: Duration) => ({ window, ms: positive('windows', window) }))
  for (const [index, { window, ms }] of resolved.entries()) {
    if (index > 0 && ms <= (resolved[index - 1] as Window).ms)
      throw invalidOption('windows', window, 'durations that rise from each to the next')
  }
  return Object.freeze(resolved)
}

function positive(name: string, duration: Duration): number {
  const ms = milliseconds(name, duration)
  if (ms > 0 && ms <= LONGEST_MS) return ms
  throw invalidOption(name, duration, 'a duration above 0, at most 24 days')
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw invalidOption(name, value, `a whole number from ${least} to ${most}`)
}
