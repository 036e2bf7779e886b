import { writeTrace } from '@tableforge/cache/simulator'
import { UsageError } from './options.mjs'
import { grouped } from './table.mjs'
import { tracesOf } from './traces.mjs'

/**
 * `--save`: writes what would be replayed.
 *
 * @param {import('./options.mjs').Options} options
 * @param {import('./progress-line.mjs').ProgressLine} progress
 */
export async function saveTrace(options, progress) {
  const { save: path = '' } = options
  const all = []
  for await (const trace of tracesOf(options, progress)) all.push(trace)
  const [trace] = all
  if (trace === undefined || all.length > 1) {
    throw new UsageError(`--save: expected one trace, got ${all.length}; --combine makes one of several`)
  }
  await writeTrace(trace, path)
  return `${grouped(trace.keys.length)} steps written to ${path}`
}
