import { spawn } from 'node:child_process'
import { constants } from 'node:os'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
/** A person's second Ctrl-C comes later than this; copies of the first one (terminal, npm) come sooner. */
const SECOND_THOUGHTS_MS = 700
/** How often we look whether npm's shell is still there. */
const LOOK_MS = 250

/**
 * A program that takes our place: it has our terminal, our environment and our signals, and we end as it ends.
 *
 * Ctrl-C reaches us more than once, from the terminal and from npm, which forwards its own. The program therefore
 * gets a process group of its own, where the terminal does not reach it, and the first signal from us; copies are
 * dropped. A second Ctrl-C, later, ends it at once.
 *
 * npm passes a termination on to the shell that it has started us with, which ends and tells nobody; a container would
 * then be killed when its patience is over. Run by npm, we take the loss of our parent for SIGTERM.
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
    const parent = process.ppid
    const look = () => {
      if (process.ppid !== parent) forward('SIGTERM')
    }
    const looking = process.env.npm_lifecycle_event === undefined ? undefined : setInterval(look, LOOK_MS)
    const end = () => {
      clearInterval(looking)
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
