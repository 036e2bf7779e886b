import type { CaseData, ComparisonData } from './comparison-data.js'
import { median, type Spread } from './statistics.js'
import { table } from './table.js'

/** A comparison as tables, one for each case. */
export function comparisonLines(data: ComparisonData): string[] {
  const lines = Object.entries(data.cases).flatMap(([name, one]) => ['', ...caseLines(data, name, one)])
  return [
    ...lines,
    '',
    '*: ours. x: one divided by the other, the median over rounds; in brackets the quartiles.',
  ].slice(1)
}

/** The lines of `ratios` that belong to a case, by the name of ours. */
export function linesOfCase({ ratios }: Pick<ComparisonData, 'ratios'>, name: string, { roles }: CaseData) {
  const ours = Object.keys(roles).filter((participant) => roles[participant] === 'ours')
  return ours
    .map((mine) => ({ mine, line: ours.length === 1 ? name : `${name}, ${mine}` }))
    .filter(({ line }) => line in ratios)
}

/** What ours/theirs is to reach against a participant, if anything. */
function goalOf({ goals }: CaseData, mine: string, other: string): number | undefined {
  return goals[`${mine} / ${other}`] ?? goals[other]
}

/** Whether a ratio reaches its goal. */
export function reaches(ratio: number, goal: number, better: 'lower' | 'higher'): boolean {
  return better === 'lower' ? ratio <= goal : ratio >= goal
}

/** A ratio of two participants of a case. */
export interface Pair {
  readonly spread: Spread
  readonly goal: number | undefined
}

/**
 * Ratios beside the participants of a case: one column for each of ours, or for each of the others if those are fewer.
 */
export interface RatioColumn {
  readonly title: string
  /** What stands in the row of a participant. */
  cell(participant: string): Pair | undefined
}

export function ratioColumns(data: ComparisonData, name: string, one: CaseData): RatioColumn[] {
  const ours = linesOfCase(data, name, one)
  const others = Object.keys(one.roles).filter((participant) => one.roles[participant] !== 'ours')
  const pair = ({ mine, line }: (typeof ours)[number], other: string): Pair | undefined => {
    const spread = data.spreads[line]?.[other]
    return spread && { spread, goal: goalOf(one, mine, other) }
  }
  if (ours.length <= others.length) {
    return ours.map((own) => ({ title: `${own.mine} / it`, cell: (participant) => pair(own, participant) }))
  }
  return others.map((other) => ({
    title: `it / ${other}`,
    cell: (participant) => ours.filter(({ mine }) => mine === participant).flatMap((own) => pair(own, other) ?? [])[0],
  }))
}

function caseLines(data: ComparisonData, name: string, one: CaseData): string[] {
  const columns = ratioColumns(data, name, one)
  const rows = Object.entries(data.raw[name] ?? {}).map(([participant, values]) => [
    `${one.roles[participant] === 'ours' ? '*' : ' '} ${participant}`,
    figure(median(values)),
    ...columns.map(({ cell }) => ratioText(cell(participant), one.better)),
  ])
  const head = ['', 'median', ...columns.map(({ title }) => title)]
  return [
    `${name}: ${one.about}`,
    `${one.unit}; ${one.better === 'lower' ? 'below' : 'above'} 1x ours is better`,
    ...table([head, ...rows], 'figures').map((line) => `  ${line}`),
  ]
}

function ratioText(pair: Pair | undefined, better: 'lower' | 'higher'): string {
  if (pair === undefined) return ''
  const { spread, goal } = pair
  const sign = better === 'lower' ? '<=' : '>='
  const judged =
    goal === undefined ? '' : `, goal ${sign} ${goal}: ${reaches(spread.median, goal, better) ? 'met' : 'missed'}`
  return `${spread.median}x [${spread.low}, ${spread.high}]${judged}`
}

/** A figure of any size with three or four digits. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
