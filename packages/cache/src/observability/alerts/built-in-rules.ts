import type { AlertFinding } from '../../watch-options.js'
import type { AlertSeverity } from '../../watching.js'
import { type Bounds, isEnough, type ResolvedRule, releaseOf, severityOf } from './alert-rule.js'

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
      return found({ value: hitRate, bounds, worse: 'below', current: current(), show: percent }, (bound) => {
        return `${percent(hitRate)} of ${reads} reads were hits, ${bound}`
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
      return found({ value: errorRate, bounds, worse: 'above', current: current(), show: percent }, (bound) => {
        const which = `${loadErrors} loads and ${remoteErrors} remote calls`
        return `${percent(errorRate)} of the operations failed (${which}), ${bound}`
      })
    },
  }
}

function latencyRule(bounds: Bounds, minReads: number, pendingMs: number): ResolvedRule {
  return {
    name: RULE_NAMES.latency,
    about: `one read in twenty takes longer than ${inMs(bounds.warning)}`,
    pendingMs,
    scope: 'fleet',
    judge({ recent, current }) {
      if (!isEnough(recent.total.reads, minReads, current())) return undefined
      const p95 = recent.total.responseP95Ms
      return found({ value: p95, bounds, worse: 'above', current: current(), show: inMs }, (bound) => {
        return `one read in twenty took ${inMs(p95)} or longer, ${bound}`
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
      return found({ value: used, bounds, worse: 'above', current: current(), show: percent }, (bound) => {
        return `the memory tier is ${percent(used)} full, ${bound}, and evicted ${evictions} entries`
      })
    },
  }
}

function connectionRule(bounds: Bounds): ResolvedRule {
  return {
    name: RULE_NAMES.connection,
    about: `a process has not heard the remote tier or its log for ${inSeconds(bounds.warning)}`,
    pendingMs: 0,
    scope: 'node',
    judge({ unconfirmedMs, current }) {
      return found({ value: unconfirmedMs, bounds, worse: 'above', current: current(), show: inSeconds }, (bound) => {
        return `the remote tier or its invalidation log has not been heard for ${inSeconds(unconfirmedMs)}, ${bound}`
      })
    },
  }
}

interface Judged {
  readonly value: number
  readonly bounds: Bounds
  readonly worse: 'below' | 'above'
  readonly current: AlertSeverity | undefined
  readonly show: (value: number) => string
}

/** A finding, if there is one. `sentence` puts the bound, in words, behind the value. */
function found(judged: Judged, sentence: (bound: string) => string): AlertFinding | undefined {
  const { value, bounds, worse, current } = judged
  const severity = severityOf(value, bounds, worse, current)
  if (severity === undefined) return undefined
  return { severity, value, threshold: bounds[severity], summary: sentence(boundInWords(judged, severity)) }
}

/** An alert that only hysteresis holds is no longer beyond its threshold: the words say where it lets go. */
function boundInWords({ value, bounds, worse, show }: Judged, severity: AlertSeverity): string {
  const threshold = bounds[severity]
  const beyond = `${worse === 'above' ? 'more' : 'less'} than ${show(threshold)}`
  if (worse === 'above' ? value > threshold : value < threshold) return beyond
  const way = worse === 'above' ? 'down' : 'up'
  return `not yet ${way} to ${show(releaseOf(threshold, worse))}, where ${severity} (${beyond}) ends`
}

export function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}

function inMs(ms: number): string {
  return `${round(ms)} ms`
}

function inSeconds(ms: number): string {
  return `${round(ms / 1_000)} s`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
