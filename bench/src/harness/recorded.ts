import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ComparisonData } from './comparison-data.js'
import type { SuiteData } from './suite.js'

/** Where recorded results lie: one file for each suite, in the repository. */
export const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url))

/** What was recorded of a suite, or `undefined`. */
export async function readRecorded(suite: string, folder = RESULTS): Promise<SuiteData | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, `${suite}.json`), 'utf8')) as SuiteData
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`cannot read the recorded results of ${suite}`, { cause: error })
  }
}

export async function record(data: SuiteData, folder = RESULTS): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${data.suite}.json`)
  await writeFile(path, `${JSON.stringify(data, undefined, 2)}\n`)
  return path
}

/** All recorded comparisons, in the order of their names. */
export async function recordedComparisons(folder = RESULTS): Promise<ComparisonData[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  const all = await Promise.all(files.map((name) => readRecorded(name.slice(0, -'.json'.length), folder)))
  return all.filter((data): data is ComparisonData => data !== undefined && isComparison(data))
}

/** Whether these are figures with ratios; `coherence` counts what happens instead. */
export function isComparison(data: SuiteData): data is ComparisonData {
  return 'ratios' in data && 'spreads' in data
}
