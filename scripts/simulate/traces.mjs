import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { concatenated, formatOf, mixed, readTrace, syntheticTrace } from '@tableforge/cache/simulator'
import { grouped } from './table.mjs'

/** @typedef {import('@tableforge/cache/simulator').Trace} Trace */

/**
 * The traces that the command line names, one after another, so that a folder of large ones needs room for one.
 *
 * @param {import('./options.mjs').Options} options
 * @param {import('./progress-line.mjs').ProgressLine} progress
 * @returns {AsyncGenerator<Trace>}
 */
export async function* tracesOf(options, progress) {
  const { combine, seed } = options
  if (combine === undefined) {
    yield* eachOf(options, progress)
    return
  }
  const all = []
  for await (const trace of eachOf(options, progress)) all.push(trace)
  yield combine === 'concat' ? concatenated(all) : mixed(all, { seed })
}

/**
 * @param {import('./options.mjs').Options} options
 * @param {import('./progress-line.mjs').ProgressLine} progress
 */
async function* eachOf({ traces, matrix, synthetic, seed, format, columns, limit }, progress) {
  const files = [...traces]
  for (const folder of matrix) files.push(...(await tracesIn(folder)))
  for (const file of files) {
    const name = basename(file)
    const trace = await readTrace(file, {
      format,
      columns,
      limit,
      progress: (requests) => progress.tell(`reading ${name}: ${grouped(requests)} requests`),
    })
    yield { ...trace, name: name.replace(/\.(gz|zst)$/, '').replace(/\.(u32|lis|arc|lirs|trc|csv)$/, '') }
  }
  for (const text of synthetic) {
    progress.tell(`making ${text}`)
    yield { ...syntheticTrace(text, { seed }), name: text }
  }
}

/** The files of a folder whose names tell a format. @param {string} folder */
async function tracesIn(folder) {
  const names = await readdir(folder)
  return names
    .filter((name) => formatOf(name) !== undefined)
    .sort()
    .map((name) => join(folder, name))
}
