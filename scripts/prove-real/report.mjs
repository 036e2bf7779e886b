/**
 * What a run saw.
 *
 * @typedef {object} Report
 * @property {number} seconds
 * @property {number} nodes
 * @property {number} callers in each node
 * @property {Record<'memory' | 'remote', number>} reads by freshness
 * @property {Record<string, number>} tiers that answered
 * @property {Record<string, number>} invalidations by scope; sets among them
 * @property {Record<string, number>} failures operations that failed, by what and why
 * @property {Record<string, number>} faults
 * @property {number} repairs
 * @property {number} losses
 * @property {number} recoveries
 * @property {number} longestStalenessMs
 * @property {number} boundMs
 * @property {readonly string[]} disorders nodes that did not end well
 * @property {readonly import('./checker.mjs').Violation[]} violations
 * @property {readonly { name: string, from: number, to: number }[]} history of faults
 */

/** Why a read was forbidden to return what it did. @type {Record<import('./checker.mjs').Because, string>} */
const REASONS = {
  applied: 'the node had applied the invalidation when the read began',
  issuer: 'the node itself had issued the invalidation and seen it acknowledged',
  bound: 'it had been acknowledged for longer than maxStaleness',
  remote: "the read asked for freshness 'remote'",
}

/** @param {Report} report */
export function held(report) {
  return report.violations.length === 0 && report.disorders.length === 0
}

/** @param {Record<string, number>} counts */
const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** @param {Record<string, number>} counts */
const listed = (counts) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count.toLocaleString('en')} ${name}`)
    .join(', ')

/** @param {Report} report @returns {string[]} */
export function describe(report) {
  const { reads, invalidations, faults, failures } = report
  const reading = total(reads)
  const { set = 0, ...others } = invalidations
  const lines = [
    `${report.nodes} processes, ${report.callers} callers in each, on a real Redis for ${report.seconds} s`,
    `  ${reading.toLocaleString('en')} reads: ${listed(reads)}; answered by ${listed(report.tiers)}`,
    `  ${total(others).toLocaleString('en')} invalidations: ${listed(others)}; ${set.toLocaleString('en')} sets`,
    `  ${total(faults)} faults: ${listed(faults)}`,
    `  messages read again ${report.repairs} times, the log lost ${report.losses} times, recovery queues sent ${report.recoveries} times`,
    `  operations that failed: ${total(failures) === 0 ? 'none' : listed(failures)}`,
    `  longest staleness ${Math.round(report.longestStalenessMs)} ms of the ${report.boundMs} ms that are promised`,
    `  ${report.violations.length} violations`,
  ]
  for (const disorder of report.disorders) lines.push(`\nNot in order: ${disorder}`)
  const firstOfKind = new Map([...report.violations].reverse().map((violation) => [violation.because, violation]))
  for (const violation of firstOfKind.values()) lines.push('', ...explain(violation, report))
  return lines
}

/**
 * The shortest history that shows the violation.
 *
 * @param {import('./checker.mjs').Violation} violation
 * @param {Report} report
 */
function explain({ node, read, since, invalidation, because, appliedAt }, report) {
  const of = `thing:${read.key}`
  const { thing } = read
  const stored =
    thing.since === undefined
      ? `set ${thing.set} of version ${thing.version} was done`
      : `a load of version ${thing.version} began`
  /** @type {[number, string][]} */
  const events = [
    [since, `${stored} (${of})`],
    [invalidation.issued, `n${invalidation.node} issued an invalidation by ${invalidation.scope} that covers ${of}`],
    [invalidation.acknowledged, `it was acknowledged, propagated: ${invalidation.propagated}`],
    [read.began, `n${node} began to read ${of} (freshness: ${read.freshness})`],
    [read.ended, `and got version ${thing.version} from: ${read.tier}`],
  ]
  if (!invalidation.propagated) events.push([invalidation.propagatedAt, 'it was sent from the recovery queue'])
  if (appliedAt !== undefined) events.push([appliedAt, `n${node} applied its message (${invalidation.place})`])
  const from = Math.min(since, invalidation.issued) - 1_000
  for (const fault of report.history) {
    if (fault.to < from || fault.from > read.ended) continue
    events.push([fault.from, `begins: ${fault.name}`], [fault.to, `over: ${fault.name}`])
  }
  const moments = events.filter(([at]) => Number.isFinite(at)).sort(([a], [b]) => a - b)
  const start = moments[0]?.[0] ?? 0
  return [
    `Violation: ${REASONS[because]}. The history, in milliseconds:`,
    ...moments.map(([at, what]) => `  ${(at - start).toFixed(1).padStart(9)}  ${what}`),
  ]
}
