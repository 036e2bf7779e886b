import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { comparison, type Participant } from '../src/harness/comparison.js'
import type { ComparisonData } from '../src/harness/comparison-data.js'
import { isComparison, readRecorded, record, recordedComparisons } from '../src/harness/recorded.js'
import { changeLines, changesBetween } from '../src/harness/regression.js'
import { quantile, ratioOf } from '../src/harness/statistics.js'
import type { BenchContext } from '../src/harness/suite.js'
import { barsSvg } from '../src/page/bars.js'
import { benchmarksMarkdown } from '../src/page/markdown.js'
import { readmeTable } from '../src/page/readme.js'
import { suites } from '../src/suites.js'

const folder = mkdtempSync(join(tmpdir(), 'results-'))
afterAll(() => rmSync(folder, { recursive: true }))

const context: BenchContext = {
  rounds: undefined,
  quick: false,
  only: undefined,
  progress: () => undefined,
  redis: () => Promise.reject(new Error('no server is needed here')),
}

/** Somebody whose measurements are known, and who notes when it is their turn. */
function participant(
  name: string,
  role: Participant['role'],
  values: readonly number[],
  turns: string[] = [],
): Participant {
  let next = 0
  return {
    name,
    role,
    packages: [],
    configuration: `as ${name} advises`,
    measure() {
      turns.push(name)
      return values[next++ % values.length] as number
    },
    close: () => turns.push(`${name} closed`),
  }
}

interface Setting {
  readonly better?: 'lower' | 'higher'
  readonly ours?: readonly number[]
  readonly rounds?: number
}

function measured(participants: readonly Participant[], { better = 'lower', rounds = 3 }: Setting = {}) {
  const one = { name: 'a case', about: 'something is done', unit: 'ns', better, goals: { floor: 1.5 } } as const
  return comparison({
    name: 'hit',
    about: 'made up',
    rounds,
    warmUpRounds: 1,
    cases: [{ ...one, open: async () => participants }],
  })
}

async function dataOf({ better = 'lower', ours = [10, 11, 12], rounds = 3 }: Setting = {}): Promise<ComparisonData> {
  const all = [participant('us', 'ours', ours), participant('floor', 'floor', [5]), participant('them', 'rival', [20])]
  const { data } = await measured(all, { better, rounds }).run(context)
  if (!isComparison(data)) throw new Error('expected a comparison')
  return data
}

describe('statistics', () => {
  it('interpolate between neighbours', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2)
    expect(quantile([], 0.5)).toBeNaN()
  })

  it('divide within a round, so that a slow round slows both', () => {
    expect(ratioOf([10, 1_000, 10], [20, 2_000, 20])).toEqual({ median: 0.5, low: 0.5, high: 0.5 })
  })
})

describe('a comparison', () => {
  it('gives everybody a turn in each round, and begins each round with another one', async () => {
    const turns: string[] = []
    const all = [participant('a', 'ours', [1], turns), participant('b', 'floor', [2], turns)]
    await measured(all, { rounds: 2 }).run(context)
    expect(turns).toEqual(['a', 'b', 'b', 'a', 'a', 'b', 'a closed', 'b closed'])
  })

  it('says what was measured in the promised form', async () => {
    const data = await dataOf()
    expect(data).toMatchObject({ suite: 'hit', rounds: 3, versions: {}, node: process.version })
    expect(data.ratios).toEqual({ 'a case': { floor: 2.2, them: 0.55 } })
    expect(data.raw['a case']).toEqual({ us: [11, 12, 10], floor: [5, 5, 5], them: [20, 20, 20] })
    expect(data.cases['a case']?.roles).toEqual({ us: 'ours', floor: 'floor', them: 'rival' })
  })

  it('has a line for each of ours when there are several', async () => {
    const all = [participant('x', 'ours', [1]), participant('y', 'ours', [2]), participant('z', 'rival', [4])]
    const { data, lines } = await measured(all).run(context)
    expect((data as ComparisonData).ratios).toEqual({ 'a case, x': { z: 0.25 }, 'a case, y': { z: 0.5 } })
    expect(lines.join('\n')).toMatch(/y +2 +0\.5x/)
  })

  it('closes everybody, also when a measurement fails', async () => {
    const turns: string[] = []
    const all = [participant('a', 'ours', [1], turns), participant('broken', 'rival', [Number.NaN], turns)]
    await expect(measured(all).run(context)).rejects.toThrow('broken measured NaN; expected a number of at least 0')
    expect(turns.slice(-2)).toEqual(['a closed', 'broken closed'])
  })

  it('obeys the rounds and the case of the command line', async () => {
    const all = [participant('a', 'ours', [1]), participant('b', 'rival', [2])]
    const { data } = await measured(all).run({ ...context, rounds: 7 })
    expect(data).toMatchObject({ rounds: 7 })
    await expect(measured(all).run({ ...context, only: 'nothing' })).rejects.toThrow(
      "no case of hit contains 'nothing'",
    )
  })
})

describe('recorded results', () => {
  it('are read as they were written', async () => {
    const data = await dataOf()
    await record(data, folder)
    expect(await readRecorded('hit', folder)).toEqual(data)
    expect(await recordedComparisons(folder)).toEqual([data])
    expect(await readRecorded('none', folder)).toBeUndefined()
  })
})

describe('a regression', () => {
  it('is a ratio that is worse by more than the rounds differ', async () => {
    const before = await dataOf()
    const changes = changesBetween(before, await dataOf({ ours: [15, 16, 17] }))
    expect(changes.map(({ line, competitor, kind }) => [line, competitor, kind])).toEqual([
      ['a case', 'floor', 'regression'],
      ['a case', 'them', 'regression'],
    ])
    expect(changeLines(before, changes).join('\n')).toMatch(/REGRESSION +a case +\/ floor +2\.2x/)
  })

  it('is an improvement where higher is better', async () => {
    const changes = changesBetween(
      await dataOf({ better: 'higher' }),
      await dataOf({ better: 'higher', ours: [15, 16, 17] }),
    )
    expect(changes.map(({ kind }) => kind)).toEqual(['improvement', 'improvement'])
  })

  it('is not seen in what lies within the noise, nor in what is less than a tenth', async () => {
    const before = await dataOf()
    expect(changesBetween(before, await dataOf({ ours: [8, 14, 20] }))).toEqual([])
    expect(changesBetween(await dataOf({ ours: [10] }), await dataOf({ ours: [10.9] }))).toEqual([])
    expect(changeLines(before, [])).toEqual([expect.stringContaining('no change beyond noise')])
  })
})

describe('the page', () => {
  it('tells ratio, noise and goal of each case, and how everybody was configured', async () => {
    const text = benchmarksMarkdown([await dataOf()])
    expect(text).toContain('| **us** | 11 |  |')
    expect(text).toContain('| floor | 5 | 2.2 [2.1, 2.3] (goal ≤ 1.5: not reached) |')
    expect(text).toContain('![a case](images/bench/hit-a-case.svg)')
    expect(text).toContain('- **them**: as them advises')
  })

  it('draws a bar for each, the best first, and says in words what it shows', async () => {
    const data = await dataOf()
    const svg = barsSvg(data, 'a case', data.cases['a case'] as ComparisonData['cases'][string])
    expect(svg.match(/<rect class="(?:ours|rival|floor)"/g)).toHaveLength(3)
    expect(svg).toContain('aria-label="a case, ns, lower is better: floor 5, us 11, them 20"')
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/)
  })

  it('refuses a README that shows a case which is no more', async () => {
    const data = await dataOf()
    expect(() => readmeTable([{ ...data, cases: {} }])).toThrow(
      "suite hit has no case 'warm hit', which the README shows",
    )
  })
})

describe('the suites', () => {
  it('have names of their own', () => {
    const names = suites.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).not.toContain('all')
    expect(names).not.toContain('page')
  })
})
