import type { Metric, Registry } from 'prom-client'
import { CacheError } from '../errors.js'
import { type CacheStats, type DefinitionStats, DURATION_BOUNDS_MS, type DurationFigures } from '../stats.js'

/** What the metrics are made from; a `Cache` is one. */
export interface StatsSource {
  stats(): CacheStats
}

export interface PrometheusOptions {
  /** Labels on every metric, such as the name of the application. Default: none. */
  readonly labels?: Readonly<Record<string, string>>
}

interface Value {
  readonly value: number
  readonly labels?: Readonly<Record<string, string | number>>
  /** Default: the name of the metric. */
  readonly metricName?: string
}

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  values(stats: CacheStats): readonly Value[]
}

/** Calls that belong to no definition. */
const NO_DEFINITION = '(none)'

/**
 * A fetch-style handler of `GET /metrics`: the figures of a cache in the text format of Prometheus. They are read from
 * `cache.stats()` when Prometheus asks, so a hit never pays for them. Labels are the tier and the definition, never a
 * key. Needs the package `prom-client`.
 */
export function prometheusHandler(
  cache: StatsSource,
  options: PrometheusOptions = {},
): (request?: Request) => Promise<Response> {
  let registry: Promise<Registry> | undefined
  return async (request) => {
    const method = request?.method ?? 'GET'
    if (method !== 'GET' && method !== 'HEAD') {
      return new Response('Use GET.\n', { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    registry ??= prometheusRegistry(cache, options)
    const { contentType, ...page } = await registry.then(async (one) => ({
      contentType: one.contentType,
      text: await one.metrics(),
    }))
    const headers = { 'content-type': contentType, 'cache-control': 'no-store' }
    return new Response(method === 'HEAD' ? null : page.text, { headers })
  }
}

/** A prom-client `Registry` of its own with the metrics of a cache, for those who merge several into one page. */
export async function prometheusRegistry(cache: StatsSource, options: PrometheusOptions = {}): Promise<Registry> {
  const { Registry } = await importPromClient()
  const registry = new Registry()
  registry.setDefaultLabels({ ...options.labels })
  for (const family of FAMILIES) registry.registerMetric(collected(family, cache))
  return registry
}

async function importPromClient(): Promise<{ Registry: typeof Registry }> {
  try {
    // prom-client is CommonJS: what Node cannot name ahead is on the default export.
    const module = await import('prom-client')
    return module.Registry === undefined ? module.default : module
  } catch (cause) {
    throw new CacheError(
      'invalid-option',
      'prometheusHandler: expected the package prom-client (version 15) to be installed, got an error on importing it',
      { cause },
    )
  }
}

/** What a registry asks of a metric: its name and, when Prometheus calls, its values. */
function collected(family: Family, cache: StatsSource): Metric {
  const { type, name, help } = family
  const metric = {
    name,
    get: async () => ({ name, help, type, aggregator: 'sum', values: family.values(cache.stats()) }),
    reset: () => undefined,
  }
  // The counters are kept by the cache; prom-client's own classes could only be filled by resetting them each time.
  return metric as unknown as Metric
}

const perDefinition = (stats: CacheStats, read: (one: DefinitionStats) => number): Value[] =>
  Object.entries(stats.definitions).map(([name, one]) => ({ value: read(one), labels: definitionLabel(name) }))

const definitionLabel = (name: string) => ({ definition: name === '' ? NO_DEFINITION : name })

/** One value for each tier and definition. */
function perTier(stats: CacheStats, reads: Readonly<Record<string, (one: DefinitionStats) => number>>): Value[] {
  return Object.entries(stats.definitions).flatMap(([name, one]) =>
    Object.entries(reads).map(([tier, read]) => ({ value: read(one), labels: { tier, ...definitionLabel(name) } })),
  )
}

const counter = (name: string, help: string, values: Family['values']): Family => ({
  type: 'counter',
  name,
  help,
  values,
})
const gauge = (name: string, help: string, values: Family['values']): Family => ({ type: 'gauge', name, help, values })
const definitionCounter = (name: string, help: string, read: (one: DefinitionStats) => number) =>
  counter(name, help, (stats) => perDefinition(stats, read))
const single = (read: (stats: CacheStats) => number) => (stats: CacheStats) => [{ value: read(stats) }]

const FAMILIES: readonly Family[] = [
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
  definitionCounter('cache_loads_total', 'Loads from the origin.', (one) => one.loads),
  definitionCounter(
    'cache_fenced_loads_total',
    'Loads stored nowhere because an invalidation overtook them.',
    (one) => one.fencedLoads,
  ),
  definitionCounter('cache_sets_total', 'Values written by calls to set.', (one) => one.sets),
  definitionCounter('cache_invalidations_total', 'Invalidations issued by this process.', (one) => one.invalidations),
  definitionCounter(
    'cache_damaged_values_total',
    'Values of the remote tier that could not be decoded.',
    (one) => one.damagedValues,
  ),
  {
    type: 'histogram',
    name: 'cache_operation_duration_seconds',
    help: 'Time of reads (with a sample of the memory hits), of calls to the remote tier and of loads from the origin.',
    values: (stats) =>
      Object.entries(stats.definitions).flatMap(([name, one]) => [
        ...histogram(one.memoryTime, { operation: 'memory', ...definitionLabel(name) }),
        ...histogram(one.readTime, { operation: 'read', ...definitionLabel(name) }),
        ...histogram(one.remoteTime, { operation: 'remote', ...definitionLabel(name) }),
        ...histogram(one.loadTime, { operation: 'load', ...definitionLabel(name) }),
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
    'cache_memory_evictions_total',
    'Entries that made room for others.',
    single((stats) => stats.memory.evictions),
  ),
  counter(
    'cache_memory_expirations_total',
    'Entries that expired in the memory tier.',
    single((stats) => stats.memory.expirations),
  ),
  counter(
    'cache_memory_refusals_total',
    'Values too large for the memory tier.',
    single((stats) => stats.memory.refusals),
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
    'cache_uptime_seconds',
    'Age of the cache.',
    single((stats) => stats.uptimeMs / 1_000),
  ),
  gauge('cache_info', 'Always 1; says which cache this is.', (stats) => [
    { value: 1, labels: { namespace: stats.namespace, node: stats.node, remote: stats.remote.kind } },
  ]),
]

/** The cumulative buckets of Prometheus; our bounds are counted exactly, so nothing is estimated here. */
function histogram(figures: DurationFigures, labels: Readonly<Record<string, string>>): Value[] {
  const name = 'cache_operation_duration_seconds'
  let total = 0
  const buckets = DURATION_BOUNDS_MS.map((bound, i): Value => {
    total += figures.buckets[i] ?? 0
    return { metricName: `${name}_bucket`, value: total, labels: { ...labels, le: bound / 1_000 } }
  })
  return [
    ...buckets,
    { metricName: `${name}_bucket`, value: figures.count, labels: { ...labels, le: '+Inf' } },
    { metricName: `${name}_sum`, value: (figures.mean * figures.count) / 1_000, labels },
    { metricName: `${name}_count`, value: figures.count, labels },
  ]
}
