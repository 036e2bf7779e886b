export { type MeasuredCache, type OpenTelemetryMetricsOptions, openTelemetryMetrics } from './metrics.js'
export { type OpenTelemetryTracingOptions, openTelemetryTracing } from './tracing.js'
