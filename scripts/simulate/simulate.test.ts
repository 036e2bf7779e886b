import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runNode } from '../run/command.mjs'
import { root } from '../setup/paths.mjs'

const folder = mkdtempSync(join(tmpdir(), 'simulate-'))
/** In the folder in which the command runs. */
const traces = 'loop.u32.gz'
const sized = 'sized.csv'

/** The command behind `npm run simulate`, without installing and building first. */
const simulate = (...args: string[]) => runNode(join(root, 'scripts/simulate/main.mjs'), args, { cwd: folder })

interface Report {
  trace: string
  results: { policy: string; hits: number; hitRatio: number; byteHitRatio?: number; capacity: { label: string } }[]
}

beforeAll(() => {
  const loop = Uint32Array.from({ length: 4_000 }, (_, step) => step % 400)
  writeFileSync(join(folder, traces), gzipSync(new Uint8Array(loop.buffer)))
  const rows = Array.from({ length: 600 }, (_, step) => `${step},k${(step * step) % 97},${50 + (step % 7)}`)
  writeFileSync(join(folder, sized), `time,key,size\n${rows.join('\n')}\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('npm run simulate', () => {
  test('explains itself', async () => {
    const { code, output } = await simulate('--help')
    expect(code).toBe(0)
    expect(output).toContain('--trace FILE')
    expect(output).toContain('shifting')
  })

  test('tells the hit ratio of each policy at each size, for people', async () => {
    const { code, output } = await simulate('--trace', traces, '--size', '50%,100', '--policies', 'lru,belady')
    expect(code).toBe(0)
    expect(output).toContain('loop: 4,000 reads of 400 keys')
    expect(output).toMatch(/at 50% \(200 entries\) +hits +of optimum/)
    expect(output).toMatch(/lru +0\.00 %/)
    expect(output).toContain('at 100 entries')
  })

  test('tells everything, for a program', async () => {
    const { output } = await simulate('--trace', sized, '--size', '10%,2kb', '--policies', 'lru,belady', '--json')
    const [report] = JSON.parse(output) as Report[]
    expect(report?.trace).toBe('sized')
    expect(report?.results.map(({ policy, capacity }) => `${policy} ${capacity.label}`)).toEqual([
      ...['lru 10%', 'belady 10%', 'lru 2kb', 'belady 2kb'],
    ])
    for (const { byteHitRatio } of report?.results ?? []) expect(byteHitRatio).toBeGreaterThanOrEqual(0)
  })

  test('gives the same figures for the same made-up requests', async () => {
    const args = ['--synthetic', 'zipf:requests=5000,keys=500', '--synthetic', 'scan:requests=500', '--combine', 'mix']
    const hits = async () =>
      (JSON.parse((await simulate(...args, '--json')).output) as Report[]).map(({ trace, results }) => [
        trace,
        results.map((one) => one.hits),
      ])
    const first = await hits()
    expect(first).toHaveLength(1)
    expect(await hits()).toEqual(first)
  })

  test('holds one policy against the others over a folder of traces', async () => {
    const { code, output } = await simulate(
      '--matrix',
      folder,
      '--size',
      '25%,50%',
      '--policies',
      'lru,fifo',
      '--judge',
      'fifo',
    )
    expect(code).toBe(0)
    expect(output).toMatch(/loop +50% +200 +0\.00 +0\.00 +lru +\+0\.00/)
    expect(output).toContain('fifo: 0 of 2 cells more than a percentage point below')
  })

  test('draws a page that asks nobody for anything, and a picture', async () => {
    const names = ['curve.html', 'curve.svg']
    for (const name of names) {
      const { code, output } = await simulate('--trace', traces, '--curve', name, '--points', '4')
      expect([code, output.trim()]).toEqual([0, `drawn in ${name}`])
      const drawn = readFileSync(join(folder, name), 'utf8')
      expect(drawn).toContain('belady')
      expect(drawn.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import/)
    }
  })

  test('writes what it would replay', async () => {
    const path = join(folder, 'saved.csv.gz')
    const { code } = await simulate('--synthetic', 'evening:players=6,minutes=1', '--save', path)
    expect(code).toBe(0)
    expect(existsSync(path)).toBe(true)
    const { output } = await simulate('--trace', path, '--policies', 'lru', '--json')
    expect((JSON.parse(output) as Report[])[0]?.results[0]?.hits).toBeGreaterThan(0)
    rmSync(path)
  })

  test.each([
    [['--trace', 'none.u32'], 1, 'there is no such file'],
    [['--matrix', 'none'], 1, 'no such file or directory'],
    [[], 2, 'expected --trace, --synthetic or --matrix'],
    [['--trace', traces, '--size', 'big'], 2, "--size: expected a size such as '10%'"],
    [['--trace', traces, '--size', '1mb'], 2, 'since the trace loop has no sizes'],
    [['--trace', traces, '--policies', 'lru,mru'], 2, '--policies: expected a list of '],
    [['--trace', traces, '--format', 'parquet'], 2, '--format: expected one of u32, arc, lirs, oracle, csv'],
    [['--synthetic', 'noise'], 2, '--synthetic: expected one of zipf'],
    [['--synthetic', 'scan', '--curve', 'curve.png'], 2, 'ends with .html or .svg'],
    [['--nonsense'], 2, "Unknown option '--nonsense'"],
  ])('refuses %j with exit code %i and says why', async (args, expected, message) => {
    const { code, output } = await simulate(...args)
    expect(output).toContain(message)
    expect(code).toBe(expected)
  })
})
