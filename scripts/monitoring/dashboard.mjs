import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import { duration, errorRate, hitRate, metric, rate, reads, responseTime, tierHitRate } from './expressions.mjs'

/** Every query is limited to what is chosen above the dashboard. */
const ONLY = 'job=~"$job"'
const CHOSEN = `${ONLY},definition=~"$definition"`
const WINDOW = '$__rate_interval'
const SOURCE = { type: 'prometheus', uid: '$datasource' }

/** @param {string} expr @param {string} legend */
const query = (expr, legend) => new DataqueryBuilder().expr(expr).legendFormat(legend)

/**
 * @param {string} title
 * @param {string} about
 * @param {string} unit
 * @param {readonly (readonly [expr: string, legend: string])[]} queries
 */
function chart(title, about, unit, queries) {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .description(about)
    .unit(unit)
    .min(0)
    .datasource(SOURCE)
    .height(8)
    .span(12)
  for (const [expr, legend] of queries) panel.withTarget(query(expr, legend))
  return panel
}

/** @param {string} title @param {string} unit @param {string} expr */
function figure(title, unit, expr) {
  return new stat.PanelBuilder()
    .title(title)
    .unit(unit)
    .datasource(SOURCE)
    .height(4)
    .span(6)
    .withTarget(query(expr, title))
}

function latencyMap() {
  const buckets = metric('cache_operation_duration_seconds_bucket')
  return new heatmap.PanelBuilder()
    .title('How long reads took that memory could not answer')
    .datasource(SOURCE)
    .unit('s')
    .height(8)
    .span(12)
    .withTarget(
      query(`sum by (le) (rate(${buckets}{operation="read",${CHOSEN}}[${WINDOW}]))`, '{{le}}').format(
        /** @type {never} */ ('heatmap'),
      ),
    )
}

/** @param {string} name @param {string} label @param {string} from a metric whose label is chosen from */
function choice(name, label, from) {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query(from)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
}

/** The content of `grafana-dashboard.json`. */
export function dashboard() {
  const hits = metric('cache_hits_total')
  const built = new DashboardBuilder('TableForge Cache')
    .uid('tableforge-cache')
    .tags(['cache', 'tableforge'])
    .description('Hit rates, response times, errors, memory and the invalidation log, by tier and definition.')
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(choice('job', 'Job', `label_values(${metric('cache_info')}, job)`))
    .withVariable(choice('definition', 'Definition', `label_values(${hits}{${ONLY}}, definition)`))
    .withRow(new RowBuilder('Overview'))
    .withPanel(figure('Hit rate', 'percentunit', hitRate('job', WINDOW, CHOSEN)))
    .withPanel(figure('Reads a second', 'reqps', reads('job', WINDOW, CHOSEN)))
    .withPanel(figure('Errors', 'percentunit', errorRate('job', WINDOW, CHOSEN)))
    .withPanel(figure('Processes', 'short', `count by (job) (${metric('cache_info')}{${ONLY}})`))
    .withPanel(
      chart('Hit rate by tier', 'Of the reads that asked the tier.', 'percentunit', [
        [tierHitRate('memory', 'job', WINDOW, CHOSEN), 'memory'],
        [tierHitRate('remote', 'job', WINDOW, CHOSEN), 'remote'],
        [hitRate('job', WINDOW, CHOSEN), 'all'],
      ]),
    )
    .withPanel(
      chart('Hit rate by definition', 'Of all reads of a definition.', 'percentunit', [
        [hitRate('definition', WINDOW, CHOSEN), '{{definition}}'],
      ]),
    )
    .withPanel(
      chart('Reads by answer', 'What answered, per second.', 'reqps', [
        [rate('tier', hits, CHOSEN, WINDOW), '{{tier}}'],
        [rate('job', metric('cache_misses_total'), `tier="remote",${CHOSEN}`, WINDOW), 'origin'],
        [rate('job', metric('cache_stale_hits_total'), CHOSEN, WINDOW), 'stale (part of the hits)'],
      ]),
    )
    .withPanel(
      chart('Response time', 'Of all reads; memory hits are timed by sample.', 's', [
        [responseTime(0.5, 'job', WINDOW, CHOSEN), 'p50'],
        [responseTime(0.95, 'job', WINDOW, CHOSEN), 'p95'],
        [responseTime(0.99, 'job', WINDOW, CHOSEN), 'p99'],
      ]),
    )
    .withRow(new RowBuilder('Beyond memory'))
    .withPanel(latencyMap())
    .withPanel(
      chart('Remote calls and loads', 'The 99th percentile, and loads a second.', 's', [
        [duration(0.99, 'get', 'job', WINDOW, CHOSEN), 'remote call p99'],
        [duration(0.99, 'load', 'job', WINDOW, CHOSEN), 'load p99'],
      ]),
    )
    .withPanel(
      chart('Loads', 'What reaches the origin, and what leases spared it.', 'ops', [
        [rate('job', metric('cache_loads_total'), CHOSEN, WINDOW), 'loads'],
        [rate('job', metric('cache_fenced_loads_total'), CHOSEN, WINDOW), 'overtaken by an invalidation'],
        [rate('job', metric('cache_lease_waits_total'), CHOSEN, WINDOW), 'waited for another process'],
      ]),
    )
    .withPanel(
      chart('Errors by tier', 'Failed remote calls, failed loads, failed reads.', 'ops', [
        [rate('tier', metric('cache_errors_total'), CHOSEN, WINDOW), '{{tier}}'],
        [rate('job', metric('cache_failed_reads_total'), CHOSEN, WINDOW), 'reads that failed'],
        [rate('job', metric('cache_damaged_values_total'), CHOSEN, WINDOW), 'damaged values'],
      ]),
    )
    .withRow(new RowBuilder('Processes'))
    .withPanel(
      chart('Memory', 'Calculated size of the memory tier, and its bound.', 'bytes', [
        [`${metric('cache_memory_bytes')}{${ONLY}}`, '{{instance}}'],
        [`${metric('cache_memory_max_bytes')}{${ONLY}}`, '{{instance}} bound'],
      ]),
    )
    .withPanel(
      chart('Entries that left memory', 'By cause, per second.', 'ops', [
        [rate('cause', metric('cache_evictions_total'), ONLY, WINDOW), '{{cause}}'],
      ]),
    )
    .withPanel(
      chart('Invalidations', 'Issued per second; and how long the log has not been confirmed.', 'ops', [
        [rate('definition', metric('cache_invalidations_total'), CHOSEN, WINDOW), '{{definition}}'],
      ]),
    )
    .withPanel(
      chart('Invalidation log', 'Time since a process last knew that it had heard everything.', 's', [
        [`${metric('cache_log_unconfirmed_seconds')}{${ONLY}}`, '{{instance}}'],
      ]),
    )
    .withPanel(
      chart('Connections', '1: up.', 'short', [
        [`${metric('cache_connections')}{${ONLY}}`, '{{instance}} {{use}}'],
        [`${metric('cache_breaker_state')}{state="open",${ONLY}}`, '{{instance}} breaker open'],
      ]),
    )
    .withPanel(
      chart('Under way', 'Loads and remote reads.', 'short', [[`${metric('cache_flights')}{${ONLY}}`, '{{instance}}']]),
    )
  return built.build()
}
