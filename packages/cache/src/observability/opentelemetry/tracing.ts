import {
  type Attributes,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { Tracing } from '../../tracing.js'
import { VERSION } from '../version.js'

export const INSTRUMENTATION = '@tableforge/cache'

export interface OpenTelemetryTracingOptions {
  /** Default: that of the global tracer provider. */
  readonly tracer?: Tracer
  /** Whether spans carry the key: it may be personal data, and is of high cardinality. Default `false`. */
  readonly keys?: boolean
}

/**
 * Spans for `createCache({ tracing })`: `cache load` around each load and `cache remote OPERATION` around each call to
 * the remote tier, as children of the span that is active where the cache was called. One flight serves many callers,
 * and one call many keys: the span belongs to the caller that began it; each of the others has a `cache wait` of its
 * own, with a link to the load that it waited for. Hits in memory have none.
 */
export function openTelemetryTracing(options: OpenTelemetryTracingOptions = {}): Tracing {
  const tracer = options.tracer ?? trace.getTracer(INSTRUMENTATION, VERSION)
  const loads = new WeakMap<object, SpanContext>()
  const within = <T>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
  ): Promise<T> => tracer.startActiveSpan(name, { kind, attributes }, (span) => ended(span, () => work(span)))
  return {
    load(flight, key, definition, work) {
      const attributes = { 'cache.definition': definition, ...(options.keys === true && { 'cache.key': key }) }
      return within('cache load', SpanKind.INTERNAL, attributes, (span) => {
        loads.set(flight, span.spanContext())
        return work()
      })
    },
    join(flight, definition) {
      const span = tracer.startSpan('cache wait', { attributes: { 'cache.definition': definition } })
      return () => {
        // The load may have begun later than the wait; what another tier answered has none.
        const load = loads.get(flight)
        if (load !== undefined) span.addLink({ context: load })
        span.end()
      }
    },
    remote(kind, operation, keys, work) {
      const attributes = { 'cache.remote.kind': kind, 'cache.operation': operation, 'cache.keys': keys }
      return within(`cache remote ${operation}`, SpanKind.CLIENT, attributes, work)
    },
  }
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error) span.recordException(error)
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}
