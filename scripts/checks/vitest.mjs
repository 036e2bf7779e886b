import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { run, runNode } from '../run/command.mjs'
import { root } from '../setup/paths.mjs'

/** @typedef {import('../run/schedule.mjs').Result} Result */

/**
 * What vitest's JSON reporter wrote, as far as it is used here.
 *
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ name: string, status: string, assertionResults: { status: string, title: string, ancestorTitles:
 *   string[] }[] }[]} testResults one for each file
 */

/** A test that loops without end cannot be stopped by vitest's own time-outs. */
const LIMIT_MS = 600_000

/** The test files that have run so far, as paths below the root. @type {Set<string>} */
const filesRun = new Set()

/** @param {string} path @returns {VitestReport | undefined} */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * What a report of vitest amounts to. A file that could not be loaded, a project without a test, a test that is skipped
 * without saying why ("… (skipped: reason)"), and an exit code that no test explains each count as one failure.
 *
 * @param {VitestReport | undefined} report
 * @param {number} code vitest's exit code
 * @returns {Result}
 */
export function judge(report, code) {
  if (report === undefined) return { passed: 0, failed: 1, note: `vitest ended with exit code ${code} and no report` }
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, testResults } = report
  const skipped = numPendingTests + numTodoTests
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  const unexplained = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(
      ({ status, title }) => ['skipped', 'pending', 'todo'].includes(status) && !/\(skipped: .+\)/.test(title),
    ).length
  let failed = numFailedTests + unloaded + unexplained
  const notes = []
  if (unloaded > 0) notes.push(`${unloaded} ${unloaded === 1 ? 'file' : 'files'} could not be loaded`)
  if (unexplained > 0) notes.push(`${unexplained} skipped without a reason`)
  if (passed + numFailedTests === 0) notes.push('no test ran')
  if (code !== 0 && failed === 0 && notes.length === 0) notes.push(`exit code ${code} although every test passed`)
  if (notes.length > 0 && failed === 0) failed = 1
  return { passed, failed, skipped, note: notes.join('; ') }
}

/**
 * Runs one vitest project.
 *
 * @param {string} project
 * @param {readonly string[]} [args]
 * @returns {Promise<Result>}
 */
export async function vitest(project, args = []) {
  const reportPath = join(mkdtempSync(join(tmpdir(), 'vitest-')), 'report.json')
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${reportPath}`]
  const { code, output } = await runNode(
    'node_modules/vitest/vitest.mjs',
    ['run', '--project', project, ...reporters, ...args],
    { limitMs: LIMIT_MS },
  )
  const report = readReport(reportPath)
  for (const { name } of report?.testResults ?? []) filesRun.add(relative(root, name))
  return { ...judge(report, code), output, failures: failuresIn(report) }
}

/**
 * The tests that failed, each as "file > names of its describes > its name".
 *
 * @param {VitestReport | undefined} report
 */
export function failuresIn(report) {
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ ancestorTitles, title }) => [relative(root, name), ...ancestorTitles, title].join(' > ')),
  )
}

/**
 * The test files of the repository that no run of {@link vitest} has met: a test that nobody runs proves nothing.
 *
 * @returns {Promise<string[]>} paths below the root
 */
export async function filesNotRun() {
  const patterns = ['*.test.ts', '*.test.tsx', '*.test-d.ts', '*.test.mjs']
  const { code, output } = await run('git', [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    ...patterns,
  ])
  if (code !== 0) throw new Error(`git ls-files failed with exit code ${code}:\n${output}`)
  return output.split('\n').filter((path) => path !== '' && existsSync(join(root, path)) && !filesRun.has(path))
}
