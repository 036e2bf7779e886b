import { parseArgs } from 'node:util'
import { explain } from '../../scripts/setup/setup-error.mjs'
import { runAll } from './harness/all.js'
import { isComparison, readRecorded, record } from './harness/recorded.js'
import { changeLines, changesBetween } from './harness/regression.js'
import { Services } from './harness/services.js'
import { type BenchContext, type Suite, UsageError } from './harness/suite.js'
import { writePages } from './page/write-page.js'
import { suites } from './suites.js'

const usage = `npm run bench -- SUITE [options]

Suites:
${suites.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join('\n')}
  all             every one of them, each in a process of its own
  page            no measurement: draws what was recorded into docs/benchmarks.md and the README

Options:
  --json          the whole result, every measurement included, for a program
  --rounds N      measured rounds (each suite has a number of its own)
  --quick         three rounds: shows that it works, and nothing else
  --case TEXT     only the cases whose name contains TEXT
  --record        keeps the result in bench/results, for others to be compared with, and draws the page anew
  --compare       exits with 1 when a ratio is worse than the recorded one beyond noise (it is always shown)

Examples:
  npm run bench -- hit
  npm run bench -- engine --case zipf --rounds 50
  npm run bench -- all --record`

interface Flags {
  readonly json: boolean
  readonly rounds: number | undefined
  readonly quick: boolean
  readonly only: string | undefined
  readonly record: boolean
  readonly compare: boolean
}

process.exitCode = await main().catch((error: unknown) => {
  const isMisused = error instanceof UsageError
  console.error(isMisused ? `${error.message}\n\n${usage}` : explain(error))
  return isMisused ? 2 : 1
})

async function main(): Promise<number> {
  const { name, flags } = readCommandLine()
  if (name === undefined) {
    console.log(usage)
    return 0
  }
  if (name === 'page') return drawPages()
  if (name === 'all') return runAll(suites, { flags: process.argv.slice(3), json: flags.json })
  const suite = suites.find((one) => one.name === name)
  if (suite === undefined) throw new UsageError(`There is no suite '${name}'.`)
  return runSuite(suite, flags)
}

function readCommandLine(): { name: string | undefined; flags: Flags } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        case: { type: 'string' },
        record: { type: 'boolean', default: false },
        compare: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (positionals.length > 1) throw new UsageError(`expected one suite, got ${positionals.join(', ')}`)
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1)) {
      throw new UsageError(`--rounds: expected a whole number of at least 1, got '${values.rounds}'`)
    }
    return { name: values.help ? undefined : positionals[0], flags: { ...values, rounds, only: values.case } }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

async function runSuite(suite: Suite, { json, rounds, quick, only, ...flags }: Flags): Promise<number> {
  if (flags.record && (quick || only !== undefined)) {
    throw new UsageError('--record: expected a whole measurement, got --quick or --case')
  }
  await using services = new Services()
  const context: BenchContext = {
    rounds,
    quick,
    only,
    progress: (what) => process.stderr.write(`${what}\n`),
    redis: () => services.redis(),
  }
  const { data, lines } = await suite.run(context)
  console.log(json ? JSON.stringify(data, undefined, 2) : lines.join('\n'))
  const recorded = await readRecorded(suite.name)
  let regressions = 0
  if (isComparison(data) && recorded !== undefined && isComparison(recorded)) {
    const changes = changesBetween(recorded, data)
    regressions = changes.filter(({ kind }) => kind === 'regression').length
    process.stderr.write(`\n${changeLines(recorded, changes).join('\n')}\n`)
  }
  if (flags.record) {
    process.stderr.write(`\nrecorded in ${await record(data)}\n`)
    await drawPages()
  }
  return flags.compare && regressions > 0 ? 1 : 0
}

async function drawPages(): Promise<number> {
  for (const path of await writePages()) process.stderr.write(`written: ${path}\n`)
  return 0
}
