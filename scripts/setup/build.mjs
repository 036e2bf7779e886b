import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runNode } from '../run/command.mjs'
import { withProgress } from '../run/progress.mjs'
import { root } from './paths.mjs'
import { SetupError } from './setup-error.mjs'

/**
 * One thing that is built: a compiler run over some sources.
 *
 * @typedef {object} Target
 * @property {string} name
 * @property {readonly string[]} sources files and folders below the root that it is made from
 * @property {readonly string[]} results files that exist when it is built
 * @property {string} cwd
 * @property {readonly string[]} command a script below the root, and its arguments
 */

const compiler = 'node_modules/typescript/bin/tsc'
const bundler = 'node_modules/vite/bin/vite.js'
const shared = ['package-lock.json', 'tsconfig.base.json']

/** @param {string} workspace @returns {string[]} */
const program = (workspace) => ['package.json', 'tsconfig.json', 'src'].map((name) => `${workspace}/${name}`)

/** @param {string} workspace @param {string} result @returns {Target} */
const page = (workspace, result) => ({
  name: `${workspace}/page`,
  sources: [...shared, `${workspace}/package.json`, `${workspace}/page`, `${workspace}/src`],
  results: [`${workspace}/${result}/index.html`],
  cwd: `${workspace}`,
  command: [bundler, 'build', 'page', '--logLevel', 'warn'],
})

/** @returns {Target[]} in the order in which they are built */
export function targets() {
  const workspaces = ['packages/cache', 'packages/console', 'apps/tableforge', 'bench'].filter((path) =>
    existsSync(join(root, path, 'src')),
  )
  return [
    {
      name: 'programs',
      sources: [...shared, ...workspaces.flatMap(program)],
      results: workspaces.map((path) => `${path}/dist/.tsbuildinfo`),
      cwd: '.',
      command: [compiler, '-b', ...workspaces],
    },
    page('packages/console', 'dist/page'),
    page('apps/tableforge', 'page/dist'),
  ]
}

/**
 * A hash over the names and contents of some files and folders. Tests and the results of
 * builds are left out: nothing is built from them.
 *
 * @param {readonly string[]} paths below `folder`
 * @param {string} [folder]
 */
export function fingerprint(paths, folder = root) {
  const hash = createHash('sha256')
  const visit = (/** @type {string} */ path) => {
    const full = join(folder, path)
    if (!existsSync(full)) return
    hash.update(`${path}\0`)
    try {
      hash.update(readFileSync(full))
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EISDIR') throw error
      for (const name of readdirSync(full).sort())
        if (!/\.test\.tsx?$|^(dist|node_modules)$/.test(name)) visit(`${path}/${name}`)
    }
  }
  for (const path of paths) visit(path)
  return hash.digest('hex')
}

/** @param {Target} target */
const stampOf = (target) => join(root, '.cache', 'built', `${target.name.replaceAll('/', '-')}.sha256`)

/** @param {Target} target @param {string} current */
function isBuilt(target, current) {
  const stamp = stampOf(target)
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== current) return false
  return target.results.every((path) => existsSync(join(root, path)))
}

/**
 * Builds what is older than its sources (by content, so a checkout that changes nothing builds nothing).
 *
 * @param {{ force?: boolean, progress?: typeof withProgress }} [options]
 * @returns {Promise<string>} what was done, in words
 */
export async function build({ force = false, progress = withProgress } = {}) {
  const done = []
  for (const target of targets()) {
    const current = fingerprint(target.sources)
    if (!force && isBuilt(target, current)) continue
    const stamp = stampOf(target)
    rmSync(stamp, { force: true })
    const [script = '', ...args] = target.command
    const { code, output, seconds } = await progress(`Building ${target.name}`, () =>
      runNode(join(root, script), args, { cwd: join(root, target.cwd) }),
    )
    const missing = target.results.filter((path) => !existsSync(join(root, path)))
    if (code !== 0) throw new SetupError(`Building ${target.name} failed with exit code ${code}:\n${output}`)
    if (missing.length > 0)
      throw new SetupError(`Building ${target.name} did not make ${missing.join(', ')}:\n${output}`)
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, current)
    done.push(`${target.name} ${seconds.toFixed(1)} s`)
  }
  return done.length === 0 ? 'up to date' : done.join(', ')
}
