import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @typedef {string | null | { [key: string]: Target }} Target */

/**
 * @typedef {{ name: string, exports?: Target, bin?: Target, main?: Target, types?: Target, dependencies?:
 *   Record<string, string>, peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, {
 *   optional?: boolean }> }} Manifest
 */

/** @param {string} folder @returns {Manifest} */
export const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Every path in an exports map, whatever its conditions. @param {Target | undefined} target @returns {string[]} */
export function pathsIn(target) {
  if (typeof target === 'string') return [target]
  return target ? Object.values(target).flatMap(pathsIn) : []
}

/** @param {string} folder @param {string} path which may hold one `*` */
function exists(folder, path) {
  const [before = '', after] = path.split('*')
  if (after === undefined) return existsSync(join(folder, path))
  const base = join(folder, before.endsWith('/') ? before : dirname(before))
  return (
    existsSync(base) &&
    readdirSync(base, { recursive: true }).some(
      (name) => join(base, String(name)).startsWith(join(folder, before)) && String(name).endsWith(after),
    )
  )
}

/**
 * The files that a package's manifest names and that do not exist.
 *
 * @param {string} folder of the package
 * @returns {string[]}
 */
export function missingFiles(folder) {
  const { exports, bin, main, types } = readManifest(folder)
  return [exports, bin, main, types].flatMap(pathsIn).filter((path) => !exists(folder, path))
}

/**
 * The names by which a package's modules are imported, one for each entry of its exports map without a pattern.
 *
 * @param {Manifest} manifest
 * @returns {string[]}
 */
export function entryPoints({ name, exports }) {
  if (typeof exports !== 'object' || exports === null) return [name]
  return Object.keys(exports)
    .filter((key) => key.startsWith('.') && !key.endsWith('.json') && !key.includes('*'))
    .map((key) => name + key.slice(1))
}

/**
 * The dependencies of a package that none of its sources imports.
 *
 * @param {string} folder of the package
 * @returns {string[]}
 */
export function unusedDependencies(folder) {
  const names = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
  const modules = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const text = modules.map((name) => readFileSync(join(folder, 'src', name), 'utf8')).join('\n')
  const imported = new Set([...text.matchAll(/(?:from|import\() ?'((?:@[^'/]+\/)?[^'/]+)/g)].map(([, name]) => name))
  const { dependencies = {}, peerDependencies = {} } = readManifest(folder)
  return Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !imported.has(name))
}
