import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Suite, SuiteData } from './suite.js'

interface AllOptions {
  /** Passed on to each suite. */
  readonly flags: readonly string[]
  readonly json: boolean
}

/**
 * Runs every suite in a process of its own, so that what one compiled, allocated or left behind is no part of the next.
 * With `json`, prints one array. Returns the exit code: 1 when any suite failed.
 */
export async function runAll(suites: readonly Suite[], { flags, json }: AllOptions): Promise<number> {
  const results: SuiteData[] = []
  let failures = 0
  for (const { name } of suites) {
    const { code, output } = await runApart([name, ...flags])
    if (code !== 0) failures++
    if (!json) console.log(`${name}\n${'='.repeat(name.length)}\n\n${output}`)
    else if (output !== '') results.push(JSON.parse(output) as SuiteData)
    if (code !== 0) process.stderr.write(`suite ${name} failed with exit code ${code}\n`)
  }
  if (json) console.log(JSON.stringify(results, undefined, 2))
  return failures === 0 ? 0 : 1
}

async function runApart(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const main = process.argv[1] as string
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { code: code as number | null, output }
}
