#!/usr/bin/env node
/**
 * `npm run monitoring`: writes the rules, the dashboard and the examples for operators from the names in the library.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './setup/build.mjs'
import { install } from './setup/install.mjs'
import { requireNode } from './setup/node-version.mjs'
import { explain } from './setup/setup-error.mjs'

requireNode()
try {
  await install()
  await build()
  // Not before: they are made from the library as it is built, with packages that may just have been installed.
  const { folder, monitoringFiles } = await import('./monitoring/files.mjs')
  for (const [name, content] of Object.entries(monitoringFiles())) {
    writeFileSync(join(folder, name), content)
    console.log(join(folder, name))
  }
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
