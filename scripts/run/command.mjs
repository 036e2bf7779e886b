import { spawn } from 'node:child_process'
import { root } from '../setup/paths.mjs'

/** @typedef {{ code: number, output: string, seconds: number }} Outcome */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * How a program is run. One that takes longer than `limitMs` is killed (default: it may take for ever).
 *
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, limitMs?: number }} RunOptions
 */

/**
 * A program run to its end, with all it printed. The exit code is 127 when it could not be started, and 128 or more
 * when a signal ended it.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function run(program, args, { cwd = root, env = process.env, limitMs } = {}) {
  const started = performance.now()
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const kill = () => {
      output += `\nKilled after ${(limitMs ?? 0) / 1000} s, the longest that it may take.\n`
      child.kill('SIGKILL')
    }
    const finish = (/** @type {number} */ code) => {
      running.delete(child)
      clearTimeout(limit)
      resolve({ code, output, seconds: (performance.now() - started) / 1000 })
    }
    running.add(child)
    const limit = limitMs === undefined ? undefined : setTimeout(kill, limitMs)
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.on('error', (error) => {
      output += `${program}: ${error.message}\n`
      finish(127)
    })
    // 'exit' and not 'close': a grandchild that was left behind keeps the pipes open, and must be named, not waited
    // for.
    child.on('exit', (code) => setTimeout(finish, 50, code ?? 128))
  })
}

/**
 * A JavaScript program of a dependency, run by this very Node.js.
 *
 * @param {string} script path below the root, for example `node_modules/typescript/bin/tsc`
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNode(script, args, options) {
  return run(process.execPath, [script, ...args], options)
}

/**
 * The command line of npm, as it was called when it is what started us, otherwise as found on the PATH.
 *
 * @param {readonly string[]} args
 * @returns {[program: string, ...args: string[]]}
 */
export function npmCommand(args) {
  const npm = process.env.npm_execpath
  if (npm?.endsWith('npm-cli.js')) return [process.execPath, npm, ...args]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', ...args]
}

/**
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNpm(args, options) {
  const [program, ...rest] = npmCommand(args)
  return run(program, rest, options)
}

/**
 * Ends every program that {@link run} has under way.
 *
 * @param {NodeJS.Signals} signal
 */
export function stopRunning(signal) {
  for (const child of running) child.kill(signal)
}
