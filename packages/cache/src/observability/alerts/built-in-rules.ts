import type { AlertFinding } from '../../watch-options.js'
import { type Bounds, isEnough, type ResolvedRule, severityOf } from './alert-rule.js'

/** Bounds of the built-in rules; `undefined`: switched off. */
export interface ResolvedThresholds {
  readonly hitRate: Bounds | undefined
  readonly errorRate: Bounds | undefined
  readonly latencyMs: Bounds | undefined
  readonly memory: Bounds | undefined
  readonly connectionMs: Bounds | undefined
}

export interface BuiltInOptions {
  readonly thresholds: ResolvedThresholds
  readonly minReads: number
  readonly pendingMs: number
}

/** The names of the built-in rules; alerts for Prometheus are named by the same. */
export const RULE_NAMES = {
  hitRate: 'hit-rate-low',
  errorRate: 'error-rate-high',
  latency: 'latency-high',
  memory: 'memory-high',
  connection: 'connection-lost',
  budget: {
    hitRate: 'hit-rate-budget-burns',
    latency: 'latency-budget-burns',
    availability: 'availability-budget-burns',
  },
  failed: 'rule-failed',
} as const

/** What is watched without being asked for in detail. */
export function builtInRules({ thresholds, minReads, pendingMs }: BuiltInOptions): ResolvedRule[] {
  const { hitRate, errorRate, latencyMs, memory, connectionMs } = thresholds
  return [
    hitRate && hitRateRule(hitRate, minReads, pendingMs),
    errorRate && errorRateRule(errorRate, minReads, pendingMs),
    latencyMs && latencyRule(latencyMs, minReads, pendingMs),
    memory && memoryRule(memory, pendingMs),
    connectionMs && connectionRule(connectionMs),
  ].filter((rule) => rule !== undefined)
}

function hitRateRule(bounds: Bounds, minReads: number, pendingMs: number): ResolvedRule {
  return {
    name: RULE_NAMES.hitRate,
    about: `less than ${percent(bounds.warning)} of the reads are answered by a tier`,
    pendingMs,
    scope: 'fleet',
    judge({ recent, current }) {
      const { reads, hitRate } = recent.total
      if (!isEnough(reads, minReads, current())) return undefined
      return found(severityOf(hitRate, bounds, 'below', current()), hitRate, bounds, (bound) => {
        return `${percent(hitRate)} of ${reads} reads were hits, less than ${percent(bound)}`
      })
    },
  }
}

function errorRateRule(bounds: Bounds, minReads: number, pendingMs: number): ResolvedRule {
  return {
    name: RULE_NAMES.errorRate,
    about: `more than ${percent(bounds.warning)} of the operations fail`,
    pendingMs,
    scope: 'fleet',
    judge({ recent, current }) {
      const { reads, sets, invalidations, errorRate, loadErrors, remoteErrors } = recent.total
      if (!isEnough(reads + sets + invalidations, minReads, current())) return undefined
      return found(severityOf(errorRate, bounds, 'above', current()), errorRate, bounds, (bound) => {
        const which = `${loadErrors} loads and ${remoteErrors} remote calls`
        return `${percent(errorRate)} of the operations failed (${which}), more than ${percent(bound)}`
      })
    },
  }
}

function latencyRule(bounds: Bounds, minReads: number, pendingMs: number): ResolvedRule {
  return {
    name: RULE_NAMES.latency,
    about: `one read in twenty takes longer than ${round(bounds.warning)} ms`,
    pendingMs,
    scope: 'fleet',
    judge({ recent, current }) {
      if (!isEnough(recent.total.reads, minReads, current())) return undefined
      const p95 = recent.total.responseP95Ms
      return found(severityOf(p95, bounds, 'above', current()), p95, bounds, (bound) => {
        return `one read in twenty took ${round(p95)} ms or longer, more than ${round(bound)} ms`
      })
    },
  }
}

/** A full tier is as it should be; it is too small when it is full *and* lets go of what is still good. */
function memoryRule(bounds: Bounds, pendingMs: number): ResolvedRule {
  return {
    name: RULE_NAMES.memory,
    about: `the memory tier is more than ${percent(bounds.warning)} full and evicts`,
    pendingMs,
    scope: 'fleet',
    judge({ recent, current }) {
      const { bytes, maxBytes, evictions } = recent.memory
      if (maxBytes === 0 || evictions === 0) return undefined
      const used = bytes / maxBytes
      return found(severityOf(used, bounds, 'above', current()), used, bounds, (bound) => {
        return `the memory tier is ${percent(used)} full, more than ${percent(bound)}, and evicted ${evictions} entries`
      })
    },
  }
}

function connectionRule(bounds: Bounds): ResolvedRule {
  return {
    name: RULE_NAMES.connection,
    about: `a process has not heard the remote tier or its log for ${round(bounds.warning / 1_000)} s`,
    pendingMs: 0,
    scope: 'node',
    judge({ unconfirmedMs, current }) {
      return found(severityOf(unconfirmedMs, bounds, 'above', current()), unconfirmedMs, bounds, (bound) => {
        const seconds = `${round(unconfirmedMs / 1_000)} s, more than ${round(bound / 1_000)} s`
        return `the remote tier or its invalidation log has not been heard for ${seconds}`
      })
    },
  }
}

function found(
  severity: 'warning' | 'critical' | undefined,
  value: number,
  bounds: Bounds,
  summary: (bound: number) => string,
): AlertFinding | undefined {
  if (severity === undefined) return undefined
  const threshold = bounds[severity]
  return { severity, value, threshold, summary: summary(threshold) }
}

export function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
