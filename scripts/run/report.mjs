import { styleText } from 'node:util'
import { secondsSince } from './progress.mjs'

/** @typedef {import('./schedule.mjs').Report} Report */

const QUIET_MS = 20_000

/** @param {readonly Report[]} reports @param {'passed' | 'failed' | 'skipped'} field */
const total = (reports, field) => reports.reduce((sum, report) => sum + (report[field] ?? 0), 0)

/**
 * The last line of a run: every test and every check, counted.
 *
 * @param {readonly Report[]} reports
 */
export function closingLine(reports) {
  const skipped = total(reports, 'skipped')
  return `${total(reports, 'passed')} passed, ${total(reports, 'failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** @param {number} seconds */
const duration = (seconds) => `${seconds.toFixed(1)} s`.padStart(8)

/**
 * A run as a person watches it: a line for each step that has ended, the output of those that failed, and while it is
 * quiet, what is under way (on a terminal one line that is rewritten each second).
 */
export class Printer {
  /** @type {Map<string, number>} */
  #running = new Map()
  #out = process.stdout
  #verbose
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /** @param {{ verbose: boolean }} options */
  constructor({ verbose }) {
    this.#verbose = verbose
  }

  /** @param {{ name: string }} step */
  start({ name }) {
    this.#running.set(name, performance.now())
    this.#timer ??= setInterval(() => this.#underWay(), this.#out.isTTY ? 1000 : QUIET_MS)
    if (this.#out.isTTY) this.#underWay()
  }

  #underWay() {
    const names = [...this.#running].map(([name, since]) => `${name} ${secondsSince(since).toFixed(0)} s`)
    if (names.length === 0) return
    this.#out.write(this.#out.isTTY ? `\r\x1b[K… ${names.join(', ')}` : `…     ${names.join(', ')}\n`)
  }

  /** @param {Report} report */
  end({ name, passed, failed, note, output, seconds }) {
    this.#running.delete(name)
    if (this.#out.isTTY) this.#out.write('\r\x1b[K')
    const verdict = failed === 0 ? this.#style('green', 'ok  ') : this.#style('red', 'FAIL')
    const counts = `${passed > 0 ? `${passed} passed` : ''}${passed > 0 && failed > 0 ? ', ' : ''}${failed > 0 ? `${failed} failed` : ''}`
    this.#out.write(
      `${verdict}  ${name.padEnd(12)}${duration(seconds)}  ${[counts, note].filter(Boolean).join(' · ')}\n`,
    )
    if (output && (failed > 0 || this.#verbose)) this.#out.write(`${output.trimEnd().replace(/^/gm, '    ')}\n`)
    if (this.#out.isTTY) this.#underWay()
    else this.#timer?.refresh()
  }

  /** @param {readonly Report[]} reports @param {number} seconds */
  summary(reports, seconds) {
    clearInterval(this.#timer)
    const failed = reports.filter((report) => report.failed > 0)
    this.#out.write(`\n${reports.length} steps in ${seconds.toFixed(0)} s\n`)
    if (failed.length > 0)
      this.#out.write(`Failed: ${failed.map(({ name, note }) => (note ? `${name} (${note})` : name)).join(', ')}\n`)
    // Once more, where a reader of only the last lines finds them.
    for (const { name, failures = [] } of failed)
      for (const failure of failures) this.#out.write(`  ${name}: ${failure}\n`)
  }

  /** @param {'green' | 'red'} colour @param {string} text */
  #style(colour, text) {
    return this.#out.isTTY ? styleText(colour, text) : text
  }
}
