#!/usr/bin/env node
/** `npm run test:node -- 22 24`: build, units and contracts on other versions of Node.js, which npx fetches. */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { npmCommand } from './run/command.mjs'
import { root } from './setup/paths.mjs'

const versions = process.argv.slice(2)
if (versions.length === 0 || versions.some((version) => !/^\d+(\.\d+){0,2}$/.test(version))) {
  console.error('Which versions of Node.js? For example: npm run test:node -- 22 24')
  process.exit(2)
}

/** @param {string} version */
function test(version) {
  rmSync(join(root, '.cache', 'built'), { recursive: true, force: true })
  const [program, ...args] = npmCommand(['exec', '--yes', '--package', `node@${version}`, '--'])
  const test = ['node', 'scripts/test.mjs', '--only', 'build,units,contracts']
  return spawnSync(program, [...args, ...test], { cwd: root, stdio: 'inherit' }).status
}

const failed = versions.filter((version) => {
  console.log(`\nNode.js ${version}`)
  return test(version) !== 0
})
console.log(
  `\n${failed.length === 0 ? `Passed on Node.js ${versions.join(', ')}` : `Failed on Node.js ${failed.join(', ')}`}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
