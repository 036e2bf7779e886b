import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allExamples, examplesOf, pages } from './examples.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Inside the repository, so that the packages are found by their names.
const folder = join(root, '.cache', 'examples')
const run = promisify(execFile)

const examples = allExamples(root).map(({ place, code }) => {
  const file = join(folder, place.replaceAll(/[^a-zA-Z0-9]+/g, '-'))
  return { place, code, source: `${file}.mts`, program: `${file}.mjs` }
})

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  for (const { code, source, program } of examples) {
    writeFileSync(source, code)
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
    writeFileSync(program, ts.transpileModule(code, { compilerOptions, fileName: source }).outputText)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the code in README and docs', () => {
  it.concurrent.each(examples)('runs as it stands: $place', async ({ program }) => {
    const { stderr } = await run(process.execPath, [program], { cwd: root, timeout: 90_000 })
    expect(stderr).toBe('')
  })

  it('has the types that it claims to have', () => {
    const base = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile).config
    const { options } = ts.parseJsonConfigFileContent({ ...base, files: [] }, ts.sys, root)
    const program = ts.createProgram({
      rootNames: examples.map(({ source }) => source),
      options: { ...options, composite: false, declaration: false, declarationMap: false, noEmit: true },
    })
    const host = {
      getCurrentDirectory: () => folder,
      getCanonicalFileName: (name: string) => name,
      getNewLine: () => '\n',
    }
    expect(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host)).toBe('')
  })
})

describe('the search for examples', () => {
  it('finds the blocks that are marked, with the line where they begin, and no others', () => {
    const text = '# A page\n\n```ts run\nfirst\n```\n\n```ts\nnot this\n```\n\n```ts run\nsecond\nline\n```\n'
    expect(examplesOf('docs/page.md', text)).toEqual([
      { place: 'docs/page.md:3', code: 'first\n' },
      { place: 'docs/page.md:11', code: 'second\nline\n' },
    ])
  })
})

describe('the links between pages', () => {
  it('lead to files that exist', () => {
    const broken = []
    for (const page of pages(root)) {
      const text = readFileSync(join(root, page), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)) {
        if (!existsSync(join(root, dirname(page), target))) broken.push(`${page}: ${target}`)
      }
    }
    expect(broken).toEqual([])
  })
})
