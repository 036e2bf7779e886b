import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const LEAVER = fileURLToPath(new URL('./leaver.mjs', import.meta.url))

it('a process with nothing else to do lives until its cache is closed, and no longer', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [LEAVER], { timeout: 60_000 })
  expect(stdout).toBe('closed, loaded')
})
