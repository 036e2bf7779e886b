import { randomBytes } from 'node:crypto'
import { Cache } from './cache.js'
import { systemClock } from './clock.js'
import { withHeads } from './codec.js'
import { CacheError } from './errors.js'
import { compilePattern } from './matching/pattern.js'
import { inProcessRemote } from './memory/in-process-remote.js'
import { createMemoryTier } from './memory/memory-tier.js'
import { createCounterSource } from './observability/counters.js'
import { healthOf } from './observability/health.js'
import { createKeyTrace } from './observability/key-trace.js'
import { lazyWatch, unwatched } from './observability/lazy-watch.js'
import { tracedRemote } from './observability/opentelemetry/traced-remote.js'
import { resolveWatchOptions } from './observability/resolve-watch-options.js'
import { statsOf } from './observability/stats.js'
import { type CacheOptions, type ResolvedOptions, resolveOptions } from './options.js'
import type { Clock, Codec, Logger, RemoteTier } from './ports.js'
import { guardRemote } from './resilience/guarded-remote.js'
import { yieldToHeap } from './resilience/heap-pressure.js'
import { v8Heap } from './resilience/v8-heap.js'
import { defaultCodec } from './serialization/default-codec.js'
import { encrypted } from './serialization/encryption.js'
import type { CacheHealth, CacheStats } from './stats.js'
import { Tiers, type WithoutParts } from './tiers.js'
import type { Watching } from './watching.js'

const SILENT: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const COMPLETE: WithoutParts = Object.freeze({ fence: false, lease: false, replay: false, heartbeat: false })
const SLOW_PING_MS = 50

/**
 * A cache: process memory in front of a remote tier in front of your loaders, kept truthful by an invalidation log.
 * Options are validated here, once; a `CacheError` of code `invalid-option` names what is wrong. The remote tier is
 * connected in the background: await `cache.ready()` to know.
 */
export function createCache(options: CacheOptions = {}): Cache {
  return composeCache(options, COMPLETE)
}

/**
 * As {@link createCache}, with parts of the protocol switched off, for proofs that they are needed. Exported by
 * `testing` only.
 */
export function composeCache(options: CacheOptions, without: WithoutParts): Cache {
  // Two processes with one configuration must not take each other's messages for their own.
  const suffix = randomBytes(4).toString('hex')
  const resolved = resolveOptions(options, `node-${suffix}`)
  const node = options.node === undefined ? resolved.node : `${resolved.node}-${suffix}`
  const clock = options.clock ?? systemClock
  const logger = options.logger ?? SILENT
  const counters = createCounterSource(clock)
  const opened = (options.remote ?? inProcessRemote()).open({ namespace: resolved.namespace, node, clock, logger })
  const { timeout, commitTimeout, maxPending, breaker } = resolved.remoteOptions
  const guard = guardRemote(opened, {
    clock,
    timeoutMs: timeout,
    commitTimeoutMs: commitTimeout,
    maxPending,
    breaker,
    onState(state, reason, afterMs) {
      tiers.events.emit({ type: 'breaker', state, reason, ...(afterMs !== undefined && { afterMs }) })
      // Nobody waits for the end of a lease in a remote tier that is not asked any more.
      if (state === 'open') tiers.waiters.wakeAll()
      // What was missed and what waits to be sent must not wait for the next heartbeat.
      if (state === 'closed') void tiers.log.heartbeat()
    },
  })
  const memory = createMemoryTier({ ...resolved.memory, clock })
  const tiers: Tiers = new Tiers({
    options: { ...resolved, node },
    memory,
    remote: options.tracing === undefined ? guard.remote : tracedRemote(guard.remote, options.tracing),
    tracing: options.tracing,
    codec: withHeads(codecOf(options, resolved, guard.remote, clock)),
    clock,
    logger,
    counters,
    compilePattern,
    without,
  })
  const { maxHeapShare, maxBytes } = resolved.memory
  if (maxHeapShare !== undefined)
    tiers.events.on('close', yieldToHeap({ heap: v8Heap, memory, maxHeapShare, maxBytes }))
  const trace = createKeyTrace({ events: tiers.events, clock, compile: compilePattern })
  const processFigures = () => ({
    node,
    at: clock.now(),
    uptimeMs: counters.uptimeMs(),
    memory: tiers.memory.figures(),
    policy: tiers.memory.policy(),
    remote: {
      kind: opened.kind,
      state: opened.state(),
      breaker: guard.breakerState,
      writeRefusal: guard.writeRefusal,
    },
    log: tiers.logStats(),
    flights: tiers.flights.size,
    bypassed: (['memory', 'remote'] as const).filter((tier) => tiers.bypassed[tier]),
  })
  const stats = (): CacheStats => ({
    namespace: resolved.namespace,
    ...processFigures(),
    ...statsOf(counters.definitions),
    loads: {
      running: tiers.bulkheads.reduce((sum, { running }) => sum + running, 0),
      waiting: tiers.bulkheads.reduce((sum, { waiting }) => sum + waiting, 0),
      overdue: tiers.flights.overdue,
    },
  })
  const health = async (): Promise<CacheHealth> => {
    const pingMs = await ping(tiers.remote, clock)
    const { memory, remote, log, bypassed } = stats()
    return healthOf({
      memory,
      remoteState: remote.state,
      breaker: remote.breaker,
      writeRefusal: remote.writeRefusal,
      now: clock.now(),
      log,
      bypassed,
      pingMs,
      maxStalenessMs: resolved.defaults.maxStaleness,
      slowPingMs: SLOW_PING_MS,
    })
  }
  const watch = (cache: Cache): Watching => {
    const watched = resolveWatchOptions(options, resolved.defaults.maxStaleness)
    if (watched === undefined) return unwatched()
    const source = {
      namespace: resolved.namespace,
      node,
      clock,
      logger,
      counters,
      events: tiers.events,
      memory: tiers.memory,
      board: opened.board,
      process: processFigures,
      health,
      sampleReads: cache.sampleReads.bind(cache),
      definitionOf: (key: string) => tiers.definitions.ownerOf(key),
      bypass: tiers.bypass.bind(tiers),
      fetch: (url: string, init: RequestInit) => fetch(url, init),
    }
    return lazyWatch(source, watched)
  }
  return new Cache(tiers, { stats, health, tracer: trace, watch })
}

function codecOf(options: CacheOptions, resolved: ResolvedOptions, remote: RemoteTier, clock: Clock): Codec {
  const { encryption, codec: given } = options
  const { compressAbove } = resolved.remoteOptions
  // Structures lie beside the values, readable, and the names of properties may be as secret as what they hold.
  const structures = encryption === undefined ? remote.structures : undefined
  const codec =
    given ??
    defaultCodec({
      compressAbove,
      structures,
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
    })
  return encryption === undefined ? codec : encrypted(codec, { ...encryption, context: resolved.namespace })
}

async function ping(remote: RemoteTier, clock: Clock): Promise<number | 'refused' | undefined> {
  const startedAt = clock.monotonic()
  try {
    await remote.log.position()
    return clock.monotonic() - startedAt
  } catch (error) {
    // Health says that there was none, or not the right one; why is in the events and in the state of the tier.
    return error instanceof CacheError && error.code === 'remote-failed' ? 'refused' : undefined
  }
}
