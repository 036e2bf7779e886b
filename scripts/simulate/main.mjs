/** The command behind `npm run simulate`, when everything is installed and built. */
import { TraceError } from '@tableforge/cache/simulator'
import { drawCurves } from './curve.mjs'
import { runMatrix } from './matrix.mjs'
import { readOptions, UsageError } from './options.mjs'
import { ProgressLine } from './progress-line.mjs'
import { runSizes } from './run.mjs'
import { saveTrace } from './save.mjs'
import { USAGE } from './usage.mjs'

/** @returns {Promise<number>} */
async function main() {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    console.log(USAGE)
    return 0
  }
  const progress = new ProgressLine()
  try {
    console.log(await actionOf(options)(options, progress))
  } finally {
    progress.end()
  }
  return 0
}

/** What the options ask for. @param {import('./options.mjs').Options} options */
function actionOf({ save, curve, matrix }) {
  if (save !== undefined) return saveTrace
  if (curve !== undefined) return drawCurves
  return matrix.length > 0 ? runMatrix : runSizes
}

/** @param {unknown} error */
function exitCodeOf(error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`)
  else if (error instanceof TraceError || code.startsWith('E')) console.error(/** @type {Error} */ (error).message)
  else if (code === 'invalid-option') console.error(`--${/** @type {Error} */ (error).message}`)
  else throw error
  return error instanceof UsageError || code === 'invalid-option' ? 2 : 1
}

process.exitCode = await main().catch(exitCodeOf)
