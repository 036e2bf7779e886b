import { context, type Meter, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cache } from '../../cache.js'
import { createCache } from '../../create-cache.js'
import { inProcessRemote } from '../../memory/in-process-remote.js'
import { METRICS } from '../metrics.js'
import { openTelemetryMetrics, openTelemetryTracing } from './index.js'

describe('spans', () => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const tracer = provider.getTracer('test')
  const remote = inProcessRemote()
  let cache: Cache

  beforeEach(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    cache = createCache({ remote, tracing: openTelemetryTracing({ tracer }) })
    await cache.ready()
    exporter.reset()
  })
  afterEach(async () => {
    await cache.close()
    context.disable()
    remote.flush()
  })

  const within = <T>(name: string, work: () => Promise<T>) =>
    tracer.startActiveSpan(name, async (span: Span) => {
      try {
        return await work()
      } finally {
        span.end()
      }
    })
  const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)

  it('are there for a load and for each remote call, as children of the caller’s', async () => {
    await within('request', () => cache.getOrLoad('k', async () => 1))
    const [request] = named('request')
    const spans = exporter.getFinishedSpans().filter((span) => span.name.startsWith('cache '))
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['cache remote get', 'cache remote acquire', 'cache load', 'cache remote fill']),
    )
    for (const span of spans) {
      expect(span.parentSpanContext?.spanId, span.name).toBe(request?.spanContext().spanId)
      expect(span.spanContext().traceId).toBe(request?.spanContext().traceId)
    }
    expect(named('cache load')[0]?.attributes).toEqual({ 'cache.definition': '' })
    expect(named('cache remote get')[0]).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: { 'cache.remote.kind': 'in-process', 'cache.operation': 'get', 'cache.keys': 1 },
    })
  })

  it('of a loader are around what it starts itself', async () => {
    await cache.getOrLoad('k', () => within('query', async () => 1))
    expect(named('query')[0]?.parentSpanContext?.spanId).toBe(named('cache load')[0]?.spanContext().spanId)
  })

  it('say that a load failed, and the error still reaches the caller', async () => {
    const failing = async () => {
      throw new Error('no database')
    }
    await expect(cache.getOrLoad('k', failing)).rejects.toThrow('no database')
    expect(named('cache load')[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      events: [{ name: 'exception', attributes: { 'exception.message': 'no database' } }],
    })
  })

  it('of those who waited for another’s load are linked to it, in traces of their own', async () => {
    const load = () => cache.getOrLoad('k', async () => 1)
    await Promise.all([within('first', load), within('second', load), within('third', load)])
    const [loaded] = named('cache load')
    expect(named('cache load')).toHaveLength(1)
    expect(loaded?.parentSpanContext?.spanId).toBe(named('first')[0]?.spanContext().spanId)
    const waits = named('cache wait')
    expect(waits.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      ['second', 'third'].map((name) => named(name)[0]?.spanContext().spanId),
    )
    for (const { links, attributes } of waits) {
      expect(links.map((link) => link.context.spanId)).toEqual([loaded?.spanContext().spanId])
      expect(attributes).toEqual({ 'cache.definition': '' })
    }
  })

  it('of those who waited for what another tier held are linked to no load', async () => {
    await cache.getOrLoad('k', async () => 1)
    const reader = createCache({ remote, tracing: openTelemetryTracing({ tracer }) })
    await reader.ready()
    exporter.reset()
    const read = () => reader.getOrLoad('k', async () => 2)
    expect(await Promise.all([within('first', read), within('second', read)])).toEqual([1, 1])
    expect(named('cache wait').map(({ links }) => links)).toEqual([[]])
    await reader.close()
  })

  it('are not made for a hit in memory, nor hold keys unless asked', async () => {
    await cache.getOrLoad('secret-key', async () => 1)
    expect(JSON.stringify(exporter.getFinishedSpans().map(({ attributes }) => attributes))).not.toContain('secret-key')
    exporter.reset()
    await within('request', () => cache.getOrLoad('secret-key', async () => 1))
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['request'])
  })

  it('are not made, and nothing is wrapped, without the option', async () => {
    const plain = createCache()
    await within('request', () => plain.getOrLoad('k', async () => 1))
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['request'])
    expect(trace.getActiveSpan()).toBeUndefined()
    await plain.close()
  })
})

describe('instruments', () => {
  it('have each a name of its own, by which an SDK and OpenMetrics (without _total) tell them apart', () => {
    const cache = createCache()
    const names: string[] = []
    const instrument = (name: string) => {
      names.push(name)
      return {}
    }
    const meter = {
      createObservableCounter: instrument,
      createObservableGauge: instrument,
      createHistogram: instrument,
      addBatchObservableCallback: () => undefined,
    }
    openTelemetryMetrics(cache, { meter: meter as unknown as Meter })
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
    const families = METRICS.map(({ name }) => name.replace(/_total$/, ''))
    expect(families.filter((name, at) => families.indexOf(name) !== at)).toEqual([])
    return cache.close()
  })

  it('carry the figures of the cache, by tier and definition, until they are stopped', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    const provider = new MeterProvider({ readers: [reader] })
    const cache = createCache()
    const stop = openTelemetryMetrics(cache, { meter: provider.getMeter('test') })
    const rooms = cache.define('room', { key: (id: string) => id, load: async (id: string) => id })
    await rooms.get('a')
    await rooms.get('a')
    await reader.forceFlush()
    const metrics = new Map(
      exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics)
        .map((metric) => [metric.descriptor.name, metric]),
    )
    const value = (name: string, attributes: object) =>
      metrics
        .get(name)
        ?.dataPoints.find((point) => Object.entries(attributes).every(([key, one]) => point.attributes[key] === one))
        ?.value
    expect(value('cache.hits', { tier: 'memory', definition: 'room' })).toBe(1)
    expect(value('cache.misses', { tier: 'remote', definition: 'room' })).toBe(1)
    expect(value('cache.memory.entries', {})).toBe(1)
    expect(value('cache.operation.duration.count', { operation: 'load', definition: 'room' })).toBe(1)
    expect(value('cache.load.duration', { definition: 'room', outcome: 'loaded' })).toMatchObject({ count: 1 })
    expect(metrics.get('cache.operation.duration.sum')?.descriptor.unit).toBe('s')
    expect(metrics.get('cache.operation.duration.count')?.descriptor.unit).toBe('1')
    expect(metrics.get('cache.stale.age.count')?.descriptor.unit).toBe('1')
    expect(value('cache.loads', { definition: 'room' })).toBe(1)
    expect(value('cache.pending.loads', { state: 'running' })).toBe(0)
    expect([...metrics.keys()].filter((name) => name.includes('_'))).toEqual([])
    stop()
    await provider.shutdown()
    await cache.close()
  })
})
