import { type CacheStats, type DefinitionStats, DURATION_BOUNDS_MS, type DurationFigures } from '../stats.js'

/** One sample of a metric. */
export interface MetricValue {
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
  /** Default: the name of the metric. */
  readonly metricName?: string
}

/**
 * A metric: what Prometheus, OpenTelemetry and the operators' rules and dashboard know it by, and where its values come
 * from.
 */
export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly name: string
  readonly help: string
  values(stats: CacheStats): readonly MetricValue[]
}

const DURATION = 'cache_operation_duration_seconds'
/** Calls that belong to no definition. */
const NO_DEFINITION = '(none)'

const perDefinition = (stats: CacheStats, read: (one: DefinitionStats) => number): MetricValue[] =>
  Object.entries(stats.definitions).map(([name, one]) => ({ value: read(one), labels: definitionLabel(name) }))

const definitionLabel = (name: string) => ({ definition: name === '' ? NO_DEFINITION : name })

/** One value for each tier and definition. */
function perTier(stats: CacheStats, reads: Readonly<Record<string, (one: DefinitionStats) => number>>): MetricValue[] {
  return Object.entries(stats.definitions).flatMap(([name, one]) =>
    Object.entries(reads).map(([tier, read]) => ({ value: read(one), labels: { tier, ...definitionLabel(name) } })),
  )
}

const counter = (name: string, help: string, values: MetricFamily['values']): MetricFamily => ({
  type: 'counter',
  name,
  help,
  values,
})
const gauge = (name: string, help: string, values: MetricFamily['values']): MetricFamily => ({
  type: 'gauge',
  name,
  help,
  values,
})
const definitionCounter = (name: string, help: string, read: (one: DefinitionStats) => number) =>
  counter(name, help, (stats) => perDefinition(stats, read))
const single = (read: (stats: CacheStats) => number) => (stats: CacheStats) => [{ value: read(stats) }]

/** Every metric of a cache. Labels are tiers and definitions, never keys. */
export const METRICS: readonly MetricFamily[] = [
  counter('cache_hits_total', 'Reads answered by a tier.', (stats) =>
    perTier(stats, { memory: (one) => one.memoryHits, remote: (one) => one.remoteHits }),
  ),
  counter(
    'cache_misses_total',
    'Reads that a tier did not answer; those of the remote tier went to the origin.',
    (stats) =>
      perTier(stats, {
        memory: (one) => one.remoteHits + one.misses - one.memoryBypasses,
        remote: (one) => one.misses,
      }),
  ),
  definitionCounter(
    'cache_stale_hits_total',
    'Reads answered with a value past its ttl, a part of the hits.',
    (one) => one.staleHits,
  ),
  counter('cache_errors_total', 'Failed calls to the remote tier and failed loads from the origin.', (stats) =>
    perTier(stats, { remote: (one) => one.remoteErrors, origin: (one) => one.loadErrors }),
  ),
  definitionCounter('cache_failed_reads_total', 'Reads that ended in an error.', (one) => one.failedReads),
  definitionCounter('cache_leases_total', 'Leases asked of the remote tier.', (one) => one.leases),
  definitionCounter(
    'cache_lease_waits_total',
    'Leases that another process held, so that this one waited for its load.',
    (one) => one.leaseWaits,
  ),
  {
    type: 'summary',
    name: 'cache_stale_age_seconds',
    help: 'Age of the values that were served past their ttl.',
    values: (stats) =>
      Object.entries(stats.definitions).flatMap(([name, { staleAge }]) =>
        sumAndCount('cache_stale_age_seconds', staleAge, definitionLabel(name)),
      ),
  },
  definitionCounter('cache_loads_total', 'Loads from the origin.', (one) => one.loads),
  definitionCounter(
    'cache_fenced_loads_total',
    'Loads stored nowhere because an invalidation overtook them.',
    (one) => one.fencedLoads,
  ),
  definitionCounter(
    'cache_load_timeouts_total',
    'Loads that were still under way at their hard timeout, a part of the failed ones.',
    (one) => one.loadTimeouts,
  ),
  definitionCounter(
    'cache_load_retries_total',
    'Failed attempts to load that were tried again.',
    (one) => one.loadRetries,
  ),
  definitionCounter(
    'cache_not_modified_total',
    'Loads in which the origin confirmed the value that there was.',
    (one) => one.notModified,
  ),
  definitionCounter(
    'cache_refreshes_total',
    'Refreshes that a read set off behind its answer.',
    (one) => one.refreshes,
  ),
  definitionCounter('cache_overloads_total', 'Loads that a full bulkhead refused.', (one) => one.overloads),
  definitionCounter('cache_sets_total', 'Values written by calls to set.', (one) => one.sets),
  definitionCounter('cache_invalidations_total', 'Invalidations issued by this process.', (one) => one.invalidations),
  definitionCounter(
    'cache_damaged_values_total',
    'Values of the remote tier that could not be decoded.',
    (one) => one.damagedValues,
  ),
  {
    type: 'histogram',
    name: DURATION,
    help: 'Time of reads (with a sample of the memory hits), of calls to the remote tier and of loads from the origin.',
    values: (stats) =>
      Object.entries(stats.definitions).flatMap(([name, one]) => [
        ...histogram(one.memoryTime, { tier: 'memory', operation: 'hit', ...definitionLabel(name) }),
        ...histogram(one.readTime, { tier: 'any', operation: 'read', ...definitionLabel(name) }),
        ...histogram(one.remoteTime, { tier: 'remote', operation: 'get', ...definitionLabel(name) }),
        ...histogram(one.loadTime, { tier: 'origin', operation: 'load', ...definitionLabel(name) }),
      ]),
  },
  gauge(
    'cache_memory_entries',
    'Entries in the memory tier.',
    single((stats) => stats.memory.entries),
  ),
  gauge(
    'cache_memory_max_entries',
    'Bound on the entries of the memory tier.',
    single((stats) => stats.memory.maxEntries),
  ),
  gauge(
    'cache_memory_bytes',
    'Calculated size of the memory tier.',
    single((stats) => stats.memory.bytes),
  ),
  gauge(
    'cache_memory_max_bytes',
    'Bound on the size of the memory tier.',
    single((stats) => stats.memory.maxBytes),
  ),
  counter(
    'cache_evictions_total',
    'Entries that the memory tier let go, or (too-large) never took, by cause.',
    ({ memory }) =>
      Object.entries({ capacity: memory.evictions, expired: memory.expirations, 'too-large': memory.refusals }).map(
        ([cause, value]) => ({ value, labels: { tier: 'memory', cause } }),
      ),
  ),
  gauge(
    'cache_connections',
    'Whether the remote tier is connected, and the invalidation log subscribed: 1 or 0.',
    (stats) => [
      { value: stats.remote.state === 'up' ? 1 : 0, labels: { tier: 'remote', use: 'commands' } },
      { value: stats.log.subscribed ? 1 : 0, labels: { tier: 'remote', use: 'log' } },
    ],
  ),
  gauge('cache_breaker_state', 'The breaker in front of the remote tier: 1 for the state that it is in.', (stats) =>
    (['closed', 'open', 'half-open'] as const).map((state) => ({
      value: stats.remote.breaker === state ? 1 : 0,
      labels: { tier: 'remote', state },
    })),
  ),
  gauge(
    'cache_log_position',
    'Number of the last applied message of the invalidation log.',
    single((stats) => stats.log.applied),
  ),
  gauge(
    'cache_log_unconfirmed_seconds',
    'Time since this process last knew that it had applied everything.',
    single((stats) => stats.log.unconfirmedMs / 1_000),
  ),
  gauge(
    'cache_log_recovering',
    'Invalidations that wait for the remote tier to come back.',
    single((stats) => stats.log.recovering),
  ),
  counter(
    'cache_log_repairs_total',
    'Gaps of the log that were read again.',
    single((stats) => stats.log.repairs),
  ),
  counter(
    'cache_log_losses_total',
    'Times the log was lost and all of memory had to be confirmed.',
    single((stats) => stats.log.losses),
  ),
  gauge(
    'cache_flights',
    'Loads and remote reads under way.',
    single((stats) => stats.flights),
  ),
  gauge(
    'cache_pending_loads',
    'Loads under way, waiting for their turn, and still under way after their hard timeout.',
    (stats) =>
      (['running', 'waiting', 'overdue'] as const).map((state) => ({ value: stats.loads[state], labels: { state } })),
  ),
  gauge(
    'cache_uptime_seconds',
    'Age of the cache.',
    single((stats) => stats.uptimeMs / 1_000),
  ),
  gauge('cache_info', 'Always 1; says which cache this is.', (stats) => [
    { value: 1, labels: { namespace: stats.namespace, node: stats.node, remote: stats.remote.kind } },
  ]),
]

/** The cumulative buckets of Prometheus; our bounds are counted exactly, so nothing is estimated here. */
function histogram(figures: DurationFigures, labels: Readonly<Record<string, string>>): MetricValue[] {
  let total = 0
  const buckets = DURATION_BOUNDS_MS.map((bound, i): MetricValue => {
    total += figures.buckets[i] ?? 0
    return { metricName: `${DURATION}_bucket`, value: total, labels: { ...labels, le: bound / 1_000 } }
  })
  return [
    ...buckets,
    { metricName: `${DURATION}_bucket`, value: figures.count, labels: { ...labels, le: '+Inf' } },
    ...sumAndCount(DURATION, figures, labels),
  ]
}

function sumAndCount(name: string, figures: DurationFigures, labels: Readonly<Record<string, string>>): MetricValue[] {
  return [
    { metricName: `${name}_sum`, value: (figures.mean * figures.count) / 1_000, labels },
    { metricName: `${name}_count`, value: figures.count, labels },
  ]
}
