import type { Metric, Registry } from 'prom-client'
import { CacheError, invalidArgument, invalidOption, refuseUnknown } from '../errors.js'
import type { CacheStats } from '../stats.js'
import { METRICS, type MetricFamily } from './metrics.js'

/** What the metrics are made from; a `Cache` is one. */
export interface StatsSource {
  stats(): CacheStats
}

export interface PrometheusOptions {
  /** Labels on every metric, such as the name of the application. Default: none. */
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * A fetch-style handler of `GET /metrics`: the figures of a cache in the text format of Prometheus. They are read from
 * `cache.stats()` when Prometheus asks, so a hit never pays for them. Labels are the tier and the definition, never a
 * key. Needs the package `prom-client`.
 */
export function prometheusHandler(
  cache: StatsSource,
  options: PrometheusOptions = {},
): (request?: Request) => Promise<Response> {
  checkOptions('prometheusHandler', cache, options)
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

/**
 * A prom-client `Registry` of its own with the metrics of a cache, for applications that merge several into one page.
 */
export async function prometheusRegistry(cache: StatsSource, options: PrometheusOptions = {}): Promise<Registry> {
  checkOptions('prometheusRegistry', cache, options)
  const { Registry } = await importPromClient()
  const registry = new Registry()
  registry.setDefaultLabels({ ...options.labels })
  for (const family of METRICS) registry.registerMetric(collected(family, cache))
  return registry
}

const OPTION_NAMES = new Set(['labels'])
/** Those that begin with two underscores are Prometheus's own. */
const LABEL = /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/

/** A page with one label that Prometheus cannot read is refused by it as a whole. */
function checkOptions(where: string, cache: StatsSource, options: PrometheusOptions): void {
  if (typeof cache?.stats !== 'function') throw invalidArgument(where, cache, 'a cache')
  refuseUnknown(where, options, OPTION_NAMES)
  const { labels = {} } = options
  if (typeof labels !== 'object' || labels === null) throw invalidOption(`${where}.labels`, labels, 'texts by name')
  for (const [name, value] of Object.entries(labels)) {
    if (!LABEL.test(name))
      throw invalidOption(`${where}.labels`, name, 'names of A-Z a-z 0-9 _ that begin with no digit and not with __')
    if (typeof value !== 'string') throw invalidOption(`${where}.labels.${name}`, value, 'a text')
  }
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
function collected(family: MetricFamily, cache: StatsSource): Metric {
  const { type, name, help } = family
  const metric = {
    name,
    get: async () => ({ name, help, type, aggregator: 'sum', values: family.values(cache.stats()) }),
    reset: () => undefined,
  }
  // The counters are kept by the cache; prom-client's own classes could only be filled by resetting them each time.
  return metric as unknown as Metric
}
