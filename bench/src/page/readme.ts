import type { ComparisonData } from '../harness/comparison-data.js'
import { linesOfCase } from '../harness/report.js'
import { tableMarkdown } from './markdown.js'

/** A case that the README shows, and what it is called there. */
interface Headline {
  readonly suite: string
  readonly name: string
  readonly text: string
}

const HEADLINES: readonly Headline[] = [
  { suite: 'hit', name: 'warm hit', text: 'a warm hit' },
  { suite: 'batch', name: 'getMany of 100 in memory', text: '100 warm keys at once' },
  { suite: 'engine', name: 'Zipf mix, 10,000, adaptive', text: 'the memory tier alone' },
  { suite: 'tags', name: 'invalidate a tag', text: 'invalidating a tag' },
  { suite: 'remote', name: '1 at a time', text: 'a read from Redis' },
  { suite: 'remote', name: '32 at a time', text: '32 readers of Redis' },
]

/**
 * The README's table: how many times as fast as each competitor this library is, a row for each case that is a
 * headline. What was not recorded yet is left out; throws when a recorded suite has no such case.
 */
export function readmeTable(all: readonly ComparisonData[]): string {
  const shown = all.filter(({ suite }) => HEADLINES.some((headline) => headline.suite === suite))
  const rows = HEADLINES.flatMap((headline) => {
    const data = shown.find(({ suite }) => suite === headline.suite)
    return data === undefined ? [] : rowsOf(data, headline)
  })
  const rivals = [...new Set(rows.flatMap(({ rivals: speeds }) => [...speeds.keys()]))]
    .map((name) => ({ name, cases: rows.filter((row) => row.rivals.has(name)).length }))
    .sort((a, b) => b.cases - a.cases)
    .map(({ name }) => name)
  const head = ['times as fast as', ...rivals, 'the least that it can cost']
  const cells = rows.map(({ headline, rivals: speeds, floors }) => [
    headline,
    ...rivals.map((name) => times(speeds.get(name))),
    [...floors].map(([name, speed]) => `${times(speed)} of ${name}`).join(', '),
  ])
  return [tableMarkdown(head, cells), closing(shown)].join('\n\n')
}

function closing(shown: readonly ComparisonData[]): string {
  const dates = [...new Set(shown.map(({ date }) => date.slice(0, 10)))].sort().join(', ')
  const machines = [...new Set(shown.map(({ node, platform }) => `Node.js ${node.slice(1)}, ${platform}`))].join('; ')
  return `Medians of interleaved rounds; ${machines}; ${dates}. What each row does, how everybody is configured, absolute figures, noise and charts: [benchmarks](docs/benchmarks.md).`
}

interface Row {
  readonly headline: string
  /** Times as fast as it is ours, by competitor. */
  readonly rivals: ReadonlyMap<string, number>
  readonly floors: ReadonlyMap<string, number>
}

function rowsOf(data: ComparisonData, { suite, name, text }: Headline): Row[] {
  const one = data.cases[name]
  if (one === undefined) throw new Error(`suite ${suite} has no case '${name}', which the README shows`)
  const { roles, better } = one
  const ours = linesOfCase(data, name, one)
  return ours.map(({ mine, line }) => {
    const speeds = (role: string) =>
      Object.entries(data.ratios[line] ?? {})
        .filter(([other]) => roles[other] === role)
        .map(([other, ratio]) => [other, better === 'lower' ? 1 / ratio : ratio] as const)
    return {
      headline: ours.length === 1 ? text : `${text}: \`${mine}\``,
      rivals: new Map(speeds('rival')),
      floors: new Map(speeds('floor')),
    }
  })
}

function times(speed: number | undefined): string {
  if (speed === undefined) return ''
  return speed >= 10 ? Math.round(speed).toLocaleString('en') : speed.toPrecision(2)
}
