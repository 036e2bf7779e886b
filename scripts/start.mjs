#!/usr/bin/env node
/** `npm start`: installs and builds what is missing, then runs TableForge in the foreground. */
import { join } from 'node:path'
import { runInForeground } from './run/foreground.mjs'
import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { requireNode } from './setup/node-version.mjs'
import { root } from './setup/paths.mjs'
import { explain } from './setup/setup-error.mjs'

requireNode()
try {
  await install()
  await build()
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}
process.exitCode = await runInForeground(process.execPath, [
  join(root, 'apps/tableforge/dist/main.js'),
  ...process.argv.slice(2),
])
