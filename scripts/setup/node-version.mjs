import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

/**
 * Whether a version such as `20.19.0` is at least another. Compares numbers only; anything after `-` is ignored.
 *
 * @param {string} version
 * @param {string} minimum
 */
export function isAtLeast(version, minimum) {
  const parse = (/** @type {string} */ text) => (text.split('-')[0] ?? '').split('.').map(Number)
  const actual = parse(version)
  for (const [index, wanted] of parse(minimum).entries()) {
    const part = actual[index] ?? 0
    if (part !== wanted) return part > wanted
  }
  return true
}

/** Ends the process with a clear message when this Node.js is older than `engines.node` of package.json. */
export function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const minimum = engines.node.replace('>=', '')
  if (isAtLeast(process.versions.node, minimum)) return
  console.error(`TableForge needs Node.js ${minimum} or newer; this is ${process.versions.node} (${process.execPath}).`)
  console.error('Install a current release from https://nodejs.org, or with a version manager: nvm install 22')
  process.exit(1)
}
