import { type BatchObservableResult, type Meter, metrics, type Observable } from '@opentelemetry/api'
import type { CacheEventListener, CacheEventType } from '../../events.js'
import { METRICS, type MetricValue } from '../metrics.js'
import type { StatsSource } from '../prometheus.js'
import { VERSION } from '../version.js'
import { INSTRUMENTATION } from './tracing.js'

export interface OpenTelemetryMetricsOptions {
  /** Default: that of the global meter provider. */
  readonly meter?: Meter
}

export interface MeasuredCache extends StatsSource {
  on<T extends CacheEventType>(type: T, listener: CacheEventListener<T>): () => void
}

/**
 * The metrics of a cache as OpenTelemetry instruments, read from `cache.stats()` when they are collected; a hit never
 * pays for them. Names follow OpenTelemetry: `cache_hits_total` is `cache.hits`. Loads are recorded one by one in the
 * histogram `cache.load.duration` (seconds); of the other durations count and sum are observed. Returns a function that
 * ends it.
 */
export function openTelemetryMetrics(cache: MeasuredCache, options: OpenTelemetryMetricsOptions = {}): () => void {
  const meter = options.meter ?? metrics.getMeter(INSTRUMENTATION, VERSION)
  const instruments = METRICS.flatMap(({ name, type, help, values }) =>
    partsOf(name, type).map(({ sample, observed, counts, unit }) => {
      const settings = { description: help, unit }
      const instrument = counts
        ? meter.createObservableCounter(observed, settings)
        : meter.createObservableGauge(observed, settings)
      return { instrument, sample, values }
    }),
  )
  const observe = (result: BatchObservableResult) => {
    const stats = cache.stats()
    for (const { instrument, sample, values } of instruments) {
      for (const value of values(stats)) {
        if ((value.metricName ?? sample) === sample) observeOne(result, instrument, value)
      }
    }
  }
  const observables = instruments.map(({ instrument }) => instrument)
  meter.addBatchObservableCallback(observe, observables)
  const loads = meter.createHistogram('cache.load.duration', { description: 'Loads from the origin.', unit: 's' })
  const record = (outcome: string) => (event: { definition: string; durationMs: number }) =>
    loads.record(event.durationMs / 1_000, { definition: event.definition, outcome })
  const unsubscribe = [cache.on('load', record('loaded')), cache.on('load-error', record('failed'))]
  return () => {
    meter.removeBatchObservableCallback(observe, observables)
    for (const stop of unsubscribe) stop()
  }
}

/** An instrument, and the sample of Prometheus whose values it observes. */
interface Part {
  readonly sample: string
  readonly observed: string
  /** Whether it only ever grows. */
  readonly counts: boolean
  readonly unit: string
}

/** OpenTelemetry cannot observe a ready-made histogram, so its count and sum are observed. */
function partsOf(name: string, type: string): Part[] {
  const observed = name.replace(/_(total|seconds|bytes)$/, '').replaceAll('_', '.')
  const unit = unitOf(name)
  if (type === 'counter' || type === 'gauge') return [{ sample: name, observed, counts: type === 'counter', unit }]
  return [
    { sample: `${name}_count`, observed: `${observed}.count`, counts: true, unit: '1' },
    { sample: `${name}_sum`, observed: `${observed}.sum`, counts: true, unit },
  ]
}

function unitOf(name: string): string {
  return name.endsWith('_seconds') ? 's' : name.endsWith('_bytes') ? 'By' : '1'
}

function observeOne(result: BatchObservableResult, instrument: Observable, { value, labels }: MetricValue): void {
  // A log that was never confirmed is infinitely old, which exporters cannot say.
  if (Number.isFinite(value)) result.observe(instrument, value, labels ?? {})
}
