import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

const { resolve } = createRequire(import.meta.url)

/** The installed version of a package, from its own package.json; the entry point need not export that. */
export function versionOf(name: string): string {
  for (const folder of resolve.paths(name) ?? []) {
    const found = read(join(folder, name, 'package.json'))
    if (found !== undefined) return found
  }
  throw new Error(`${name} is not installed`)
}

/** The versions of several packages; each is named once. */
export function versionsOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries([...new Set(names)].map((name) => [name, versionOf(name)]))
}

/** What this was measured with and on. */
export function environment(): { node: string; platform: string } {
  return { node: process.version, platform: `${process.platform} ${process.arch}, ${availableParallelism()} cores` }
}

function read(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`cannot read ${dirname(path)}`, { cause: error })
  }
}
