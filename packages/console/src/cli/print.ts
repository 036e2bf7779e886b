import type {
  Alert,
  AlertsView,
  DefinitionStats,
  Fleet,
  FleetNode,
  HealthStatus,
  HeavyHitterMeasure,
  TierInspection,
} from '@tableforge/cache'
import { amount, bytes, clockTime, count, duration, percent } from '../format.js'
import type { ActionPreview, WireHealth, WireInspection } from '../wire.js'
import type { Figures, Top, TopLine, TrailLine } from './source.js'
import { facts, table } from './table.js'
import { clip, printable, type Terminal } from './terminal.js'

/** What commands show to a person: lines of text, coloured where that is wanted. */

type Stats = Pick<
  DefinitionStats,
  | 'reads'
  | 'hitRate'
  | 'memoryHits'
  | 'remoteHits'
  | 'loads'
  | 'loadErrors'
  | 'remoteErrors'
  | 'damagedValues'
  | 'loadTime'
>

export function figureLines(terminal: Terminal, figures: Figures): string[] {
  if (figures.of === 'redis') {
    return [
      ...facts(terminal, [
        ['keys', count(figures.keys)],
        ['log position', `${count(figures.applied)}  ${terminal.style('dim', `epoch ${figures.epoch}`)}`],
      ]),
      '',
      ...table(
        terminal,
        [{ title: 'KEYS BEGIN WITH' }, { title: 'ENTRIES', right: true }],
        Object.entries(figures.byDefinition)
          .sort(([, a], [, b]) => b - a)
          .slice(0, 40)
          .map(([name, entries]) => [printable(name), count(entries)]),
      ),
    ]
  }
  const { total, definitions } = figures.of === 'window' ? figures.window : figures.stats
  const over =
    figures.of === 'window'
      ? `last ${duration(figures.window.to - figures.window.from)}, ${nodesText(figures.window.nodes)}`
      : `${figures.stats.node}, since its start ${duration(figures.stats.uptimeMs)} ago`
  const rows = Object.entries(definitions)
    .filter(([, one]) => one.reads + one.loads > 0)
    .sort(([, a], [, b]) => b.reads - a.reads)
    .map(([name, one]) => statsRow(terminal, name === '' ? '(none)' : printable(name), one))
  return [
    terminal.style('dim', `${over}; MEMORY and REMOTE are their shares of all reads`),
    ...table(terminal, STATS_COLUMNS, [...rows, statsRow(terminal, terminal.style('bold', 'all'), total)]),
  ]
}

const STATS_COLUMNS = [
  { title: 'DEFINITION' },
  { title: 'READS', right: true },
  { title: 'HIT RATE', right: true },
  { title: 'MEMORY', right: true },
  { title: 'REMOTE', right: true },
  { title: 'LOADS', right: true },
  { title: 'P50', right: true },
  { title: 'P99', right: true },
  { title: 'ERRORS', right: true },
] as const

function statsRow(terminal: Terminal, name: string, one: Stats): string[] {
  const errors = one.loadErrors + one.remoteErrors + one.damagedValues
  const share = (part: number) => (one.reads === 0 ? '–' : percent(part / one.reads))
  const time = (ms: number) => (one.loadTime.count === 0 ? '–' : duration(ms))
  return [
    name,
    amount(one.reads),
    one.reads === 0 ? '–' : percent(one.hitRate),
    terminal.style('green', share(one.memoryHits)),
    terminal.style('yellow', share(one.remoteHits)),
    terminal.style('blue', amount(one.loads)),
    time(one.loadTime.p50),
    time(one.loadTime.p99),
    errors > 0 ? terminal.style('red', amount(errors)) : '0',
  ]
}

const MEASURES: Readonly<Record<HeavyHitterMeasure, { title: string; format: (value: number) => string }>> = {
  hits: { title: 'HITS', format: amount },
  misses: { title: 'MISSES', format: amount },
  loadMs: { title: 'LOAD TIME', format: duration },
  bytes: { title: 'BYTES', format: bytes },
}

export function topLines(terminal: Terminal, by: HeavyHitterMeasure, { nodes, sample, lines }: Top): string[] {
  const { title, format } = MEASURES[by]
  if (lines.length === 0) return ['none counted yet']
  const where = nodes === undefined ? 'in the remote tier' : nodesText(nodes)
  const sampled = sample < 1 ? `; a sample of 1 in ${count(1 / sample)}, right within ± in 95 of 100 cases` : ''
  return [
    terminal.style('dim', where + sampled),
    ...table(
      terminal,
      [{ title: '#', right: true }, { title, right: true }, { title: 'KEY' }],
      lines.map((line, index) => [String(index + 1), estimateText(line, sample, format), printable(line.key)]),
    ),
  ]
}

/** A sample may be wrong either way; what was counted one by one in too little room, only by too much. */
function estimateText({ value, error }: TopLine, sample: number, format: (value: number) => string): string {
  if (error === 0) return format(value)
  return sample < 1 ? `about ${format(value)} ± ${format(error)}` : `${format(value - error)} to ${format(value)}`
}

function nodesText({ length }: readonly string[]): string {
  return `${length} ${length === 1 ? 'node' : 'nodes'}`
}

const SHOWN_TRACE = 20

export function inspectionLines(terminal: Terminal, inspection: WireInspection): string[] {
  const { key, memory, remote, remoteUnknown, trace } = inspection
  const earlier = trace.length - SHOWN_TRACE
  return [
    terminal.style('bold', printable(key)),
    ...tierLines(terminal, 'memory', memory),
    ...(remoteUnknown === undefined
      ? tierLines(terminal, 'remote', remote)
      : ['', `remote  ${terminal.style('yellow', 'not known')}: ${printable(remoteUnknown)}`]),
    ...(trace.length === 0 ? [] : ['', terminal.style('dim', 'WHAT HAPPENED TO IT')]),
    ...(earlier > 0 ? [terminal.style('dim', `${earlier} earlier events are left out (--json has them)`)] : []),
    ...trace
      .slice(-SHOWN_TRACE)
      .map(({ at, what, detail }) => `${clockTime(at)}  ${what}  ${terminal.style('dim', printable(detail ?? ''))}`),
  ]
}

function tierLines(terminal: Terminal, name: string, tier: TierInspection | undefined): string[] {
  if (tier === undefined) return ['', `${name}  ${terminal.style('dim', 'not there')}`]
  const left = tier.remainingTtlMs as number | null
  const colour = tier.state === 'fresh' ? 'green' : tier.state === 'stale' ? 'yellow' : 'red'
  return [
    '',
    `${name}  ${terminal.style(colour, tier.state)}`,
    ...facts(terminal, [
      ['  age', duration(Math.max(0, tier.ageMs))],
      ['  fresh for', left === null ? 'ever' : left <= 0 ? 'no longer' : duration(left)],
      ['  size', bytes(tier.bytes)],
      ['  as of', `#${tier.asOf} of epoch ${printable(tier.epoch)}`],
      ['  tags', tier.tags.map(printable).join(', ') || 'none'],
    ]),
  ]
}

const HEALTH_STYLE = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const

export function statusText(terminal: Terminal, status: HealthStatus): string {
  const sign = { healthy: '●', degraded: '◐', unhealthy: '○' }[status]
  return terminal.style(HEALTH_STYLE[status], `${sign} ${status}`)
}

export function healthLines(terminal: Terminal, health: WireHealth, fleet: Fleet | undefined): string[] {
  const components = health.components.map(({ name, status, reason, latencyMs }) => [
    `  ${name}`,
    statusText(terminal, status),
    latencyMs === undefined ? '' : duration(latencyMs),
    printable(reason ?? ''),
  ])
  const nodes = (fleet?.nodes ?? []).map(({ node, status, log, remote, version, reasons }) => [
    `  ${printable(node)}`,
    statusText(terminal, status),
    `#${log.applied}`,
    remoteText(terminal, remote),
    version,
    printable(reasons.join('; ')),
  ])
  return [
    statusText(terminal, health.status),
    ...table(
      terminal,
      [{ title: '  COMPONENT' }, { title: 'STATUS' }, { title: 'ANSWERED IN' }, { title: '' }],
      components,
    ),
    ...(nodes.length === 0
      ? []
      : [
          '',
          ...table(
            terminal,
            [
              { title: '  NODE' },
              { title: 'STATUS' },
              { title: 'LOG' },
              { title: 'REMOTE' },
              { title: 'VERSION' },
              { title: '' },
            ],
            nodes,
          ),
        ]),
    ...(fleet?.complete === false
      ? ['', terminal.style('yellow', '▲ the remote tier does not answer: other nodes are not known')]
      : []),
  ]
}

function remoteText(terminal: Terminal, { state, breaker }: FleetNode['remote']): string {
  const text = state === 'up' ? `breaker ${breaker}` : `connection ${state}`
  return state === 'up' && breaker === 'closed' ? text : terminal.style('yellow', text)
}

export function alertLines(terminal: Terminal, { active, resolved, silences }: AlertsView): string[] {
  const row = (alert: Alert) => [
    alert.state === 'pending'
      ? terminal.style('dim', 'pending')
      : terminal.style(alert.severity === 'critical' ? 'red' : 'yellow', alert.severity),
    terminal.style('bold', alert.rule),
    printable(alert.definition ?? alert.node ?? ''),
    `${duration(Math.max(0, Date.now() - alert.since))}${alert.silenced ? ', silenced' : ''}`,
    printable(alert.summary),
  ]
  const columns = [{ title: 'SEVERITY' }, { title: 'RULE' }, { title: 'ABOUT' }, { title: 'FOR' }, { title: '' }]
  return [
    ...(active.length === 0
      ? [terminal.style('green', '● nothing is firing')]
      : table(terminal, columns, active.map(row))),
    ...silences.map(({ alert, until, by, reason }) =>
      terminal.style(
        'dim',
        `silent: ${printable(alert)} until ${clockTime(until)}, by ${printable(by)}: ${printable(reason)}`,
      ),
    ),
    ...(resolved.length === 0 ? [] : [terminal.style('dim', `${resolved.length} resolved lately`)]),
  ]
}

/** What a picture lacks, and why. */
export function missingLines(terminal: Terminal, missing: readonly string[]): string[] {
  return missing.map((what) => terminal.style('yellow', `▲ ${printable(what)}`))
}

export function trailLines(terminal: Terminal, lines: readonly TrailLine[]): string[] {
  return lines.map((line) => {
    const when = line.at === null ? '' : `${clockTime(line.at)}  `
    const seq = line.seq === null ? 'waiting' : `#${line.seq}`
    const what =
      line.what.slice(0, 4).map(printable).join(', ') +
      (line.what.length > 4 ? `, and ${line.what.length - 4} more` : '')
    const who = [line.event, line.actor, line.reason === null ? null : `“${line.reason}”`].filter((one) => one !== null)
    const cause = who.length === 0 ? '' : `  ${who.map(printable).join(' · ')}`
    return `${terminal.style('dim', `${when}${seq}`)}  ${what}  ${terminal.style('cyan', printable(line.origin))}${terminal.style('dim', cause)}`
  })
}

export function previewLines(terminal: Terminal, { summary, warnings, covers }: ActionPreview): string[] {
  const remote = covers?.remote
  return [
    terminal.style('bold', printable(summary)),
    ...(covers === undefined
      ? []
      : facts(terminal, [
          ...(covers.memory.entries === 0
            ? []
            : [['  in memory, one node', `${count(covers.memory.entries)} (${bytes(covers.memory.bytes)})`] as const]),
          [
            '  in the remote tier',
            remote === undefined ? 'did not answer' : `${remote.complete ? '' : 'at least '}${count(remote.entries)}`,
          ],
          ...(covers.keys.length === 0
            ? []
            : [['  such as', clip(covers.keys.slice(0, 5).map(printable).join(', '), terminal.columns - 24)] as const]),
        ])),
    ...warnings.map((warning) => terminal.style('yellow', `  ▲ ${warning}`)),
  ]
}
