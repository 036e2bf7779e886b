import { parseArgs } from 'node:util'
import { SIMULATED_POLICIES, TRACE_FORMATS } from '@tableforge/cache/simulator'

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

/**
 * @typedef {object} Options
 * @property {readonly string[]} traces files
 * @property {import('@tableforge/cache/simulator').TraceFormat | undefined} format
 * @property {readonly import('@tableforge/cache/simulator').CsvColumn[] | undefined} columns
 * @property {number | undefined} limit
 * @property {readonly string[]} synthetic
 * @property {'concat' | 'mix' | undefined} combine
 * @property {number} seed
 * @property {readonly string[]} sizes
 * @property {boolean} hasSizes whether they were given
 * @property {'entries' | 'bytes'} by
 * @property {readonly import('@tableforge/cache/simulator').SimulatedPolicy[]} policies
 * @property {number | undefined} sample
 * @property {boolean} json
 * @property {string | undefined} curve
 * @property {number} points
 * @property {readonly string[]} matrix folders
 * @property {string} judge
 * @property {string | undefined} save
 * @property {boolean} help
 */

/** @type {readonly import('@tableforge/cache/simulator').CsvColumn[]} */
const COLUMNS = ['key', 'time', 'size', 'ttl', 'op', 'ignored']

/** @param {readonly string[]} args @returns {Options} */
export function readOptions(args) {
  const values = parse(args)
  const { trace, synthetic, matrix } = values
  if (!values.help && trace.length + synthetic.length + matrix.length === 0) {
    throw new UsageError('expected --trace, --synthetic or --matrix')
  }
  const { combine, by, points, sample } = values
  return {
    traces: trace,
    format: oneOf('--format', values.format, TRACE_FORMATS),
    columns: values.columns === undefined ? undefined : listOf('--columns', values.columns, COLUMNS),
    limit: values.limit === undefined ? undefined : wholeNumber('--limit', values.limit),
    synthetic,
    combine: oneOf('--combine', combine, /** @type {const} */ (['concat', 'mix'])),
    seed: wholeNumber('--seed', values.seed),
    sizes: (values.size ?? '10%').split(',').map((size) => size.trim()),
    hasSizes: values.size !== undefined,
    by: oneOf('--by', by, /** @type {const} */ (['entries', 'bytes'])) ?? 'entries',
    policies:
      values.policies === 'all' ? SIMULATED_POLICIES : listOf('--policies', values.policies, SIMULATED_POLICIES),
    sample: sample === undefined ? undefined : share('--sample', sample),
    json: values.json,
    curve: values.curve,
    points: Math.max(2, wholeNumber('--points', points)),
    matrix,
    judge: values.judge,
    save: values.save,
    help: values.help,
  }
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        trace: { type: 'string', multiple: true, default: [] },
        format: { type: 'string' },
        columns: { type: 'string' },
        limit: { type: 'string' },
        synthetic: { type: 'string', multiple: true, default: [] },
        combine: { type: 'string' },
        seed: { type: 'string', default: '1' },
        size: { type: 'string' },
        by: { type: 'string' },
        policies: { type: 'string', default: 'all' },
        sample: { type: 'string' },
        json: { type: 'boolean', default: false },
        curve: { type: 'string' },
        points: { type: 'string', default: '16' },
        matrix: { type: 'string', multiple: true, default: [] },
        judge: { type: 'string', default: 'adaptive' },
        save: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/**
 * @template {string} T
 * @param {string} name @param {string | undefined} text @param {readonly T[]} known
 * @returns {T | undefined}
 */
function oneOf(name, text, known) {
  if (text === undefined) return undefined
  return known.find((each) => each === text) ?? refuse(name, `one of ${known.join(', ')}`, text)
}

/**
 * @template {string} T
 * @param {string} name @param {string} text @param {readonly T[]} known
 */
function listOf(name, text, known) {
  return text.split(',').map((part) => {
    const wanted = part.trim().toLowerCase()
    return known.find((each) => each === wanted) ?? refuse(name, `a list of ${known.join(', ')}`, part)
  })
}

/** @param {string} name @param {string} text */
function wholeNumber(name, text) {
  const number = Number(text)
  return Number.isSafeInteger(number) && number >= 1 ? number : refuse(name, 'a whole number of at least 1', text)
}

/** @param {string} name @param {string} text */
function share(name, text) {
  const number = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  return number > 0 && number <= 1 ? number : refuse(name, "a share such as '0.1' or '10%'", text)
}

/** @param {string} name @param {string} wanted @param {string} got @returns {never} */
function refuse(name, wanted, got) {
  throw new UsageError(`${name}: expected ${wanted}, got ${JSON.stringify(got)}`)
}
