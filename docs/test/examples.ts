import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A code block that says of itself that it runs: a whole ES module, which checks with `assert` what the page claims.
 */
export interface Example {
  /** `page.md:line`, where the block begins. */
  readonly place: string
  readonly code: string
}

const BLOCK = /^```ts run\n(.*?)^```$/gms

/** The examples of one page, in order. */
export function examplesOf(page: string, text: string): Example[] {
  return [...text.matchAll(BLOCK)].map(({ index, 1: code = '' }) => ({
    place: `${page}:${text.slice(0, index).split('\n').length}`,
    code,
  }))
}

/** The pages that users read, below `root`. */
export function pages(root: string): string[] {
  const folders = ['.', 'docs', 'packages/cache', 'packages/console']
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  )
}

export const allExamples = (root: string): Example[] =>
  pages(root).flatMap((page) => examplesOf(page, readFileSync(join(root, page), 'utf8')))
