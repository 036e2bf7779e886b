import type { Trend } from '@tableforge/cache'
import { type ReactNode, useMemo } from 'react'
import { amount, bytes, count, duration, percent } from '../../../src/format.js'
import type { Picture } from '../feed.js'
import { hitRate, perSecond, rates, seriesOf, windowOf } from '../figures.js'
import { hrefTo } from '../location.js'
import { AnswerChart, ThroughputChart } from '../parts/answer-charts.js'
import { Chart } from '../parts/chart.js'
import { Coherence } from '../parts/coherence.js'
import { Flow } from '../parts/flow.js'
import { HealthList, Status } from '../parts/health.js'
import { HeatMap } from '../parts/heat-map.js'
import { LatencyRuler, latencyRows } from '../parts/latency.js'
import { Meter } from '../parts/meter.js'
import { Nothing, Panel } from '../parts/panel.js'
import { latestFirst, NoticeList, Trail } from '../parts/trail.js'
import { TrendLine } from '../parts/trend-line.js'
import type { Period, Periods } from '../periods.js'
import { usePolled } from '../polled.js'
import type { Quantiles } from '../scope.js'
import { type Scope, whose } from '../whose.js'

/** The whole cache at a glance. */
export function Overview({
  picture,
  quantiles,
  periods,
  spanMs,
  still,
  scope,
  watched,
}: {
  picture: Picture
  quantiles: Quantiles | undefined
  periods: Periods
  spanMs: number
  still: boolean
  scope: Scope
  /** Whether history is kept, and so trends. */
  watched: boolean
}) {
  const { history, stats, health, invalidations, notices } = picture
  const series = useMemo(() => seriesOf(history, undefined), [history])
  return (
    <>
      <Panel area="flow" title="The path of a read" note={periods.brief.words}>
        <Flow
          window={windowOf(series, periods.brief.ms)}
          period={periods.brief.words}
          memoryTime={stats.total.memoryTime}
          remoteTime={stats.total.remoteTime}
          loadTime={stats.total.loadTime}
          still={still}
        />
      </Panel>
      <KeyFigures picture={picture} period={periods.usual} trendsOf={watched ? scope : undefined} />
      <Panel area="answers" title="Where reads were answered" note={periods.shares}>
        {stats.total.reads === 0 ? (
          <NoTraffic />
        ) : (
          <AnswerChart series={series} smoothed={periods.smoothed} spanMs={spanMs} height={190} />
        )}
      </Panel>
      <Panel area="throughput" title="Throughput" note={periods.each}>
        {stats.total.reads === 0 ? <NoTraffic /> : <ThroughputChart series={series} spanMs={spanMs} height={190} />}
      </Panel>
      <Panel area="heat" title="How long reads took" note="every read, all tiers">
        {stats.total.reads === 0 ? <NoTraffic /> : <HeatMap at={history.at} heat={history.heat} spanMs={spanMs} />}
      </Panel>
      <Latency picture={picture} quantiles={quantiles} each={periods.each} spanMs={spanMs} />
      <Memory picture={picture} spanMs={spanMs} whose={whose(scope)} />
      <Errors picture={picture} spanMs={spanMs} />
      <Panel
        area="health"
        title="Health"
        note="this node"
        {...(health === null ? {} : { actions: <Status status={health.status} /> })}
      >
        <HealthList health={health} />
      </Panel>
      <Panel area="coherence" title="Coherence" note="this node and the log">
        <Coherence stats={stats} />
      </Panel>
      <Panel area="trail" title="Last invalidations" actions={<a href={hrefTo('invalidations')}>All</a>}>
        {invalidations.length === 0 ? (
          <Nothing>None since the console started</Nothing>
        ) : (
          <Trail entries={invalidations.slice(-8).reverse()} now={stats.at} />
        )}
      </Panel>
      <Panel area="notices" title="Errors and changes" actions={<a href={hrefTo('alerts')}>All</a>}>
        {notices.length === 0 ? (
          <Nothing>None since the console started</Nothing>
        ) : (
          <NoticeList notices={latestFirst(notices).slice(0, 6)} />
        )}
      </Panel>
    </>
  )
}

function NoTraffic() {
  return <Nothing>No reads yet. The picture begins with the first one.</Nothing>
}

function KeyFigures({
  picture: { history, stats },
  period,
  trendsOf,
}: {
  picture: Picture
  period: Period
  /** Whose trends stand beside the figures. */
  trendsOf: Scope | undefined
}) {
  const path = trendsOf === undefined ? undefined : `trends?scope=${encodeURIComponent(trendsOf)}`
  const { data } = usePolled<{ readonly trends: readonly Trend[] }>(path, 60_000)
  const trend = (figure: Trend['figure']) => data?.trends.find((one) => one.figure === figure)
  const series = useMemo(() => seriesOf(history, undefined), [history])
  const recent = windowOf(series, period.ms)
  const kept = windowOf(series, Number.POSITIVE_INFINITY)
  const saved = recent.reads === 0 ? undefined : Math.max(0, 1 - recent.loads / recent.reads)
  const spared = perSecond(Math.max(0, recent.reads - recent.loads), recent) * stats.total.loadTime.mean
  return (
    <dl className="figures" data-area="figures" aria-label="Key figures">
      <Figure
        name="Hit rate"
        value={percent(hitRate(recent))}
        detail={`${period.words} · ${stats.total.reads === 0 ? '–' : percent(stats.total.hitRate)} since the start`}
        trend={<TrendLine trend={trend('hitRate')} />}
        lead
      />
      <Figure
        name="Origin load saved"
        value={percent(saved)}
        detail={
          saved === undefined || stats.total.loadTime.count === 0
            ? `${period.words} · loads that reads did not need`
            : `${period.words} · about ${duration(spared)} of loading, each second`
        }
        trend={<TrendLine trend={trend('loadsPerSecond')} of="Loads" />}
      />
      <Figure
        name="Reads"
        value={`${amount(perSecond(recent.reads, recent))}/s`}
        detail={`${period.words} · ${count(stats.total.reads)} since the start`}
        trend={<TrendLine trend={trend('readsPerSecond')} />}
      />
      <Figure
        name="Errors"
        value={count(kept.errors)}
        detail={`of ${amount(kept.reads)} reads in ${duration(kept.seconds * 1_000)}`}
        trend={<TrendLine trend={trend('errorRate')} of="Rate" />}
        wrong={kept.errors > 0}
      />
    </dl>
  )
}

function Figure({
  name,
  value,
  detail,
  trend,
  lead = false,
  wrong = false,
}: {
  name: string
  value: string
  detail: string
  trend: ReactNode
  lead?: boolean
  wrong?: boolean
}) {
  return (
    <div className={lead ? 'figure lead' : 'figure'} data-wrong={wrong}>
      <dt>{name}</dt>
      <dd className="value">{value}</dd>
      <dd className="detail">{detail}</dd>
      {trend}
    </div>
  )
}

function Latency({
  picture: { history, stats },
  quantiles,
  each,
  spanMs,
}: {
  picture: Picture
  quantiles: Quantiles | undefined
  each: string
  spanMs: number
}) {
  const lines = useMemo(
    () =>
      quantiles === undefined
        ? meansOf(history)
        : [
            { label: 'Reads p50', colour: 'memory', values: drawable(quantiles.p50) },
            { label: 'Reads p99', colour: 'ink-line', values: drawable(quantiles.p99) },
            { label: 'Remote p99', colour: 'remote', values: drawable(quantiles.remoteP99) },
            { label: 'Load p99', colour: 'origin', values: drawable(quantiles.loadP99) },
          ],
    [history, quantiles],
  )
  const rows = latencyRows(stats.total)
  return (
    <Panel
      area="latency"
      title="Latency"
      note={`table since the start · lines: ${quantiles === undefined ? 'means, ' : ''}${each}`}
    >
      <LatencyRuler rows={rows} />
      {stats.total.reads > 0 && (
        <Chart
          summary={`Latency over time, ${each}. Median since the start: ${rows.map(({ name, time }) => `${name} ${time.count === 0 ? 'not timed' : duration(time.p50)}`).join(', ')}.`}
          at={history.at}
          lines={lines}
          spanMs={spanMs}
          format={duration}
          logarithmic
          height={150}
        />
      )}
    </Panel>
  )
}

function meansOf({ total }: Picture['history']) {
  return [
    { label: 'Memory hit', colour: 'memory', values: drawable(total.memoryMs) },
    { label: 'Remote call', colour: 'remote', values: drawable(total.remoteMs) },
    { label: 'Load', colour: 'origin', values: drawable(total.loadMs) },
  ]
}

/** A logarithm needs more than 0; what took less than 0.1 µs is drawn there. */
function drawable(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => (value === null ? null : Math.max(value, 0.0001)))
}

function Memory({ picture: { history, stats }, spanMs, whose }: { picture: Picture; spanMs: number; whose: string }) {
  const { memory } = stats
  const lines = useMemo(
    () => [{ label: 'In memory', colour: 'memory', values: history.gauges.bytes, filled: true }],
    [history],
  )
  return (
    <Panel area="memory" title="Memory" note={whose}>
      <Meter label="Entries" used={memory.entries} bound={memory.maxEntries} format={count} />
      <Meter label="Size" used={memory.bytes} bound={memory.maxBytes} format={bytes} />
      <Chart
        summary={`Size of the memory tier over time, now ${bytes(memory.bytes)}.`}
        at={history.at}
        lines={lines}
        spanMs={spanMs}
        format={bytes}
        binary
        height={110}
      />
      <p className="aside">
        {count(memory.evictions)} evicted for room · {count(memory.expirations)} expired · {count(memory.refusals)}{' '}
        refused as too large
      </p>
    </Panel>
  )
}

function Errors({ picture: { history, stats }, spanMs }: { picture: Picture; spanMs: number }) {
  const { total } = stats
  const lines = useMemo(
    () => [
      {
        label: 'Loads failed/s',
        colour: 'error',
        values: rates(history.total.loadErrors, history.durationMs),
        filled: true,
      },
      {
        label: 'Remote calls failed/s',
        colour: 'remote',
        values: rates(history.total.remoteErrors, history.durationMs),
      },
    ],
    [history],
  )
  const any = windowOf(seriesOf(history, undefined), Number.POSITIVE_INFINITY).errors > 0
  return (
    <Panel area="errors" title="Errors" note="counts since the start">
      {any ? (
        <Chart
          summary={`Errors over time. Since the start ${count(total.loadErrors)} loads and ${count(total.remoteErrors)} remote calls failed.`}
          at={history.at}
          lines={lines}
          spanMs={spanMs}
          format={amount}
          height={110}
        />
      ) : (
        <Nothing>None in the time that is kept</Nothing>
      )}
      <dl className="counts">
        <Count name="Loads failed" value={total.loadErrors} wrong />
        <Count name="Remote calls failed" value={total.remoteErrors} wrong />
        <Count name="Damaged values" value={total.damagedValues} wrong />
        <Count name="Answered stale" value={total.staleHits} />
        <Count name="Loads overtaken" value={total.fencedLoads} />
      </dl>
    </Panel>
  )
}

function Count({ name, value, wrong = false }: { name: string; value: number; wrong?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-wrong={wrong && value > 0}>{count(value)}</dd>
    </div>
  )
}
