import { type EntryHead, type MemoryEntry, stateOf } from './entry.js'
import { CacheError, invalidOption, reasonOf, refuseUnknown } from './errors.js'
import type { KeyInspection, KeyTraceEvent, TierInspection } from './stats.js'
import type { Tiers } from './tiers.js'

export interface InspectOptions {
  /**
   * Whether to trace the key's hits and misses too for the next minute, which costs every hit an event. Default true.
   */
  readonly watch?: boolean
}

const OPTION_NAMES = new Set(['watch'])

/** What happened to a key lately; asking with `watch` also makes it remember the key for a while. */
export interface KeyTracer {
  of(key: string, tags: readonly string[], watch: boolean): KeyTraceEvent[]
  close(): void
}

/**
 * Looks at a key in every tier without changing anything: no use is counted, nothing is filled. Never rejects
 * because of the remote tier: why that could not tell is said in the answer.
 */
export async function inspectKey(
  tiers: Tiers,
  tracer: KeyTracer,
  key: string,
  options: InspectOptions,
): Promise<KeyInspection> {
  refuseUnknown('inspect', options, OPTION_NAMES)
  const { watch = true } = options
  if (typeof watch !== 'boolean') throw invalidOption('inspect.watch', watch, 'true or false')
  const inMemory = tiers.memory.peek(key)
  const inRemote = await inspectRemote(tiers, key)
  return {
    key,
    memory: inMemory === undefined ? undefined : inspectMemory(tiers, key, inMemory),
    ...inRemote,
    trace: tracer.of(key, inMemory?.tags ?? inRemote.remote?.tags ?? [], watch),
  }
}

function inspectMemory(tiers: Tiers, key: string, entry: MemoryEntry): TierInspection {
  const now = tiers.clock.now()
  const verdict = entry.judgedAt === tiers.validity.revision ? 'valid' : tiers.verdictOn(key, entry)
  const suspect = entry.generation !== tiers.log.generation
  const invalid = verdict === 'deleted' || verdict === 'unknown' || suspect
  return {
    state: invalid ? 'invalid' : verdict === 'expired' ? 'stale' : stateOf(entry, now),
    ageMs: now - entry.createdAt,
    remainingTtlMs: Math.max(0, entry.freshUntil - now),
    tags: entry.tags,
    epoch: entry.epoch,
    asOf: entry.asOf,
    bytes: tiers.memory.bytesOf(key),
  }
}

async function inspectRemote(tiers: Tiers, key: string): Promise<Pick<KeyInspection, 'remote' | 'remoteUnknown'>> {
  try {
    const [bytes] = await tiers.remote.get([key])
    if (bytes === undefined) return { remote: undefined }
    const entry = tiers.codec.decodeHead(bytes, key)
    const unknown = tiers.validity.unknownTags(entry.tags)
    if (unknown.length > 0) {
      const known = await tiers.log.lookUp(unknown)
      tiers.validity.learn(unknown, known.tags, known.floor)
    }
    return { remote: { ...describe(tiers, key, entry), bytes: bytes.byteLength } }
  } catch (error) {
    tiers.failed('inspect', error, key)
    return { remote: undefined, remoteUnknown: whyUnknown(error) }
  }
}

function whyUnknown(error: unknown): string {
  const reason = reasonOf(error)
  const silent = error instanceof CacheError && error.code.startsWith('remote-')
  return silent ? `the remote tier does not answer (${reason})` : reason
}

function describe(tiers: Tiers, key: string, entry: EntryHead): Omit<TierInspection, 'bytes'> {
  const ageMs = tiers.clock.now() - entry.createdAt
  const verdict = tiers.validity.judgeRemote(key, entry)
  const remainingTtlMs = verdict === 'valid' ? Math.max(0, entry.ttl - ageMs) : 0
  return {
    state: verdict === 'deleted' ? 'invalid' : remainingTtlMs > 0 ? 'fresh' : 'stale',
    ageMs,
    remainingTtlMs,
    tags: entry.tags,
    epoch: entry.epoch,
    asOf: entry.asOf,
  }
}
