import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { recordedComparisons } from '../../bench/src/harness/recorded.js'
import { pagesOf } from '../../bench/src/page/write-page.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the benchmarks that the docs show', async () => {
  const pages = await pagesOf(await recordedComparisons(), root)

  it.each([...pages])('are those that were recorded (`npm run bench -- page` writes them): %s', (path, text) => {
    expect(existsSync(join(root, path)), `${path} is missing`).toBe(true)
    expect(readFileSync(join(root, path), 'utf8')).toBe(text)
  })

  it('have no picture of what is no longer recorded', () => {
    const pictures = readdirSync(join(root, 'docs/images/bench')).map((name) => `docs/images/bench/${name}`)
    expect(pictures.filter((path) => !pages.has(path))).toEqual([])
  })
})
