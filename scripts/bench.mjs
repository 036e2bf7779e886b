#!/usr/bin/env node
/**
 * `npm run bench -- SUITE [--json]`: measured comparisons with other caches. Only the measurement prints to standard
 * output.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { inSilence } from './run/progress.mjs'
import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { requireNode } from './setup/node-version.mjs'
import { root } from './setup/paths.mjs'
import { explain } from './setup/setup-error.mjs'

requireNode()
try {
  await install({ progress: inSilence })
  await build({ progress: inSilence })
  const bench = spawn(process.execPath, ['--expose-gc', join(root, 'bench/dist/main.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  const [code] = await once(bench, 'exit')
  process.exitCode = code ?? 1
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
