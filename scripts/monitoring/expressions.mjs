import { METRICS } from '@tableforge/cache/observability'

/** What operators ask Prometheus for, in the names that the library gives its metrics. */

const known = new Map(METRICS.map(({ name, type }) => [name, type]))

/**
 * The name of a metric, or of one part of a histogram or summary; throws when the library has no such metric.
 *
 * @param {string} name
 */
export function metric(name) {
  const type = known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ''))
  if (type === undefined) throw new Error(`the library has no metric ${name}`)
  return name
}

const hits = metric('cache_hits_total')
const misses = metric('cache_misses_total')
const errors = metric('cache_errors_total')
const failed = metric('cache_failed_reads_total')
const sets = metric('cache_sets_total')
const invalidations = metric('cache_invalidations_total')
const buckets = metric('cache_operation_duration_seconds_bucket')
const counts = metric('cache_operation_duration_seconds_count')

/** @param {string} by labels @param {string} name @param {string} selector without braces @param {string} window */
export function rate(by, name, selector, window) {
  return `sum by (${by}) (rate(${name}${selector === '' ? '' : `{${selector}}`}[${window}]))`
}

/** @param {...string} parts */
const all = (...parts) => parts.filter((part) => part !== '').join(',')

/** Reads per second. @param {string} by @param {string} window @param {string} [only] */
export function reads(by, window, only = '') {
  return `(${rate(by, hits, only, window)} + ${rate(by, misses, all('tier="remote"', only), window)})`
}

/** @param {string} by @param {string} window @param {string} [only] */
export function hitRate(by, window, only = '') {
  return `${rate(by, hits, only, window)} / (${reads(by, window, only)} > 0)`
}

/** @param {'memory' | 'remote'} tier @param {string} by @param {string} window @param {string} [only] */
export function tierHitRate(tier, by, window, only = '') {
  const selector = all(`tier="${tier}"`, only)
  const answered = rate(by, hits, selector, window)
  return `${answered} / ((${answered} + ${rate(by, misses, selector, window)}) > 0)`
}

/** Failures per operation. @param {string} by @param {string} window @param {string} [only] */
export function errorRate(by, window, only = '') {
  const operations = `(${reads(by, window, only)} + ${rate(by, sets, only, window)} + ${rate(by, invalidations, only, window)})`
  return `${rate(by, errors, only, window)} / (${operations} > 0)`
}

/** Reads that ended in an error, as a share. @param {string} by @param {string} window */
export function failedReads(by, window) {
  return `${rate(by, failed, '', window)} / (${reads(by, window)} > 0)`
}

/** Reads that no tier answered, as a share. @param {string} by @param {string} window */
export function missed(by, window) {
  return `1 - ${hitRate(by, window)}`
}

/**
 * A percentile of the response time: every read that memory could not answer, and the sampled memory hits, each
 * standing for as many as there were for one that was timed.
 *
 * @param {number} quantile @param {string} by @param {string} window @param {string} [only]
 */
export function responseTime(quantile, by, window, only = '') {
  const beyond = rate(`${by}, le`, buckets, all('operation="read"', only), window)
  const sampled = rate(`${by}, le`, buckets, all('operation="hit"', only), window)
  const timed = rate(by, counts, all('operation="hit"', only), window)
  const weight = `${rate(by, hits, all('tier="memory"', only), window)} / (${timed} > 0)`
  const both = `${beyond} + ${sampled} * on (${by}) group_left () (${weight})`
  return `histogram_quantile(${quantile}, (${both}) or ${beyond})`
}

/**
 * @param {number} quantile
 * @param {'get' | 'load' | 'hit' | 'read'} operation
 * @param {string} by
 * @param {string} window
 * @param {string} [only]
 */
export function duration(quantile, operation, by, window, only = '') {
  return `histogram_quantile(${quantile}, ${rate(`${by}, le`, buckets, all(`operation="${operation}"`, only), window)})`
}

/**
 * Reads that took longer than a bound of the buckets, as a share of all.
 *
 * @param {number} seconds
 * @param {string} by
 * @param {string} window
 */
export function slowReads(seconds, by, window) {
  const beyond = rate(by, counts, 'operation="read"', window)
  const inTime = rate(by, buckets, `operation="read",le="${seconds}"`, window)
  return `(${beyond} - ${inTime}) / (${reads(by, window)} > 0)`
}
