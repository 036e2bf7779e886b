import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
/** A person's second Ctrl-C comes later than this; copies of the first one (terminal, npm) come sooner. */
const SECOND_THOUGHTS_MS = 700

/**
 * A program that takes our place: it has our terminal, our environment and our signals, and we end as it ends.
 *
 * Ctrl-C reaches us more than once, from the terminal and from npm, which forwards its own. The program therefore
 * gets a process group of its own, where the terminal does not reach it, and the first signal from us; copies are
 * dropped. A second Ctrl-C, later, ends it at once.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string }} [options]
 * @returns {Promise<number>} its exit code; 128 + the signal's number when a signal ended it
 */
export function runInForeground(program, args, { cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: 'inherit', detached: process.platform !== 'win32' })
    /** @type {number | undefined} */
    let forwardedAt
    const forward = (/** @type {NodeJS.Signals} */ signal) => {
      if (forwardedAt === undefined) {
        forwardedAt = performance.now()
        child.kill(signal)
      } else if (signal === 'SIGINT' && performance.now() - forwardedAt > SECOND_THOUGHTS_MS) child.kill('SIGKILL')
    }
    const end = () => {
      for (const signal of SIGNALS) process.off(signal, forward)
    }
    for (const signal of SIGNALS) process.on(signal, forward)
    child.on('error', (error) => {
      end()
      reject(error)
    })
    child.on('exit', (code, signal) => {
      end()
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
