import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm } from '../run/command.mjs'
import { withProgress } from '../run/progress.mjs'
import { root } from './paths.mjs'
import { SetupError } from './setup-error.mjs'

/** @typedef {{ version?: string, resolved?: string, link?: boolean, optional?: boolean }} LockedPackage */

/**
 * The packages of a lock file by folder.
 *
 * @param {string} path
 * @returns {Record<string, LockedPackage> | undefined} `undefined` when there is no such file, or npm did not finish it
 */
function lockedPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

/**
 * Why the installed packages are not those of package-lock.json; `undefined` when they are. npm writes what it put
 * into node_modules to a lock file of its own when it has finished, so an interrupted installation counts as none.
 * Optional packages (builds for other platforms) may be absent.
 *
 * @param {string} [folder]
 */
export function staleInstall(folder = root) {
  const wanted = lockedPackages(join(folder, 'package-lock.json'))
  if (wanted === undefined)
    throw new SetupError(`${join(folder, 'package-lock.json')} is missing or damaged: restore it with git.`)
  const installed = lockedPackages(join(folder, 'node_modules', '.package-lock.json'))
  if (installed === undefined) return 'nothing is installed yet'
  for (const [path, { version, resolved, link, optional }] of Object.entries(wanted)) {
    if (path === '') continue
    const found = installed[path]
    if (found === undefined ? !optional : found.version !== version || (link && found.resolved !== resolved)) {
      return `package-lock.json changed (${path.replace(/^.*node_modules\//, '')})`
    }
  }
  return undefined
}

/**
 * Installs with `npm ci` when what is installed is not what package-lock.json says.
 *
 * @param {{ progress?: typeof withProgress }} [options]
 * @returns {Promise<string>} what was done, in words
 */
export async function install({ progress = withProgress } = {}) {
  const reason = staleInstall()
  if (reason === undefined) return 'already installed'
  const label = `Installing packages (${reason}; the first time takes about half a minute)`
  const { code, output, seconds } = await progress(label, () => runNpm(['ci', '--no-progress', '--loglevel=error']))
  if (code !== 0) throw new SetupError(`npm ci failed with exit code ${code}:\n${output}`)
  return `installed in ${seconds.toFixed(1)} s`
}
