import {
  capacityOf,
  OPTIMUM,
  readsOf,
  sampledTrace,
  simulate,
  simulateSample,
  upperBound,
} from '@tableforge/cache/simulator'
import { grouped, percent, table } from './table.mjs'
import { tracesOf } from './traces.mjs'

/**
 * Each trace at each size by each policy.
 *
 * @param {import('./options.mjs').Options} options
 * @param {import('./progress-line.mjs').ProgressLine} progress
 */
export async function runSizes(options, progress) {
  const { sizes, by, policies, sample: share, json } = options
  const reports = []
  for await (const trace of tracesOf(options, progress)) {
    const sample = share === undefined ? trace : sampledTrace(trace, share)
    const results = sizes.flatMap((size) => {
      const capacity = capacityOf(size, trace, by)
      return policies.map((policy) => {
        progress.tell(`${trace.name} at ${capacity.label}: ${policy}`)
        if (share === undefined) return simulate(trace, policy, capacity)
        return simulateSample(trace, sample, { policy, capacity, share })
      })
    })
    reports.push({ trace, results })
  }
  progress.end()
  if (json) return JSON.stringify(reports.map(plain), undefined, 2)
  return reports.flatMap(lines).join('\n').trimEnd()
}

/**
 * @typedef {{ trace: import('@tableforge/cache/simulator').Trace, results:
 *   import('@tableforge/cache/simulator').SimulationResult[] }} Report
 */

/** @param {Report} report */
const plain = ({ trace, results }) => ({
  trace: trace.name,
  requests: readsOf(trace),
  distinct: trace.distinct,
  results: results.map(({ trace: _trace, ...result }) => result),
})

/** @param {Report} report @returns {string[]} */
function lines({ trace, results }) {
  const withBytes = trace.sizes !== undefined
  const head = `${trace.name}: ${grouped(readsOf(trace))} reads of ${grouped(trace.distinct)} keys`
  const labels = [...new Set(results.map(({ capacity }) => capacity.label))]
  return [
    head,
    '',
    ...labels.flatMap((label) => {
      const group = results.filter(({ capacity }) => capacity.label === label)
      const sorted = [...group].sort((a, b) => b.hitRatio - a.hitRatio)
      const optimum = group.find(({ policy }) => policy === OPTIMUM)
      const rows = sorted.map((one) => [
        one.policy,
        percent(one.hitRatio),
        ...(withBytes ? [percent(one.byteHitRatio)] : []),
        ...(optimum === undefined ? [] : [optimum.hits === 0 ? '' : percent(one.hits / optimum.hits)]),
        grouped(one.evictions),
        `${((one.elapsedMs * 1e6) / trace.keys.length).toFixed(0)} ns`,
      ])
      const header = [
        `at ${sizeOf(group[0]?.capacity)}`,
        'hits',
        ...(withBytes ? ['of bytes'] : []),
        ...(optimum === undefined ? [] : ['of optimum']),
        'evictions',
        'a request',
      ]
      const bound =
        group[0] !== undefined && isInexact(trace, group[0].capacity) ? [boundLine(trace, group[0].capacity)] : []
      return [...table([header, ...rows]).map((line) => `  ${line}`), ...group.flatMap(choiceLines), ...bound, '']
    }),
  ]
}

/** What an adaptive policy chose, and why. @param {Report['results'][number]} result @returns {string[]} */
function choiceLines({ policy, choice }) {
  if (choice === undefined) return []
  const { active, changes, lastChange } = choice
  const why = lastChange === undefined ? '' : `; the last: ${lastChange.from} to ${lastChange.to}, ${lastChange.why}`
  return [`  ${policy}: ends with ${active} after ${changes} changes${why}.`]
}

/**
 * Whether another policy may beat Belady's.
 *
 * @param {import('@tableforge/cache/simulator').Trace} trace
 * @param {import('@tableforge/cache/simulator').Capacity} capacity
 */
const isInexact = ({ sizes, ttls }, { bytes }) => ttls !== undefined || (sizes !== undefined && Number.isFinite(bytes))

/**
 * @param {import('@tableforge/cache/simulator').Trace} trace
 * @param {import('@tableforge/cache/simulator').Capacity} capacity
 */
function boundLine(trace, capacity) {
  const share = upperBound(trace, capacity) / readsOf(trace)
  return `  With sizes or lifetimes belady is a yardstick, not a bound; no policy can exceed ${percent(share)}.`
}

/** @param {import('@tableforge/cache/simulator').Capacity | undefined} capacity */
function sizeOf(capacity) {
  if (capacity === undefined) return ''
  const { label, entries, bytes } = capacity
  const amount = Number.isFinite(bytes) ? `${grouped(bytes)} bytes` : `${grouped(entries)} entries`
  return label.endsWith('%') ? `${label} (${amount})` : amount
}
