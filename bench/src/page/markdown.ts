import type { CaseData, ComparisonData } from '../harness/comparison-data.js'
import { figure, type Pair, ratioColumns, reaches } from '../harness/report.js'
import { median } from '../harness/statistics.js'

/** Load averages above this say that others were at work: a suite alone makes about 1. */
const BUSY = 1.5

/** File name of the picture of a case. */
export function pictureName(suite: string, name: string): string {
  return `${suite}-${name}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .concat('.svg')
}

/** Everything recorded, suite by suite, as Markdown; pictures are expected in `images/bench` beside the page. */
export function benchmarksMarkdown(all: readonly ComparisonData[]): string {
  return all.map(suiteMarkdown).join('\n\n')
}

function suiteMarkdown(data: ComparisonData): string {
  const { suite, cases, configurations } = data
  const sections = Object.entries(cases).map(([name, one]) => caseMarkdown(data, name, one))
  const configured = Object.entries(configurations).map(([name, text]) => `- **${name}**: ${text}`)
  return [`## ${suite}`, measuredLine(data), ...sections, 'Configured as follows:', configured.join('\n')].join('\n\n')
}

/** When, where and with what a suite was measured. */
export function measuredLine({ suite, date, load, node, platform, rounds, versions }: ComparisonData): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const busy = load > BUSY ? `, while the machine was busy with other work (load average ${load})` : ''
  return `\`npm run bench -- ${suite}\`, ${date.slice(0, 10)}, Node.js ${node.slice(1)}, ${platform}, ${rounds} rounds${busy}; ${packages.join(', ')}.`
}

function caseMarkdown(data: ComparisonData, name: string, one: CaseData): string {
  const { about, unit, better } = one
  const columns = ratioColumns(data, name, one)
  const rows = Object.entries(data.raw[name] ?? {}).map(([participant, values]) => [
    ...[one.roles[participant] === 'ours' ? `**${participant}**` : participant, figure(median(values))],
    ...columns.map(({ cell }) => ratioMarkdown(cell(participant), better)),
  ])
  const sentence = `${about.charAt(0).toUpperCase()}${about.slice(1)}${/[.!?]$/.test(about) ? '' : '.'}`
  return [
    `### ${name}`,
    `${sentence} ${better === 'lower' ? 'Lower' : 'Higher'} is better.`,
    `![${name}](images/bench/${pictureName(data.suite, name)})`,
    tableMarkdown(['', unit, ...columns.map(({ title }) => title)], rows),
  ].join('\n\n')
}

function ratioMarkdown(pair: Pair | undefined, better: 'lower' | 'higher'): string {
  if (pair === undefined) return ''
  const { spread, goal } = pair
  const sign = better === 'lower' ? '≤' : '≥'
  const verdict =
    goal === undefined
      ? ''
      : ` (goal ${sign} ${goal}: ${reaches(spread.median, goal, better) ? 'reached' : 'not reached'})`
  return `${spread.median} [${spread.low}, ${spread.high}]${verdict}`
}

export function tableMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = `|${head.map((_, column) => (column === 0 ? '---' : '--:')).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}
