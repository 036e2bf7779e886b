import type { CaseData, ComparisonData } from '../harness/comparison-data.js'
import { figure } from '../harness/report.js'
import { median, quantile } from '../harness/statistics.js'

const WIDTH = 820
const ROW = 30
const LEFT = 190
const RIGHT = 690
const TOP = 34

/**
 * One case as a picture: a bar for each participant, ours in colour, the whisker from the lower to the upper quartile
 * of the rounds. It follows the colours of whoever looks at it, light or dark, and says in words what it shows.
 */
export function barsSvg({ raw }: ComparisonData, name: string, { unit, better, roles }: CaseData): string {
  const bars = Object.entries(raw[name] ?? {})
    .map(([participant, values]) => ({
      participant,
      role: roles[participant] ?? 'rival',
      middle: median(values),
      low: quantile(values, 0.25),
      high: quantile(values, 0.75),
    }))
    .sort((a, b) => (better === 'lower' ? a.middle - b.middle : b.middle - a.middle))
  const most = Math.max(...bars.map(({ middle, high }) => Math.max(middle, Math.min(high, middle * 2))))
  const height = TOP + bars.length * ROW + 8
  const summary = bars.map(({ participant, middle }) => `${participant} ${figure(middle)}`).join(', ')
  const title = `${name}, ${unit}, ${better} is better`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(`${title}: ${summary}`)}">
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
<text class="title" x="12" y="22">${escaped(title)}</text>
${bars.map((bar, at) => barSvg(bar, at, most)).join('\n')}
</svg>
`
}

const STYLE = `
text{font:13px system-ui,sans-serif;fill:#1f2937}.title{font-weight:600}.value{font-variant-numeric:tabular-nums}
.ground{fill:#ffffff}.rival{fill:#c3cad5}.floor{fill:#8792a2}.ours{fill:#0067a8}.whisker{stroke:#1f2937;stroke-width:1.5;opacity:.55}
.name-ours{font-weight:600}
@media (prefers-color-scheme:dark){text{fill:#e8eaed}.ground{fill:#14171c}.rival{fill:#47505d}.floor{fill:#76808e}.ours{fill:#4aa8e8}.whisker{stroke:#e8eaed}}
`

interface Bar {
  readonly participant: string
  readonly role: string
  readonly middle: number
  readonly low: number
  readonly high: number
}

function barSvg({ participant, role, middle, low, high }: Bar, at: number, most: number): string {
  const y = TOP + at * ROW
  const x = (value: number) => round(LEFT + (Math.min(value, most) / most) * (RIGHT - LEFT))
  const length = Math.max(2, round(x(middle) - LEFT))
  const label = Math.max(LEFT + length, x(high)) + 8
  return [
    `<text class="name-${role}" x="${LEFT - 10}" y="${y + 17}" text-anchor="end">${escaped(participant)}</text>`,
    `<rect class="${role}" x="${LEFT}" y="${y + 3}" width="${length}" height="${ROW - 10}" rx="3"/>`,
    `<line class="whisker" x1="${x(low)}" y1="${y + 13}" x2="${x(high)}" y2="${y + 13}"/>`,
    `<text class="value" x="${label}" y="${y + 17}">${figure(middle)}</text>`,
  ].join('')
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
