import type { DefinitionStats } from '@tableforge/cache'
import { useMemo, useState } from 'react'
import { amount, count, duration, percent } from '../../../src/format.js'
import type { Picture } from '../feed.js'
import { firstWithin, hitRate, perSecond, rates, seriesOf, shares, windowOf } from '../figures.js'
import { hrefTo } from '../location.js'
import { AnswerChart, ThroughputChart } from '../parts/answer-charts.js'
import { Fact } from '../parts/coherence.js'
import { Configured, Promises } from '../parts/configured.js'
import { LatencyRuler, latencyRows } from '../parts/latency.js'
import { Nothing, Panel } from '../parts/panel.js'
import { Scroll } from '../parts/scroll.js'
import { Sparkline } from '../parts/sparkline.js'
import { TopKeys } from '../parts/top-keys.js'
import type { Periods } from '../periods.js'
import type { Scope } from '../whose.js'

interface Row {
  readonly name: string
  readonly stats: DefinitionStats
  readonly readRate: number
  readonly rate: number | undefined
  readonly memory: number
  readonly remote: number
  readonly loadRate: number
  readonly errors: number
  readonly reads: readonly number[]
  readonly hits: readonly (number | null)[]
}

type Column = 'name' | 'rate' | 'readRate' | 'loadRate' | 'load' | 'errors'

const COLUMNS: readonly {
  readonly id: Column
  readonly label: string
  readonly of: (row: Row) => number | string
  readonly wide?: boolean
}[] = [
  { id: 'name', label: 'Definition', of: (row) => row.name },
  { id: 'rate', label: 'Hit rate', of: (row) => row.rate ?? -1 },
  { id: 'readRate', label: 'Reads/s', of: (row) => row.readRate },
  { id: 'loadRate', label: 'Loads/s', of: (row) => row.loadRate, wide: true },
  { id: 'load', label: 'Load p50 · p99', of: (row) => row.stats.loadTime.p99, wide: true },
  { id: 'errors', label: 'Errors', of: (row) => row.errors },
]

/** Every definition with its own figures, and one of them at length. */
export function Definitions({
  picture,
  periods,
  spanMs,
  chosen,
  watched,
  scope,
}: {
  picture: Picture
  periods: Periods
  spanMs: number
  chosen: string | undefined
  watched: boolean
  scope: Scope
}) {
  const [sort, setSort] = useState<{ column: Column; descending: boolean }>({ column: 'readRate', descending: true })
  const rows = useMemo(
    () => sorted(rowsOf(picture, periods.smoothed, spanMs), sort.column, sort.descending),
    [picture, periods.smoothed, spanMs, sort],
  )
  const focus = chosen === undefined ? undefined : picture.stats.definitions[nameIn(chosen)]
  return (
    <>
      {chosen !== undefined &&
        (focus === undefined ? (
          <Unknown name={chosen} />
        ) : (
          <Focus
            name={nameIn(chosen)}
            stats={focus}
            picture={picture}
            periods={periods}
            spanMs={spanMs}
            watched={watched}
            scope={scope}
          />
        ))}
      <Panel
        area="wide"
        title="Definitions"
        note={`${rows.length} · rates of the time shown, errors and load times ${sinceTheStart(scope)}`}
      >
        {rows.length === 0 ? (
          <Nothing>No definition has been read yet</Nothing>
        ) : (
          <Scroll label="Definitions">
            <table className="definitions">
              <thead>
                <tr>
                  {COLUMNS.map(({ id, label, wide }) => (
                    <th
                      key={id}
                      scope="col"
                      className={wide ? 'wide' : ''}
                      aria-sort={sort.column !== id ? 'none' : sort.descending ? 'descending' : 'ascending'}
                    >
                      <button
                        type="button"
                        onClick={() =>
                          setSort({ column: id, descending: sort.column === id ? !sort.descending : id !== 'name' })
                        }
                      >
                        {label}
                        <span aria-hidden="true">{sort.column !== id ? '' : sort.descending ? ' ↓' : ' ↑'}</span>
                      </button>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <DefinitionRow
                    key={row.name}
                    row={row}
                    chosen={chosen !== undefined && nameIn(chosen) === row.name}
                  />
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
        {rows.length > 0 && <BarKey />}
      </Panel>
    </>
  )
}

function DefinitionRow({ row, chosen }: { row: Row; chosen: boolean }) {
  return (
    <tr data-chosen={chosen}>
      <th scope="row">
        <a href={hrefTo('definitions', nameOut(row.name))} aria-current={chosen ? 'true' : undefined}>
          {titleOf(row.name)}
        </a>
        <span className="split" data-idle={row.rate === undefined} aria-hidden="true">
          <i data-colour="memory" style={{ width: `${row.memory * 100}%` }} />
          <i data-colour="remote" style={{ width: `${row.remote * 100}%` }} />
        </span>
      </th>
      <td>
        <b>{percent(row.rate)}</b>
        <Sparkline values={row.hits} colour="remote" max={1} />
      </td>
      <td>
        <b>{amount(row.readRate)}</b>
        <Sparkline values={row.reads} colour="ink-line" />
      </td>
      <td className="wide">{amount(row.loadRate)}</td>
      <td className="wide">
        {row.stats.loadTime.count === 0
          ? '–'
          : `${duration(row.stats.loadTime.p50)} · ${duration(row.stats.loadTime.p99)}`}
      </td>
      <td data-wrong={row.errors > 0}>{count(row.errors)}</td>
    </tr>
  )
}

function Focus({
  name,
  stats,
  picture,
  periods,
  spanMs,
  watched,
  scope,
}: {
  name: string
  stats: DefinitionStats
  picture: Picture
  periods: Periods
  spanMs: number
  watched: boolean
  scope: Scope
}) {
  const series = useMemo(() => seriesOf(picture.history, name), [picture.history, name])
  return (
    <>
      <Panel
        area="half"
        title={titleOf(name)}
        note={`where reads were answered, ${periods.shares}`}
        actions={<a href={hrefTo('definitions')}>Close</a>}
      >
        <AnswerChart series={series} smoothed={periods.smoothed} spanMs={spanMs} height={180} />
      </Panel>
      <Panel area="half" title="Throughput" note={periods.each}>
        <ThroughputChart series={series} spanMs={spanMs} height={180} />
      </Panel>
      <Panel area="half" title="Latency" note={sinceTheStart(scope)}>
        <LatencyRuler rows={latencyRows(stats)} />
      </Panel>
      <Panel area="half" title="Counted" note={sinceTheStart(scope)}>
        <dl className="facts">
          <Fact name="Reads" value={count(stats.reads)} />
          <Fact name="Hit rate" value={stats.reads === 0 ? '–' : percent(stats.hitRate)} />
          <Fact
            name="Memory hit rate"
            value={stats.reads <= stats.memoryBypasses ? '–' : percent(stats.memoryHitRate)}
          />
          <Fact name="Remote hit rate" value={stats.reads === stats.memoryHits ? '–' : percent(stats.remoteHitRate)} />
          <Fact
            name="Loads"
            value={count(stats.loads)}
            detail={stats.fencedLoads > 0 ? `${count(stats.fencedLoads)} overtaken` : undefined}
          />
          <Fact name="Stale answers" value={count(stats.staleHits)} />
          <Fact name="Sets" value={count(stats.sets)} />
          <Fact name="Invalidations" value={count(stats.invalidations)} />
          <Fact name="Loads failed" value={count(stats.loadErrors)} wrong={stats.loadErrors > 0} />
          <Fact name="Remote calls failed" value={count(stats.remoteErrors)} wrong={stats.remoteErrors > 0} />
        </dl>
      </Panel>
      <Configured name={name} />
      <TopKeys name={name} watched={watched} scope={scope} />
      <Promises name={name} watched={watched} />
    </>
  )
}

/** What the bars below the names are. */
function BarKey() {
  return (
    <p className="aside bar-key">
      The bar below a name: its reads answered from
      {(['memory', 'remote', 'origin'] as const).map((colour) => (
        <span key={colour}>
          <i className="swatch" data-colour={colour} aria-hidden="true" />{' '}
          {colour === 'remote' ? 'the remote tier' : colour === 'origin' ? 'the origin' : 'memory'}
        </span>
      ))}
    </p>
  )
}

/** Of other nodes, what was counted for each definition is known only by its intervals. */
function sinceTheStart(scope: Scope): string {
  return scope === 'node' || scope === 'fleet' ? 'since the start' : 'of this node since its start'
}

function Unknown({ name }: { name: string }) {
  return (
    <Panel area="wide" title="Unknown definition">
      <Nothing>Nothing named {name} has been read on this node.</Nothing>
    </Panel>
  )
}

/** Calls without a definition are counted under an empty name, which an address cannot carry. */
const WITHOUT = '(no definition)'
const titleOf = (name: string) => (name === '' ? 'without a definition' : name)
const nameOut = (name: string) => (name === '' ? WITHOUT : name)
const nameIn = (name: string) => (name === WITHOUT ? '' : name)

function rowsOf({ history, stats }: Picture, smoothed: number, spanMs: number): Row[] {
  return Object.entries(stats.definitions)
    .filter(([name, definition]) => name !== '' || definition.reads > 0)
    .map(([name, definition]) => {
      const series = seriesOf(history, name)
      const window = windowOf(series, spanMs)
      const first = firstWithin(series.at, spanMs)
      return {
        name,
        stats: definition,
        readRate: perSecond(window.reads, window),
        rate: hitRate(window),
        memory: window.reads === 0 ? 0 : window.memoryHits / window.reads,
        remote: window.reads === 0 ? 0 : window.remoteHits / window.reads,
        loadRate: perSecond(window.loads, window),
        errors: definition.loadErrors + definition.remoteErrors + definition.damagedValues,
        reads: rates(series.reads, series.durationMs).slice(first),
        hits: shares(
          series.reads.map((_, index) => (series.memoryHits[index] ?? 0) + (series.remoteHits[index] ?? 0)),
          series.reads,
          smoothed,
        ).slice(first),
      }
    })
}

function sorted(rows: readonly Row[], column: Column, descending: boolean): Row[] {
  const of = COLUMNS.find(({ id }) => id === column)?.of ?? ((row: Row) => row.name)
  const direction = descending ? -1 : 1
  return rows.toSorted((left, right) => {
    const [a, b] = [of(left), of(right)]
    const order = typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b)
    return order === 0 ? left.name.localeCompare(right.name) : order * direction
  })
}
