import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run, runNode, runNpm } from '../run/command.mjs'
import { root } from '../setup/paths.mjs'
import { entryPoints, missingFiles, pathsIn, readManifest, unusedDependencies } from './exports.mjs'

/**
 * A package as npm would publish it.
 *
 * @typedef {object} Packed
 * @property {string} folder of its sources
 * @property {string} tarball
 * @property {string[]} files inside
 */

/** @param {string} folder below the root @param {string} destination @returns {Promise<Packed>} */
async function pack(folder, destination) {
  const { code, output } = await runNpm(
    ['pack', '--json', '--ignore-scripts', '--loglevel=silent', '--pack-destination', destination],
    { cwd: join(root, folder) },
  )
  if (code !== 0) throw new Error(`npm pack of ${folder} failed with exit code ${code}:\n${output}`)
  const answer = JSON.parse(output)
  const [{ filename, files }] = Array.isArray(answer) ? answer : Object.values(answer)
  return {
    folder: join(root, folder),
    tarball: join(destination, filename),
    files: files.map((/** @type {{ path: string }} */ file) => file.path),
  }
}

/** @param {readonly string[]} files inside a package */
function contentProblems(files) {
  const missing = ['LICENSE', 'README.md', 'package.json'].filter((name) => !files.includes(name))
  const foreign = files.filter((name) => /\.test\.|\.tsbuildinfo$|^test\/|^page\//.test(name))
  return [
    ...missing.map((name) => `${name} is not in the package`),
    ...foreign.map((name) => `${name} does not belong into the package`),
  ]
}

/** The folder of an installed package as a module in `from` would find it. @param {string} name @param {string} from */
function locate(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(candidate)) return realpathSync(candidate)
    if (folder === dirname(folder)) throw new Error(`${name}, which ${from} depends on, is not installed`)
  }
}

/**
 * A folder with some packages installed: those packed here from their tarballs, what they depend on as copies of what
 * is installed in this workspace. Nothing else can be imported in it, and no registry is asked.
 *
 * @param {readonly Packed[]} packed
 * @param {(manifest: import('./exports.mjs').Manifest) => string[]} wanted names of what a package needs beside it
 */
async function installation(packed, wanted) {
  const folder = mkdtempSync(join(tmpdir(), 'smoke-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  /** @type {Map<string, string>} */
  const placed = new Map()
  const place = async (/** @type {string} */ name, /** @type {string} */ source) => {
    if (placed.has(name)) {
      if (placed.get(name) !== source)
        throw new Error(`two versions of ${name} are needed: ${placed.get(name)} and ${source}`)
      return
    }
    placed.set(name, source)
    const target = join(folder, 'node_modules', name)
    mkdirSync(target, { recursive: true })
    const ours = packed.find((each) => each.folder === source)
    if (ours) {
      const { code, output } = await run('tar', ['-xzf', ours.tarball, '-C', target, '--strip-components=1'])
      if (code !== 0) throw new Error(`unpacking ${ours.tarball} failed:\n${output}`)
    } else
      cpSync(source, target, { recursive: true, filter: (path) => !path.slice(source.length).includes('node_modules') })
    for (const need of wanted(readManifest(source))) await place(need, locate(need, source))
  }
  for (const each of packed) await place(readManifest(each.folder).name, each.folder)
  return folder
}

/** @param {import('./exports.mjs').Manifest} manifest */
const required = ({ dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} }) => [
  ...Object.keys(dependencies),
  ...Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional),
]

/** With the optional peers of our own packages, and only what is required by everyone else's. */
const everything = (/** @type {import('./exports.mjs').Manifest} */ manifest) =>
  manifest.name.startsWith('@tableforge/')
    ? [...new Set([...required(manifest), ...Object.keys(manifest.peerDependencies ?? {})])]
    : required(manifest)

/** @param {string} folder @param {readonly string[]} names */
async function importProblems(folder, names) {
  const problems = []
  for (const name of names) {
    const program = `const names = Object.keys(await import(${JSON.stringify(name)})); if (names.length === 0) throw new Error('exports nothing')`
    const { code, output } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder })
    if (code !== 0) problems.push(`import of ${name} failed with exit code ${code}:\n${output}`)
  }
  return problems
}

/**
 * Runs the commands of an installed package as a shell does.
 * @param {string} folder
 * @param {import('./exports.mjs').Manifest} manifest
 */
async function commandProblems(folder, { name, bin }) {
  const problems = []
  for (const path of pathsIn(bin)) {
    const { code, output } = await run(join(folder, 'node_modules', name, path), ['--help'])
    if (code !== 0) problems.push(`${path} --help failed with exit code ${code}:\n${output}`)
  }
  return problems
}

/** @param {import('../run/command.mjs').Outcome} outcome */
const complaint = ({ code, output }) => (code === 0 ? [] : [output])

/**
 * Packs the published packages and looks at them as their users will: the manifest names only files that exist and
 * dependencies that are used, the contents are right, publint and attw have nothing to say, every entry point can
 * be imported where nothing but the package and its dependencies is installed (the main one without the optional ones),
 * and its commands run there.
 *
 * @param {readonly string[]} folders below the root
 * @returns {Promise<import('../run/schedule.mjs').Result>}
 */
export async function checkPackages(folders) {
  const destination = mkdtempSync(join(tmpdir(), 'packed-'))
  const packed = []
  for (const folder of folders) packed.push(await pack(folder, destination))
  const bare = await installation(packed, required)
  const full = await installation(packed, everything)
  /** @type {[name: string, problems: string[]][]} */
  const checks = []
  for (const { folder, tarball, files } of packed) {
    const manifest = readManifest(folder)
    const { name } = manifest
    checks.push([`${name}: its manifest names only files that exist`, missingFiles(folder)])
    checks.push([`${name}: its sources import every dependency`, unusedDependencies(folder)])
    checks.push([`${name}: its contents`, contentProblems(files)])
    checks.push([
      `${name}: publint`,
      complaint(await runNode('node_modules/publint/src/cli.js', ['run', tarball, '--strict'])),
    ])
    const attw = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-emoji', tarball]
    checks.push([`${name}: attw`, complaint(await runNode('node_modules/@arethetypeswrong/cli/dist/index.js', attw))])
    checks.push([`${name}: the main entry point without optional packages`, await importProblems(bare, [name])])
    checks.push([`${name}: every entry point`, await importProblems(full, entryPoints(manifest))])
    checks.push([`${name}: its commands`, await commandProblems(full, manifest)])
  }
  const failing = checks.filter(([, problems]) => problems.length > 0)
  const output = failing.map(([check, problems]) => `${check}\n${problems.join('\n')}`).join('\n\n')
  return { passed: checks.length - failing.length, failed: failing.length, output }
}
