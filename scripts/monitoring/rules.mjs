import { alertName, BURN_WINDOWS, DEFAULT_THRESHOLDS, RULE_NAMES } from '@tableforge/cache/observability'
import {
  errorRate,
  failedReads,
  hitRate,
  metric,
  missed,
  reads,
  responseTime,
  slowReads,
  tierHitRate,
} from './expressions.mjs'

/** Promises that the shipped burn-rate alerts watch; change them to your own. */
export const OBJECTIVES = { hitRate: 0.85, availability: 0.999, latency: { seconds: 0.128, share: 0.99 } }

const BY = 'job'
const WINDOW = '5m'
/** Fewer reads in the window are not judged, as in the library. */
const LEAST_READS = 100

/**
 * @typedef {{ record: string, expr: string }} RecordingRule
 * @typedef {{ alert: string, expr: string, for?: string, labels: Record<string, string>, annotations: Record<string,
 *   string> }} AlertingRule
 */

/** @param {number} ms */
export function promDuration(ms) {
  for (const [unit, size] of /** @type {const} */ ([
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ])) {
    if (ms % size === 0) return `${ms / size}${unit}`
  }
  return `${ms / 1_000}s`
}

const windows = [...new Set(BURN_WINDOWS.flatMap(({ longMs, shortMs }) => [shortMs, longMs]))].sort((a, b) => a - b)

/** The share of bad reads by objective. */
const bad = {
  hitRate: {
    record: 'job:cache_missed_reads:ratio_rate',
    of: (/** @type {string} */ window) => missed(BY, window),
    target: OBJECTIVES.hitRate,
  },
  availability: {
    record: 'job:cache_failed_reads:ratio_rate',
    of: (/** @type {string} */ window) => failedReads(BY, window),
    target: OBJECTIVES.availability,
  },
  latency: {
    record: 'job:cache_slow_reads:ratio_rate',
    of: (/** @type {string} */ window) => slowReads(OBJECTIVES.latency.seconds, BY, window),
    target: OBJECTIVES.latency.share,
  },
}

/** @returns {RecordingRule[]} */
function recordingRules() {
  return [
    { record: 'job:cache_reads:rate5m', expr: reads(BY, WINDOW) },
    { record: 'job:cache_hit_rate:ratio_rate5m', expr: hitRate(BY, WINDOW) },
    { record: 'job_definition:cache_hit_rate:ratio_rate5m', expr: hitRate(`${BY}, definition`, WINDOW) },
    { record: 'job:cache_memory_hit_rate:ratio_rate5m', expr: tierHitRate('memory', BY, WINDOW) },
    { record: 'job:cache_remote_hit_rate:ratio_rate5m', expr: tierHitRate('remote', BY, WINDOW) },
    { record: 'job:cache_error_rate:ratio_rate5m', expr: errorRate(BY, WINDOW) },
    { record: 'job:cache_response_time_seconds:p95_rate5m', expr: responseTime(0.95, BY, WINDOW) },
  ]
}

/** @returns {RecordingRule[]} */
function objectiveRules() {
  return Object.values(bad).flatMap(({ record, of }) =>
    windows.map((ms) => ({ record: `${record}${promDuration(ms)}`, expr: of(promDuration(ms)) })),
  )
}

/** @param {string} expr one that yields the judged value @param {string} comparison @param {number} bound */
const judged = (expr, comparison, bound) =>
  `${expr} ${comparison} ${bound} and on (${BY}) job:cache_reads:rate5m * 300 >= ${LEAST_READS}`

/**
 * One alert for each severity. The critical one comes first, because Alertmanager lets it hold the other back.
 *
 * @param {string} rule
 * @param {{ warning: number, critical: number }} bounds
 * @param {(bound: number) => string} expr
 * @param {string} summary
 * @returns {AlertingRule[]}
 */
function bySeverity(rule, bounds, expr, summary) {
  return /** @type {const} */ (['critical', 'warning']).map((severity) => ({
    alert: alertName(rule),
    expr: expr(bounds[severity]),
    for: '1m',
    labels: { severity },
    annotations: { summary },
  }))
}

/** @returns {AlertingRule[]} */
function alertingRules() {
  const { hitRate: low, errorRate: failing, latencyMs, memory, connectionMs } = DEFAULT_THRESHOLDS
  const [used, bound, evictions] = [
    metric('cache_memory_bytes'),
    metric('cache_memory_max_bytes'),
    metric('cache_evictions_total'),
  ]
  const evicts = `sum by (job, instance) (increase(${evictions}{cause="capacity"}[${WINDOW}])) > 0`
  const unconfirmed = metric('cache_log_unconfirmed_seconds')
  const seconds = ({ warning = 0, critical = 0 }) => ({ warning: warning / 1_000, critical: critical / 1_000 })
  return [
    ...bySeverity(
      RULE_NAMES.hitRate,
      low,
      (limit) => judged('job:cache_hit_rate:ratio_rate5m', '<', limit),
      'Only {{ $value | humanizePercentage }} of the reads of {{ $labels.job }} are answered by a tier.',
    ),
    ...bySeverity(
      RULE_NAMES.errorRate,
      failing,
      (limit) => judged('job:cache_error_rate:ratio_rate5m', '>', limit),
      '{{ $value | humanizePercentage }} of the cache operations of {{ $labels.job }} fail.',
    ),
    ...bySeverity(
      RULE_NAMES.latency,
      seconds(latencyMs),
      (limit) => judged('job:cache_response_time_seconds:p95_rate5m', '>', limit),
      'One read in twenty of {{ $labels.job }} takes {{ $value | humanizeDuration }} or longer.',
    ),
    ...bySeverity(
      RULE_NAMES.memory,
      memory,
      (limit) => `sum by (job, instance) (${used}) / sum by (job, instance) (${bound}) > ${limit} and ${evicts}`,
      'The memory tier of {{ $labels.instance }} is {{ $value | humanizePercentage }} full, and evicts.',
    ),
    ...bySeverity(
      RULE_NAMES.connection,
      seconds(connectionMs),
      (limit) => `${unconfirmed} > ${limit}`,
      '{{ $labels.instance }} has not heard the remote tier or its invalidation log for {{ $value | humanizeDuration }}.',
    ).map(({ for: _, ...rule }) => rule),
    ...budgetRules(),
  ]
}

/** @returns {AlertingRule[]} */
function budgetRules() {
  return Object.entries(bad).flatMap(([objective, { record, target }]) =>
    BURN_WINDOWS.map(({ severity, longMs, shortMs, factor }) => {
      // What can be spent at most; see `attainable` in the library.
      const limit = Number((Math.min(factor, 0.9 / (1 - target)) * (1 - target)).toPrecision(6))
      const [long, short] = [promDuration(longMs), promDuration(shortMs)]
      return {
        alert: alertName(RULE_NAMES.budget[/** @type {keyof typeof RULE_NAMES.budget} */ (objective)]),
        expr: `${record}${long} > ${limit} and ${record}${short} > ${limit}`,
        labels: { severity, window: long },
        annotations: {
          summary: `{{ $labels.job }} loses the error budget of its ${objective} objective (${target}) too fast: {{ $value | humanizePercentage }} of the reads of the last ${long} were bad.`,
        },
      }
    }),
  )
}

/** The content of `prometheus-rules.yml`. */
export function prometheusRules() {
  return {
    groups: [
      { name: 'cache', interval: '30s', rules: recordingRules() },
      { name: 'cache-objectives', interval: '30s', rules: objectiveRules() },
      { name: 'cache-alerts', interval: '30s', rules: alertingRules() },
    ],
  }
}
