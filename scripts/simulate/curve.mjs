import { writeFile } from 'node:fs/promises'
import { curvePage, curveSvg, missRatioCurves } from '@tableforge/cache/simulator'
import { UsageError } from './options.mjs'
import { tracesOf } from './traces.mjs'

/**
 * `--curve`: miss ratios over sizes, as a page or a picture; with `--json` also as figures.
 *
 * @param {import('./options.mjs').Options} options
 * @param {import('./progress-line.mjs').ProgressLine} progress
 */
export async function drawCurves(options, progress) {
  const { curve: path = '', policies, points, hasSizes, sizes, by, sample, json } = options
  if (!/\.(html|svg)$/.test(path))
    throw new UsageError(`--curve: expected a name that ends with .html or .svg, got '${path}'`)
  const all = []
  for await (const trace of tracesOf(options, progress)) {
    all.push(
      missRatioCurves(trace, {
        policies,
        points,
        sizes: hasSizes ? sizes : undefined,
        by,
        sample,
        progress: (done) => progress.tell(`${done.trace} at ${done.capacity.label}: ${done.policy}`),
      }),
    )
  }
  const [first] = all
  if (first === undefined) throw new UsageError('--curve: there is no trace to draw')
  if (path.endsWith('.svg') && all.length > 1) {
    throw new UsageError(`--curve: an .svg holds one trace, got ${all.length}; name an .html file`)
  }
  await writeFile(path, path.endsWith('.svg') ? curveSvg(first) : curvePage(all))
  return json ? JSON.stringify(all, undefined, 2) : `drawn in ${path}`
}
