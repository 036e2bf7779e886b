import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectNames } from '../../vitest.config.js'
import { root } from '../setup/paths.mjs'
import { entryPoints, missingFiles } from './exports.mjs'
import { steps } from './steps.mjs'
import { failuresIn, judge } from './vitest.mjs'

const file = (status: string, ...results: { status: string; title: string }[]) => ({
  name: join(root, 'a.test.ts'),
  status,
  assertionResults: results.map((result) => ({ ...result, ancestorTitles: ['a door'] })),
})
const skipped = (title: string) => file('passed', { status: 'skipped', title })
const report = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [file('passed', { status: 'passed', title: 'works' })],
}

test('a vitest project whose tests all pass is a success with their number', () => {
  expect(judge(report, 0)).toEqual({ passed: 3, failed: 0, skipped: 0, note: '' })
})

test.each([
  ['without a test', { ...report, numPassedTests: 0, testResults: [] }, 0, 'no test ran'],
  [
    'with a skipped test',
    { ...report, numPendingTests: 1, testResults: [skipped('later')] },
    0,
    '1 skipped without a reason',
  ],
  ['with a file that does not load', { ...report, testResults: [file('failed')] }, 1, '1 file could not be loaded'],
  ['that fails beside its tests', report, 1, 'exit code 1 although every test passed'],
  ['that writes no report', undefined, 134, 'vitest ended with exit code 134 and no report'],
])('a vitest project %s is a failure', (_kind, given, code, note) => {
  const { failed, note: said } = judge(given, code)
  expect(failed).toBe(1)
  expect(said).toBe(note)
})

test('the tests that failed are named with their file and what they are about', () => {
  const results = [
    { status: 'passed', title: 'opens' },
    { status: 'failed', title: 'closes' },
  ]
  expect(failuresIn({ ...report, testResults: [file('failed', ...results)] })).toEqual(['a.test.ts > a door > closes'])
  expect(failuresIn(undefined)).toEqual([])
})

test('a test that says why it is skipped is no failure', () => {
  const given = { ...report, numPendingTests: 1, testResults: [skipped('scans (skipped: it has no cursor)')] }
  expect(judge(given, 0)).toEqual({ passed: 3, failed: 0, skipped: 1, note: '' })
})

test('every vitest project is a step of npm test', () => {
  const names = steps.map(({ name }) => name)
  expect(projectNames.filter((name) => !names.includes(name))).toEqual([])
})

test('files that a manifest names and that do not exist are found, behind conditions and patterns too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exports-'))
  try {
    mkdirSync(join(folder, 'dist/tiers'), { recursive: true })
    for (const name of ['index.js', 'tiers/redis.js']) writeFileSync(join(folder, 'dist', name), '')
    const exports = {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './tiers/*': './dist/tiers/*.js',
      './adapters/*': './dist/adapters/*.js',
      './package.json': './package.json',
    }
    const manifest = { name: 'a', bin: { a: './dist/cli.js' }, exports }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    expect(missingFiles(folder)).toEqual(['./dist/index.d.ts', './dist/adapters/*.js', './dist/cli.js'])
    expect(entryPoints(manifest)).toEqual(['a'])
    expect(entryPoints({ name: 'a', exports: { '.': './a.js', './redis': './b.js' } })).toEqual(['a', 'a/redis'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
