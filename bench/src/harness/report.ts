import type { CaseData, ComparisonData } from './comparison-data.js'
import { median } from './statistics.js'
import { table } from './table.js'

/** A comparison as tables, one for each case. */
export function comparisonLines(data: ComparisonData): string[] {
  const lines = Object.entries(data.cases).flatMap(([name, one]) => ['', ...caseLines(data, name, one)])
  return [...lines, '', 'x: ours divided by it, the median over rounds; in brackets the quartiles.'].slice(1)
}

/** The lines of `ratios` that belong to a case, by the name of ours. */
export function linesOfCase({ ratios }: Pick<ComparisonData, 'ratios'>, name: string, { roles }: CaseData) {
  const ours = Object.keys(roles).filter((participant) => roles[participant] === 'ours')
  return ours
    .map((mine) => ({ mine, line: ours.length === 1 ? name : `${name}, ${mine}` }))
    .filter(({ line }) => line in ratios)
}

/** What ours/theirs is to reach against a participant, if anything. */
export function goalOf({ goals }: CaseData, mine: string, other: string): number | undefined {
  return goals[`${mine} / ${other}`] ?? goals[other]
}

/** Whether a ratio reaches its goal. */
export function reaches(ratio: number, goal: number, better: 'lower' | 'higher'): boolean {
  return better === 'lower' ? ratio <= goal : ratio >= goal
}

function caseLines(data: ComparisonData, name: string, one: CaseData): string[] {
  const raw = data.raw[name] ?? {}
  const ours = linesOfCase(data, name, one)
  const rows = Object.entries(raw).map(([participant, values]) => [
    participant,
    figure(median(values)),
    ...ours.map(({ mine, line }) => ratioCell(data, one, { mine, line, other: participant })),
  ])
  return [
    `${name}: ${one.about}`,
    `${one.unit}; ${one.better === 'lower' ? 'below' : 'above'} 1x ours is better`,
    ...table([['', 'median', ...ours.map(({ mine }) => `${mine} / it`)], ...rows], 'figures').map(
      (line) => `  ${line}`,
    ),
  ]
}

interface Cell {
  readonly mine: string
  readonly line: string
  readonly other: string
}

function ratioCell({ spreads }: ComparisonData, one: CaseData, { mine, line, other }: Cell): string {
  const spread = spreads[line]?.[other]
  if (spread === undefined) return mine === other ? 'ours' : ''
  const goal = goalOf(one, mine, other)
  const sign = one.better === 'lower' ? '<=' : '>='
  const judged =
    goal === undefined ? '' : `, goal ${sign} ${goal}: ${reaches(spread.median, goal, one.better) ? 'met' : 'missed'}`
  return `${spread.median}x [${spread.low}, ${spread.high}]${judged}`
}

/** A figure of any size with three or four digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
