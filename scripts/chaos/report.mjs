/** What happened in a phase. Times in milliseconds. */
/**
 * @typedef {object} PhaseReport
 * @property {string} name
 * @property {number} seconds
 * @property {'nothing' | 'redis' | 'database'} fails
 * @property {boolean} dead
 * @property {number} requests
 * @property {number} errors
 * @property {number} late of the errors: no answer within what a player waits for, which a busy machine explains as
 *   well
 * @property {Record<string, number>} kinds of errors
 * @property {number} p50
 * @property {number} p99
 * @property {number} longest
 * @property {number} settledP99 p99 of the requests after the first quarter of a second: once Redis was given up
 * @property {number} loadP99 of the loads of the app's caches
 * @property {number} loads
 * @property {{ noticedMs: number, failoverMs: number, how: string }[]} failovers one for each process that gave Redis
 *   up
 * @property {number | undefined} recoveredMs after the end until every process used Redis again; undefined: not in time
 * @property {number} errorsAfter while it recovered
 * @property {number} lateAfter of these
 */

/**
 * @typedef {object} ChaosReport
 * @property {number} seconds
 * @property {number} players
 * @property {number} processes
 * @property {PhaseReport[]} phases
 * @property {{ said: number, missingAtOnce: number, longestMs: number, neverSeen: number, boundMs: number }} staleness
 * @property {{ beforeMb: number, afterMb: number }[]} heap after a collection, of each process
 * @property {number} remoteErrors calls to Redis that failed; no player saw any of them
 * @property {string[]} complaints what the app logged as errors while its database was well
 * @property {string[]} disorders processes that did not end well
 * @property {string[]} missed goals
 */

/**
 * @typedef {{ strict: boolean }} Judging strict: durations are judged too, which makes sense on a machine that is not
 *   busy
 */

const FAILOVER_MS = 100
const HEAP_GROWTH = 1.25
const HEAP_SLACK_MB = 10

/**
 * What was promised and not kept.
 *
 * @param {Omit<ChaosReport, 'missed'>} report
 * @param {Judging} judging
 * @returns {string[]}
 */
export function missedGoals(report, { strict }) {
  const { phases, staleness, heap, complaints, disorders } = report
  const missed = [...disorders]
  const healthy = phases.find(({ name }) => name === 'healthy')
  for (const phase of phases) {
    const { name, fails, recoveredMs } = phase
    const during = phase.errors - (strict ? 0 : phase.late)
    const afterwards = phase.errorsAfter - (strict ? 0 : phase.lateAfter)
    if (fails !== 'database' && during > 0) missed.push(`${name}: players saw ${during} errors`)
    if (afterwards > 0) missed.push(`${name}: players saw ${afterwards} errors after it was over`)
    if (recoveredMs === undefined) missed.push(`${name}: Redis was not used again in time`)
    if (strict) missed.push(...slowness(phase, healthy))
  }
  if (complaints.length > 0) missed.push(`the app logged ${complaints.length} errors, the first: ${complaints[0]}`)
  const { missingAtOnce, neverSeen, longestMs, boundMs } = staleness
  if (missingAtOnce > 0) missed.push(`${missingAtOnce} changes were not seen at once by who had made them`)
  if (neverSeen > 0 || longestMs > boundMs)
    missed.push(`a change was not seen by the other process for ${Math.round(longestMs)} ms, more than ${boundMs}`)
  for (const { beforeMb, afterMb } of heap) {
    if (afterMb > beforeMb * HEAP_GROWTH + HEAP_SLACK_MB)
      missed.push(`a heap grew from ${beforeMb.toFixed(1)} to ${afterMb.toFixed(1)} MB`)
  }
  return missed
}

/** @param {PhaseReport} phase @param {PhaseReport | undefined} healthy @returns {string[]} */
function slowness({ name, dead, failovers, settledP99, loadP99 }, healthy) {
  const missed = []
  for (const { failoverMs } of failovers) {
    if (failoverMs > FAILOVER_MS) missed.push(`${name}: failing over took ${failoverMs.toFixed(0)} ms`)
  }
  if (dead && failovers.length === 0) missed.push(`${name}: no process gave Redis up`)
  // A member's request loads a session and a permission, one after the other.
  const allowed = 2 * (healthy?.p99 ?? 0) + 2 * loadP99
  if (dead && settledP99 > allowed)
    missed.push(
      `${name}: p99 ${settledP99.toFixed(0)} ms, more than ${allowed.toFixed(0)} (twice healthy, and two loads)`,
    )
  return missed
}

/** @param {ChaosReport} report @returns {string[]} */
export function describe(report) {
  const rows = [
    ['phase', 'requests', 'errors', 'p50', 'p99', 'longest', 'loads', 'load p99', 'failed over in', 'recovered in'],
    ...report.phases.map((phase) => [
      phase.name,
      String(phase.requests),
      `${phase.errors}${phase.errorsAfter > 0 ? ` + ${phase.errorsAfter}` : ''}`,
      phase.p50.toFixed(1),
      phase.p99.toFixed(0),
      phase.longest.toFixed(0),
      String(phase.loads),
      phase.loadP99.toFixed(0),
      phase.failovers
        .map(({ failoverMs, how }) => (how === 'connection lost' ? 'at once' : failoverMs.toFixed(0)))
        .join(', ') || '-',
      phase.recoveredMs === undefined ? 'never' : phase.recoveredMs.toFixed(0),
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
  const { staleness, heap } = report
  const kinds = report.phases.flatMap(({ name, kinds }) =>
    Object.entries(kinds).map(([kind, count]) => `  ${name}: ${count} x ${kind}`),
  )
  return [
    `${report.players} players on ${report.processes} processes for ${report.seconds.toFixed(0)} s; times in milliseconds`,
    '',
    ...lines,
    '',
    ...(kinds.length > 0 ? ['What players saw:', ...kinds, ''] : []),
    `Changes: ${staleness.said} said; ${staleness.missingAtOnce} not seen at once by who said them; seen by the other process after at most ${staleness.longestMs.toFixed(0)} ms of ${staleness.boundMs}`,
    `Heap after a collection: ${heap.map(({ beforeMb, afterMb }) => `${beforeMb.toFixed(1)} -> ${afterMb.toFixed(1)} MB`).join(', ')}`,
    `Calls to Redis that failed: ${report.remoteErrors}`,
    '',
    ...(report.missed.length === 0
      ? ['Every goal was reached.']
      : ['Goals that were missed:', ...report.missed.map((one) => `  ${one}`)]),
  ]
}
