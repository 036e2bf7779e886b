import { matrixCells, summaryOf } from '@tableforge/cache/simulator'
import { grouped, percent, signed, table } from './table.mjs'
import { tracesOf } from './traces.mjs'

const SIZES = ['0.5%', '1%', '5%', '10%', '25%']

/** @typedef {import('@tableforge/cache/simulator').MatrixCell} MatrixCell */

/**
 * `--matrix`: every trace of a folder at several sizes by every policy.
 *
 * @param {import('./options.mjs').Options} options
 * @param {import('./progress-line.mjs').ProgressLine} progress
 */
export async function runMatrix(options, progress) {
  const { policies, judge, hasSizes, by, json } = options
  /** @type {MatrixCell[]} */
  const cells = []
  for await (const trace of tracesOf(options, progress)) {
    cells.push(
      ...matrixCells(trace, {
        sizes: hasSizes ? options.sizes : SIZES,
        policies,
        judged: judge,
        by,
        progress: (done) => progress.tell(`${done.trace} at ${done.capacity.label}: ${done.policy}`),
      }),
    )
  }
  progress.end()
  const summary = summaryOf(cells)
  if (json) return JSON.stringify({ judged: judge, policies, ...summary, cells }, undefined, 2)
  return lines(cells, summary, options).join('\n')
}

/**
 * @param {readonly MatrixCell[]} cells
 * @param {import('@tableforge/cache/simulator').MatrixSummary} summary
 * @param {import('./options.mjs').Options} options
 */
function lines(cells, { means, byteMeans, wins, worstGap, behind }, { policies, judge }) {
  const judged = policies.some((policy) => policy === judge)
  const header = ['trace', 'size', 'capacity', ...policies, 'best', ...(judged ? ['gap'] : [])]
  const rows = cells.map(({ trace, capacity, results, best, gap }) => [
    ...[
      trace,
      capacity.label,
      Number.isFinite(capacity.bytes) ? `${grouped(capacity.bytes)} B` : grouped(capacity.entries),
    ],
    ...results.map(({ hitRatio }) => (hitRatio * 100).toFixed(2)),
    ...[best ?? '', ...(judged ? [signed(gap)] : [])],
  ])
  const foot = (/** @type {string} */ label, /** @type {(policy: string) => string} */ cell) =>
    [label, '', '', ...policies.map(cell), '', ''].slice(0, header.length)
  const hundredths = (/** @type {number | undefined} */ ratio) => (ratio === undefined ? '' : (ratio * 100).toFixed(2))
  const feet = [
    foot('mean', (policy) => hundredths(means[policy])),
    ...(Object.keys(byteMeans).length === 0 ? [] : [foot('mean of bytes', (policy) => hundredths(byteMeans[policy]))]),
    foot('best in', (policy) => (wins[policy] === undefined ? '' : String(wins[policy]))),
  ]
  const elapsed = cells.flatMap(({ results }) => results).reduce((total, one) => total + one.elapsedMs, 0)
  return [
    ...table([header, ...rows, ...feet]),
    '',
    `Hits in percent of ${cells.length} cells; best: without belady${judged ? ` and ${judge}` : ''}.`,
    ...(worstGap === undefined
      ? []
      : [
          `${judge}: ${behind} of ${cells.length} cells more than a percentage point below the best of the others; lowest gap ${signed(worstGap)}; mean ${percent(means[judge])}.`,
        ]),
    `Simulated in ${(elapsed / 1_000).toFixed(1)} s.`,
  ]
}
