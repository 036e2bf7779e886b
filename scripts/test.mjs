#!/usr/bin/env node
/** `npm test`: installs and builds what is missing, runs every check and test, and leaves no process behind. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { steps } from './checks/steps.mjs'
import { filesNotRun } from './checks/vitest.mjs'
import { stopRunning } from './run/command.mjs'
import { ProcessWatch } from './run/processes.mjs'
import { closingLine, Printer } from './run/report.mjs'
import { schedule, withNeeds } from './run/schedule.mjs'
import { requireNode } from './setup/node-version.mjs'
import { explain, SetupError } from './setup/setup-error.mjs'

/** How long steps that are under way may take to end after Ctrl-C. */
const PATIENCE_MS = 5_000

const help = `npm test                        everything
npm test -- --only units,rules  some steps, and what they need
npm test -- --cores 1           how many steps' cores run side by side (default: all of this machine's)
npm test -- --verbose           the output of every step, not only of those that fail

Steps:
${steps.map(({ name, about }) => `  ${name.padEnd(12)}${about}`).join('\n')}

One test file: npx vitest run path/to/file.test.ts   One test: add -t 'part of its name'`

/** @returns {{ only: string[], cores: number, verbose: boolean, help: boolean }} */
function options() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      cores: { type: 'string', default: String(availableParallelism()) },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const cores = Number(values.cores)
  if (!Number.isInteger(cores) || cores < 1)
    throw new SetupError(`--cores wants a whole number of at least 1, got "${values.cores}".`)
  return { ...values, only: values.only.flatMap((names) => names.split(',')), cores }
}

/** A folder for all temporary files of the run. Servers that run as another user must be able to enter it. */
function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tableforge-test-'))
  chmodSync(folder, 0o1777)
  process.env.TMPDIR = folder
  return folder
}

/** The checks that only make sense after all others. @param {ProcessWatch} watch @param {boolean} everything */
async function lastChecks(watch, everything) {
  const left = await watch.finish()
  const checks = [
    {
      name: 'left behind',
      problems: left.map(({ pid, command }) => `process ${pid} was still running: ${command}`),
      note: watch.isSupported ? '' : `processes are not watched on ${process.platform}`,
    },
  ]
  if (everything) {
    const forgotten = await filesNotRun()
    checks.push({
      name: 'forgotten',
      problems: forgotten.map((path) => `${path} belongs to no project of vitest.config.ts`),
      note: '',
    })
  }
  return checks.map(({ name, problems, note }) => ({
    name,
    seconds: 0,
    passed: problems.length === 0 ? 1 : 0,
    failed: problems.length,
    note,
    output: problems.join('\n'),
  }))
}

async function main() {
  const { only, cores, verbose, help: wantsHelp } = options()
  if (wantsHelp) return console.log(help)
  const chosen = only.length === 0 ? steps : withNeeds(steps, only)
  const temporary = temporaryFolder()
  const mark = `TABLEFORGE_TEST_RUN=${temporary}`
  process.env.TABLEFORGE_TEST_RUN = temporary
  if (!process.stdout.isTTY) process.env.NO_COLOR = '1'
  const watch = new ProcessWatch(mark)
  const interruption = new AbortController()
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (interruption.signal.aborted) return
      interruption.abort()
      stopRunning('SIGTERM')
      setTimeout(stopRunning, PATIENCE_MS, 'SIGKILL').unref()
    })
  }
  watch.start()
  const printer = new Printer({ verbose })
  const started = performance.now()
  const reports = await schedule(chosen, {
    cores,
    signal: interruption.signal,
    onStart: (step) => printer.start(step),
    onEnd: (report) => printer.end(report),
  })
  for (const report of await lastChecks(
    watch,
    only.length === 0 && reports.length === steps.length && reports.every(({ blockedBy }) => blockedBy === undefined),
  )) {
    reports.push(report)
    printer.end(report)
  }
  rmSync(temporary, { recursive: true, force: true })
  printer.summary(reports, (performance.now() - started) / 1000)
  const complete = reports.length >= chosen.length && !interruption.signal.aborted
  if (!complete) console.log('Interrupted: not every step ran.')
  console.log(closingLine(reports))
  process.exitCode = complete && reports.every(({ failed }) => failed === 0) ? 0 : 1
}

requireNode()
try {
  await main()
} catch (error) {
  console.error(explain(error))
  process.exitCode = 2
}
