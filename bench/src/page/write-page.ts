import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ComparisonData } from '../harness/comparison-data.js'
import { recordedComparisons } from '../harness/recorded.js'
import { barsSvg } from './bars.js'
import { benchmarksMarkdown, pictureName } from './markdown.js'
import { readmeTable } from './readme.js'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const PICTURES = 'docs/images/bench'
const BEGIN = '<!-- measured: written by `npm run bench -- page` from bench/results -->'
const END = '<!-- end of what was measured -->'

/** Every file that the recorded results make: its path below the repository, and what it must hold. */
export async function pagesOf(all: readonly ComparisonData[], repository = REPOSITORY): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const data of all) {
    for (const [name, one] of Object.entries(data.cases)) {
      files.set(`${PICTURES}/${pictureName(data.suite, name)}`, barsSvg(data, name, one))
    }
  }
  for (const [path, text] of [
    ['docs/benchmarks.md', benchmarksMarkdown(all)],
    ['README.md', readmeTable(all)],
  ] as const) {
    files.set(path, between(path, await readFile(join(repository, path), 'utf8'), text))
  }
  return files
}

/** Writes what the recorded results make, and removes pictures of cases that are no more. */
export async function writePages(repository = REPOSITORY): Promise<string[]> {
  const files = await pagesOf(await recordedComparisons(), repository)
  await mkdir(join(repository, PICTURES), { recursive: true })
  for (const name of await readdir(join(repository, PICTURES))) {
    if (!files.has(`${PICTURES}/${name}`)) await rm(join(repository, PICTURES, name))
  }
  for (const [path, text] of files) await writeFile(join(repository, path), text)
  return [...files.keys()]
}

/** The text with what lies between the marks replaced. */
function between(path: string, text: string, generated: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from)
    throw new Error(`${path}: expected the lines '${BEGIN}' and '${END}' around what was measured`)
  return `${text.slice(0, from)}${BEGIN}\n\n${generated}\n\n${text.slice(to)}`
}
