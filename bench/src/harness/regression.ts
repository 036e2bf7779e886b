import type { ComparisonData } from './comparison-data.js'
import type { Spread } from './statistics.js'
import { table } from './table.js'

/** A ratio that is not what was recorded, by more than the rounds of both runs differ among themselves. */
export interface Change {
  readonly line: string
  readonly competitor: string
  readonly recorded: Spread
  readonly now: Spread
  readonly kind: 'regression' | 'improvement'
}

/** Between two runs of the same code medians of ratios wander about this much, whatever the quartiles say. */
const DRIFT = 0.1

/**
 * The ratios that changed beyond noise: the quartile ranges of the two runs do not meet, and the medians are more than
 * 10 % apart. Ratios and not times are compared, since a recorded result comes from another day and perhaps another
 * machine.
 */
export function changesBetween(recorded: ComparisonData, now: ComparisonData): Change[] {
  return Object.entries(now.spreads).flatMap(([line, against]) =>
    Object.entries(against).flatMap(([competitor, spread]) => {
      const before = recorded.spreads[line]?.[competitor]
      if (before === undefined || !isBeyondNoise(before, spread)) return []
      const isWorse = spread.median > before.median === (betterOf(now, line) === 'lower')
      const kind = isWorse ? ('regression' as const) : ('improvement' as const)
      return [{ line, competitor, recorded: before, now: spread, kind }]
    }),
  )
}

function isBeyondNoise(before: Spread, now: Spread): boolean {
  const apart = Math.abs(Math.log(now.median / before.median)) > Math.log(1 + DRIFT)
  return apart && (now.low > before.high || now.high < before.low)
}

/** A line is named by its case, or by its case and ours; names of cases may begin alike. */
function betterOf({ cases }: ComparisonData, line: string): 'lower' | 'higher' {
  const names = Object.keys(cases).filter((name) => line === name || line.startsWith(`${name}, `))
  const [name = ''] = names.sort((a, b) => b.length - a.length)
  return cases[name]?.better ?? 'lower'
}

/** What `changesBetween` found, for people. */
export function changeLines(recorded: ComparisonData, changes: readonly Change[]): string[] {
  const since = `Against what was recorded on ${recorded.date.slice(0, 10)} (${recorded.rounds} rounds, Node.js ${recorded.node})`
  if (changes.length === 0) return [`${since}: no change beyond noise.`]
  const spread = ({ median, low, high }: Spread) => `${median}x [${low}, ${high}]`
  const rows = changes.map(({ kind, line, competitor, recorded: before, now }) => [
    ...[kind.toUpperCase(), line, `/ ${competitor}`, spread(before), `-> ${spread(now)}`],
  ])
  return [`${since}:`, ...table(rows).map((row) => `  ${row}`)]
}
