export { type HealthHandlerOptions, type HealthSource, healthHandler } from './health-handler.js'
export { DurationHistogram, LONGEST_MS, RELATIVE_ERROR, SHORTEST_MS } from './histogram.js'
export { type PrometheusOptions, prometheusHandler, prometheusRegistry, type StatsSource } from './prometheus.js'
