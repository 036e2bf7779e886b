import type { StandardSchemaV1 } from '@standard-schema/spec'
import { BREAKER_DEFAULTS, type BreakerOptions, type BreakerSettings, resolveBreaker } from './breaker-options.js'
import { type BulkheadLimits, type BulkheadOptions, resolveBulkhead, UNLIMITED } from './bulkhead.js'
import { type EarlyRefresh, resolveEarlyRefresh } from './early-refresh.js'
import type { EncryptionOptions } from './encryption-options.js'
import { invalidOption, refuseUnknown } from './errors.js'
import type { Isolation } from './isolation.js'
import type { Clock, Codec, Logger, RemoteFactory } from './ports.js'
import type { Tracing } from './tracing.js'
import { byteCount, type Duration, milliseconds, type Size } from './units.js'
import type { WatchOptions } from './watch-options.js'

/** What the memory tier does for a node that has not confirmed its place in the log for `maxStaleness`. */
export type PartitionPolicy = 'revalidate' | 'bypass' | 'serve'

/** `'memory'` reads memory under the bound; `'remote'` skips it and catches up with the log before it judges. */
export type Freshness = 'memory' | 'remote'

/** How one entry lives. Cascades: call over definition over `defaults` of the cache. */
export interface EntryOptions {
  /** Fresh for this long. Default `'1h'`. */
  ttl?: Duration
  /** Ttl of `null` and `undefined` results. Default: the same as `ttl`. */
  negativeTtl?: Duration
  /** After its ttl an entry is kept this long, to be served when loading fails or is slow. Default 0: not kept. */
  grace?: Duration
  /** After a failed load the stale value is served this long before the next attempt. Default `'10s'`. */
  graceThrottle?: Duration
  /** For this part of the grace a read is answered with the stale value at once and refreshes behind. Default 0. */
  staleWhileRevalidate?: Duration
  /** Share of the ttl after which a read refreshes behind the answer, above 0 and below 1. Default: never. */
  refreshAhead?: number
  /**
   * A read of a value that is close to its expiry, measured by how long its load took, may by chance refresh it behind
   * the answer, the likelier the closer (XFetch). `true` or `{ beta }`: above 1 earlier, below later. Default `false`.
   */
  earlyRefresh?: EarlyRefresh
  /** The ttl is shortened at random by up to this share, 0 to 1, so that entries do not expire together. Default 0. */
  jitter?: number
  /**
   * A load that takes longer is answered with the stale value, if there is one, and completes behind. Default: none.
   */
  softTimeout?: Duration
  /**
   * Nobody waits for a load, its turn and its retries included, for longer: `CacheTimeoutError`, or the stale value.
   * The loader's signal is aborted; while it goes on none the less, it remains the only load of its key. Default
   * `'30s'`.
   */
  hardTimeout?: Duration
  /** A load still under way this long after its hard timeout is taken for lost: another may begin. Default `'15m'`. */
  lostAfter?: Duration
  /**
   * How often a failed load is tried again, within its hard timeout: only for loads that are safe to repeat. Default 0.
   */
  retries?: number
  /**
   * Longest pause before the first retry; it doubles with each, and each is drawn at random from 0. Default `'100ms'`.
   */
  retryDelay?: Duration
  freshness?: Freshness
  onPartition?: PartitionPolicy
  /** The longest a lost invalidation message can go unnoticed; not `Infinity`. Default `'5s'`. */
  maxStaleness?: Duration
}

/** What decides which entries of memory are given up when a bound is reached: see docs/memory.md. */
export type MemoryPolicy = (typeof MEMORY_POLICIES)[number]

export const MEMORY_POLICIES = Object.freeze([
  'adaptive',
  'lru',
  'fifo',
  'sieve',
  's3-fifo',
  'arc',
  'w-tinylfu',
  'gdsf',
] as const)

/** Bounds of the memory tier. */
export interface MemoryOptions {
  /** Default 10,000. */
  maxEntries?: number
  /** Default `'256mb'`. */
  maxBytes?: Size
  /**
   * Share of V8's heap limit, above 0 and at most 1, above which the process is not to use its heap: the memory tier
   * holds less than `maxBytes` while the application needs the room. Default: not watched.
   */
  maxHeapShare?: number
  /** Keeps no entry as fresh for longer. Default `'5m'`. */
  ttl?: Duration
  /** What is given up first. Default `'adaptive'`: learns which of the others suits the traffic. */
  policy?: MemoryPolicy
  /** Bytes that a value occupies. Default: calculated from its shape. */
  sizeOf?: (value: unknown, key: string) => number
  /**
   * `'share'`: readers get the cached object itself. `'freeze'`: the same, deeply frozen when stored. `'clone'`: a
   * structured clone for each reader and writer. Default `'share'`.
   */
  isolate?: Isolation
}

/** Limits of the calls to the remote tier. */
export interface RemoteOptions {
  /**
   * A read that takes longer is answered without the remote tier. When nothing at all was answered for as long, the
   * remote tier is given up at once, until it answers probes again. Default `'80ms'`.
   */
  timeout?: Duration
  /**
   * A write or invalidation that takes longer, while other calls are answered, waits to be sent again. Default `'1s'`.
   */
  commitTimeout?: Duration
  /** Calls to the remote tier under way at a time; beyond, they fail at once. Default 10,000. */
  maxPending?: number
  /** When the remote tier is given up for a while, and for how long. */
  breaker?: BreakerOptions
  /**
   * A read that takes longer is answered with the stale value, if memory has one, and completes behind. Default: none.
   */
  softTimeout?: Duration
  /** How long a lease lasts unless renewed: the longest that a killed process delays others. Default `'5s'`. */
  lease?: Duration
  /** Compress encoded values of at least this size; `false` for never. Default `'1kb'`. */
  compressAbove?: Size | false
  /** Invalidations kept while the remote tier is away, the last one for each key. Default 10,000. */
  maxRecovery?: number
}

export interface CacheOptions extends WatchOptions {
  /** Prefix of everything in the remote tier: 1 to 64 of `A-Z a-z 0-9 . _ -`. Default `'tableforge'`. */
  namespace?: string
  /** Name of this process in logs and figures. Default: random. */
  node?: string
  memory?: MemoryOptions
  /** Default `inProcessRemote()`. */
  remote?: RemoteFactory
  remoteOptions?: RemoteOptions
  defaults?: EntryOptions
  /** Bounds the loads of each definition that does not say otherwise, and those of calls without one. Default: none. */
  bulkhead?: BulkheadOptions | false
  /** Shorthand for `defaults.maxStaleness` and `defaults.onPartition`. */
  maxStaleness?: Duration
  onPartition?: PartitionPolicy
  logger?: Logger
  /** Spans around loads and calls to the remote tier. Default: none. */
  tracing?: Tracing
  clock?: Clock
  codec?: Codec
  /**
   * Encrypts the values in the remote tier, and refuses those that were not encrypted with one of its keys. Default:
   * none.
   */
  encryption?: EncryptionOptions
}

/** {@link EntryOptions}, resolved: every duration in milliseconds. */
export interface ResolvedEntryOptions {
  readonly ttl: number
  readonly negativeTtl: number | undefined
  readonly grace: number
  readonly graceThrottle: number
  readonly staleWhileRevalidate: number
  readonly refreshAhead: number | undefined
  /** Beta of the early refresh; 0 for never. */
  readonly earlyRefresh: number
  readonly jitter: number
  readonly softTimeout: number
  readonly hardTimeout: number
  readonly lostAfter: number
  readonly retries: number
  readonly retryDelay: number
  readonly freshness: Freshness
  readonly onPartition: PartitionPolicy
  readonly maxStaleness: number
}

export interface ResolvedOptions {
  readonly namespace: string
  readonly node: string
  readonly memory: {
    readonly maxEntries: number
    readonly maxBytes: number
    readonly maxHeapShare: number | undefined
    readonly ttl: number
    readonly policy: MemoryPolicy
    readonly sizeOf: ((value: unknown, key: string) => number) | undefined
    readonly isolate: Isolation
  }
  readonly remoteOptions: {
    readonly timeout: number
    readonly softTimeout: number
    readonly commitTimeout: number
    readonly maxPending: number
    readonly breaker: BreakerSettings
    readonly lease: number
    readonly compressAbove: number
    readonly maxRecovery: number
  }
  readonly defaults: ResolvedEntryOptions
  readonly bulkhead: BulkheadLimits
}

/** Every default of the library, in the units of the resolved options (milliseconds, bytes). */
export const DEFAULTS = Object.freeze({
  namespace: 'tableforge',
  memory: Object.freeze({
    maxEntries: 10_000,
    maxBytes: 256 * 1_048_576,
    maxHeapShare: undefined,
    ttl: 300_000,
    policy: 'adaptive' as const,
    sizeOf: undefined,
    isolate: 'share' as const,
  }),
  remoteOptions: Object.freeze({
    timeout: 80,
    softTimeout: Number.POSITIVE_INFINITY,
    commitTimeout: 1_000,
    maxPending: 10_000,
    breaker: BREAKER_DEFAULTS,
    lease: 5_000,
    compressAbove: 1_024,
    maxRecovery: 10_000,
  }),
  defaults: Object.freeze({
    ttl: 3_600_000,
    negativeTtl: undefined,
    grace: 0,
    graceThrottle: 10_000,
    staleWhileRevalidate: 0,
    refreshAhead: undefined,
    earlyRefresh: 0,
    jitter: 0,
    softTimeout: Number.POSITIVE_INFINITY,
    hardTimeout: 30_000,
    lostAfter: 900_000,
    retries: 0,
    retryDelay: 100,
    freshness: 'memory' as const,
    onPartition: 'revalidate' as const,
    maxStaleness: 5_000,
  }),
  bulkhead: UNLIMITED,
})

const ENTRY_OPTION_NAMES = new Set(Object.keys(DEFAULTS.defaults))
const CACHE_OPTION_NAMES = new Set<string>([
  'namespace',
  'node',
  'memory',
  'remote',
  'remoteOptions',
  'defaults',
  'bulkhead',
  'maxStaleness',
  'onPartition',
  'history',
  'alerts',
  'slo',
  'heavyHitters',
  'tracing',
  'logger',
  'clock',
  'codec',
  'encryption',
])
const NAMESPACE = /^[A-Za-z0-9._-]{1,64}$/

/** Validates and completes the options of a cache; the result is frozen. `node` is used when none is given. */
export function resolveOptions(options: CacheOptions, node: string): ResolvedOptions {
  refuseUnknown('createCache', options, CACHE_OPTION_NAMES)
  const memory = options.memory ?? {}
  const remote = options.remoteOptions ?? {}
  refuseUnknown('memory', memory, new Set(Object.keys(DEFAULTS.memory)))
  refuseUnknown('remoteOptions', remote, new Set(Object.keys(DEFAULTS.remoteOptions)))
  refuseUnknown('defaults', options.defaults ?? {}, ENTRY_OPTION_NAMES)

  const namespace = options.namespace ?? DEFAULTS.namespace
  if (typeof namespace !== 'string' || !NAMESPACE.test(namespace)) {
    throw invalidOption('namespace', namespace, '1 to 64 characters of A-Z a-z 0-9 . _ -')
  }
  if (options.node !== undefined && (typeof options.node !== 'string' || !NAMESPACE.test(options.node))) {
    throw invalidOption('node', options.node, '1 to 64 characters of A-Z a-z 0-9 . _ -')
  }
  if (options.remote !== undefined && typeof options.remote?.open !== 'function') {
    throw invalidOption('remote', options.remote, 'inProcessRemote() or redis({ ... })')
  }
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    if (options.logger !== undefined && typeof options.logger?.[level] !== 'function') {
      throw invalidOption('logger', options.logger, `a logger with the method ${level}(details, message)`)
    }
  }
  const { maxHeapShare } = memory
  if (maxHeapShare !== undefined && !(maxHeapShare > 0 && maxHeapShare <= 1)) {
    throw invalidOption('memory.maxHeapShare', maxHeapShare, 'a share of the heap limit above 0 and at most 1')
  }
  for (const method of ['now', 'monotonic', 'setTimeout', 'clearTimeout', 'random'] as const) {
    if (options.clock !== undefined && typeof options.clock?.[method] !== 'function')
      throw invalidOption('clock', options.clock, `a clock with the method ${method}`)
  }
  for (const method of ['encode', 'decode'] as const) {
    if (options.codec !== undefined && typeof options.codec?.[method] !== 'function')
      throw invalidOption('codec', options.codec, `a codec with the method ${method}`)
  }
  for (const span of ['load', 'join', 'remote'] as const) {
    if (options.tracing !== undefined && typeof options.tracing?.[span] !== 'function') {
      throw invalidOption('tracing', options.tracing, 'openTelemetryTracing() of @tableforge/cache/opentelemetry')
    }
  }
  if (memory.sizeOf !== undefined && typeof memory.sizeOf !== 'function') {
    throw invalidOption('memory.sizeOf', memory.sizeOf, 'a function (value, key) => bytes')
  }

  const defaults = resolveEntryOptions('defaults', DEFAULTS.defaults, {
    ...(options.maxStaleness === undefined ? {} : { maxStaleness: options.maxStaleness }),
    ...(options.onPartition === undefined ? {} : { onPartition: options.onPartition }),
    ...options.defaults,
  })
  const remoteTimeout = positive(
    'remoteOptions.timeout',
    remote.timeout ?? DEFAULTS.remoteOptions.timeout,
    milliseconds,
  )
  return Object.freeze({
    namespace,
    node: options.node ?? node,
    memory: Object.freeze({
      maxEntries: wholeNumber('memory.maxEntries', memory.maxEntries ?? DEFAULTS.memory.maxEntries),
      maxBytes: positive('memory.maxBytes', memory.maxBytes ?? DEFAULTS.memory.maxBytes, byteCount),
      maxHeapShare: memory.maxHeapShare,
      ttl: positive('memory.ttl', memory.ttl ?? DEFAULTS.memory.ttl, milliseconds),
      policy: oneOf('memory.policy', memory.policy ?? DEFAULTS.memory.policy, MEMORY_POLICIES),
      sizeOf: memory.sizeOf,
      isolate: oneOf('memory.isolate', memory.isolate ?? DEFAULTS.memory.isolate, [
        'share',
        'freeze',
        'clone',
      ] as const),
    }),
    remoteOptions: Object.freeze({
      timeout: remoteTimeout,
      softTimeout: softTimeoutWithin('remoteOptions', remote.softTimeout, DEFAULTS.remoteOptions.softTimeout, {
        timeout: remoteTimeout,
      }),
      commitTimeout: positive(
        'remoteOptions.commitTimeout',
        remote.commitTimeout ?? Math.max(remoteTimeout, DEFAULTS.remoteOptions.commitTimeout),
        milliseconds,
      ),
      maxPending: wholeNumber('remoteOptions.maxPending', remote.maxPending ?? DEFAULTS.remoteOptions.maxPending),
      breaker: resolveBreaker('remoteOptions.breaker', remote.breaker, remoteTimeout),
      lease: ending('remoteOptions.lease', remote.lease ?? DEFAULTS.remoteOptions.lease),
      compressAbove:
        remote.compressAbove === false
          ? Number.POSITIVE_INFINITY
          : byteCount('remoteOptions.compressAbove', remote.compressAbove ?? DEFAULTS.remoteOptions.compressAbove),
      maxRecovery: wholeNumber('remoteOptions.maxRecovery', remote.maxRecovery ?? DEFAULTS.remoteOptions.maxRecovery),
    }),
    defaults,
    bulkhead: resolveBulkhead('bulkhead', options.bulkhead),
  })
}

/** Lays `over` on `base`, validating what it changes; `where` prefixes the names in errors. */
export function resolveEntryOptions(
  where: string,
  base: ResolvedEntryOptions,
  over: EntryOptions | undefined,
): ResolvedEntryOptions {
  if (over === undefined) return base
  const name = (option: string) => `${where}.${option}`
  const duration = (option: 'grace' | 'graceThrottle' | 'staleWhileRevalidate' | 'lostAfter' | 'retryDelay') =>
    over[option] === undefined ? base[option] : milliseconds(name(option), over[option])
  const hardTimeout =
    over.hardTimeout === undefined ? base.hardTimeout : positive(name('hardTimeout'), over.hardTimeout, milliseconds)

  const resolved = {
    ttl: over.ttl === undefined ? base.ttl : positive(name('ttl'), over.ttl, milliseconds),
    negativeTtl:
      over.negativeTtl === undefined ? base.negativeTtl : positive(name('negativeTtl'), over.negativeTtl, milliseconds),
    grace: duration('grace'),
    graceThrottle: duration('graceThrottle'),
    staleWhileRevalidate: duration('staleWhileRevalidate'),
    refreshAhead: over.refreshAhead ?? base.refreshAhead,
    earlyRefresh:
      over.earlyRefresh === undefined
        ? base.earlyRefresh
        : resolveEarlyRefresh(name('earlyRefresh'), over.earlyRefresh),
    jitter: over.jitter ?? base.jitter,
    softTimeout: softTimeoutWithin(where, over.softTimeout, base.softTimeout, { hardTimeout }),
    hardTimeout,
    lostAfter: duration('lostAfter'),
    retries: over.retries ?? base.retries,
    retryDelay: duration('retryDelay'),
    freshness: oneOf(name('freshness'), over.freshness ?? base.freshness, ['memory', 'remote'] as const),
    onPartition: oneOf(name('onPartition'), over.onPartition ?? base.onPartition, [
      'revalidate',
      'bypass',
      'serve',
    ] as const),
    maxStaleness: over.maxStaleness === undefined ? base.maxStaleness : ending(name('maxStaleness'), over.maxStaleness),
  }
  if (resolved.refreshAhead !== undefined && !(resolved.refreshAhead > 0 && resolved.refreshAhead < 1)) {
    throw invalidOption(name('refreshAhead'), resolved.refreshAhead, 'a share of the ttl above 0 and below 1')
  }
  if (!(resolved.jitter >= 0 && resolved.jitter <= 1)) {
    throw invalidOption(name('jitter'), resolved.jitter, 'a share of the ttl from 0 to 1')
  }
  if (!Number.isSafeInteger(resolved.retries) || resolved.retries < 0) {
    throw invalidOption(name('retries'), resolved.retries, 'a whole number of at least 0')
  }
  if (resolved.staleWhileRevalidate > resolved.grace) {
    throw invalidOption(
      name('staleWhileRevalidate'),
      over.staleWhileRevalidate ?? resolved.staleWhileRevalidate,
      `at most the grace (${resolved.grace} ms), within which stale values are kept`,
    )
  }
  return Object.freeze(resolved)
}

/** A soft timeout has a meaning only below the hard one, which `hard` names. */
function softTimeoutWithin(
  where: string,
  given: Duration | undefined,
  otherwise: number,
  hard: { readonly hardTimeout: number } | { readonly timeout: number },
): number {
  const softTimeout = given === undefined ? otherwise : milliseconds(`${where}.softTimeout`, given)
  const [[hardName, hardMs]] = Object.entries(hard) as [[string, number]]
  if (softTimeout !== Number.POSITIVE_INFINITY && softTimeout >= hardMs)
    throw invalidOption(`${where}.softTimeout`, given ?? softTimeout, `less than ${hardName} (${hardMs} ms)`)
  return softTimeout
}

export function isEntryOption(name: string): boolean {
  return ENTRY_OPTION_NAMES.has(name)
}

/** A count of at least 1; throws a `CacheError` that names the option. */
export function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw invalidOption(name, value, 'a whole number of at least 1')
  return value
}

function positive<T>(name: string, value: T, read: (name: string, value: T) => number): number {
  const result = read(name, value)
  if (!(result > 0)) throw invalidOption(name, value, 'more than 0')
  return result
}

/** A duration that other processes rely upon to be over some day. */
function ending(name: string, duration: Duration): number {
  const result = positive(name, duration, milliseconds)
  if (result === Number.POSITIVE_INFINITY) throw invalidOption(name, duration, 'a duration that ends')
  return result
}

export function oneOf<const T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) throw invalidOption(name, value, allowed.map((one) => `'${one}'`).join(' or '))
  return value
}

export type { StandardSchemaV1 }
