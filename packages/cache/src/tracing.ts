/**
 * Spans around what a cache waits for, in the context of the caller that it waits for. Without it nothing is wrapped.
 * `openTelemetryTracing` of `@tableforge/cache/opentelemetry` makes one.
 */
export interface Tracing {
  /** Around one load from the origin, which is what `flight` waits for. */
  load<T>(flight: object, key: string, definition: string, work: () => Promise<T>): Promise<T>
  /** A read begins to wait for a flight that another caller began; call what is returned when that is over. */
  join(flight: object, definition: string): () => void
  /** Around one call to the remote tier, for `keys` keys at once. */
  remote<T>(kind: string, operation: string, keys: number, work: () => Promise<T>): Promise<T>
}
