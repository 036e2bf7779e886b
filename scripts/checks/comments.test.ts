import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../setup/paths.mjs'

/** As wide as code may be (biome.jsonc); the formatter leaves comments as they are. */
const WIDTH = 120

test('no comment is wider than the code', () => {
  const listed = execFileSync('git', ['ls-files', '--', '*.ts', '*.tsx', '*.mjs', '*.cjs'], {
    cwd: root,
    encoding: 'utf8',
  })
  const wide = listed
    .trim()
    .split('\n')
    .flatMap((path) => {
      const lines = readFileSync(join(root, path), 'utf8').split('\n')
      return lines.flatMap((line, at) =>
        line.length > WIDTH && /^\s*(\/\/|\/?\*)/.test(line) ? `${path}:${at + 1}` : [],
      )
    })
  expect(wide).toEqual([])
})
