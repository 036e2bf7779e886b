export type { BreakerOptions } from './breaker-options.js'
export type { BulkheadOptions } from './bulkhead.js'
export { Cache } from './cache.js'
export type { CallOptions, DetailedReadOptions, Details, Peeked, ReadOptions } from './call-options.js'
export { systemClock } from './clock.js'
export { createCache } from './create-cache.js'
export { Definition } from './definition.js'
export type {
  BulkLoadingSpec,
  DefinitionSpec,
  Input,
  LoadingSpec,
  PassiveSpec,
  WriteContext,
} from './definition-spec.js'
export type { EarlyRefresh } from './early-refresh.js'
export type { EncryptionKey, EncryptionOptions } from './encryption-options.js'
export type { Entry as CacheEntry } from './entry.js'
export { type AlertSettings, type Environment, type EnvironmentSettings, fromEnvironment } from './environment.js'
export { CacheError, type CacheErrorCode, CacheOverloadedError, CacheTimeoutError } from './errors.js'
export type { BreakerReason, CacheEvent, CacheEventListener, CacheEventOf, CacheEventType, TierName } from './events.js'
export type { InspectOptions } from './inspection.js'
export type { InvalidationTarget } from './invalidation-target.js'
export type { KeyParts } from './keys.js'
export type { BatchContext, LoadContext, Loader } from './load-context.js'
export { type InProcessRemote, type InProcessRemoteOptions, inProcessRemote } from './memory/in-process-remote.js'
export type {
  CacheOptions,
  EntryOptions,
  Freshness,
  MemoryOptions,
  MemoryPolicy,
  PartitionPolicy,
  RemoteOptions,
} from './options.js'
export type {
  Clock,
  Codec,
  InvalidationMode,
  Logger,
  MemoryFigures,
  Operation,
  PolicyCandidate,
  PolicyChange,
  PolicyFigures,
  RemoteFactory,
  RemoteState,
  RemoteTier,
  StoredStructure,
  StructureStore,
} from './ports.js'
export type { InvalidationPreview, PreviewOptions } from './preview.js'
export type { SampledRead } from './read-sampling.js'
export { type DefaultCodecOptions, defaultCodec } from './serialization/default-codec.js'
export type { CloseOptions } from './shutdown.js'
export {
  type CacheHealth,
  type CacheStats,
  type DefinitionStats,
  DURATION_BOUNDS_MS,
  type DurationFigures,
  type HealthComponent,
  type HealthStatus,
  type KeyInspection,
  type KeyTraceEvent,
  type LogStats,
  type TierInspection,
  type WriteRefusal,
} from './stats.js'
export type { Duration, Size } from './units.js'
export type * from './watch-options.js'
export type * from './watching.js'
export type { Receipt } from './writes.js'
