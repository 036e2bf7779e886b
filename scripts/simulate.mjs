#!/usr/bin/env node
/**
 * `npm run simulate`: hit ratios of the eviction policies on recorded or made-up requests. Installs and builds first.
 */
import { inSilence } from './run/progress.mjs'
import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { requireNode } from './setup/node-version.mjs'
import { explain } from './setup/setup-error.mjs'

requireNode()
try {
  await install({ progress: inSilence })
  await build()
} catch (error) {
  console.error(explain(error))
  process.exit(2)
}
await import('./simulate/main.mjs')
