#!/usr/bin/env node
/** `npm run build [-- --force]`: compiles the libraries, the app and the pages, as far as their sources changed. */
import { parseArgs } from 'node:util'
import { build } from './setup/build.mjs'
import { requireNode } from './setup/node-version.mjs'
import { explain } from './setup/setup-error.mjs'

requireNode()
const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } })
try {
  console.log(await build(values))
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
