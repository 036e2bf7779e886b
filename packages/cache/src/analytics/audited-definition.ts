import type { Definition } from '../definition.js'
import { CacheError, invalidArgument, invalidOption, refuseUnknown, show, wrongOption } from '../errors.js'
import { LoadContext } from '../load-context.js'
import { sameContent } from './same-content.js'

/** What a value is known by. Numbers and bigints are ordered, and a successor is one more; strings only differ. */
export type Version = string | number | bigint

/** What the origin holds, without the value itself. */
export interface OriginState {
  readonly version: Version
  /** When the origin came to hold it: wall time in milliseconds, or a `Date`. */
  readonly changedAt?: number | Date | undefined
}

type Asked<Args extends unknown[], T> = (...args: [...Args, context: LoadContext]) => T | Promise<T>

/** How the truth about one definition is found. Either `origin`, or `originVersion` with `version`, is needed. */
export interface TruthSource<Args extends unknown[], V> {
  /** Reads the value from where it is true now: the primary, past every cache. A definition's `load` fits. */
  readonly origin?: Asked<Args, V>
  /** Reads only what the value is known by, where that is cheaper. `undefined` or `null`: there is none any more. */
  readonly originVersion?: Asked<Args, OriginState | Version | undefined | null>
  /** The version that a value carries. Counters (each change one more) make ages exact, together with `changedAt`. */
  readonly version?: (value: V) => Version
  /** When the origin came to hold the value that it answers with: wall time in milliseconds, or a `Date`. */
  readonly changedAt?: (value: V) => number | Date
  /**
   * Whether a cached value and the origin's are the same, where there is no `version`. Default: deep equality of
   * content.
   */
  readonly equal?: (cached: V, current: V) => boolean
}

/** A definition to be audited, with its {@link TruthSource}; made by {@link audited}. */
export interface AuditedDefinition {
  readonly name: string
  readonly definition: object
  /** Asks the origin. Rejects with whatever it threw. */
  ask(key: string, args: readonly unknown[], signal: AbortSignal): Promise<Truth>
  /** Whether two values from the cache are the same one, by version or content. */
  alike(a: unknown, b: unknown): boolean
  /** What memory would answer a read with at this moment. */
  peek(args: readonly unknown[]): { readonly value: unknown } | undefined
  readonly freshness: 'memory' | 'remote'
  readonly readOptions: Pick<Definition<unknown[], unknown>['options'], 'freshness' | 'maxStaleness' | 'onPartition'>
}

/** How a value from the cache stands to the origin's: `different` is older or newer, nobody can tell. */
export type Relation = 'same' | 'older' | 'newer' | 'different'

/** What the origin answered, ready to be compared with. */
export interface Truth {
  relationOf(cached: unknown): Relation
  /** The origin's value replaced the cached one directly: nothing was in between. */
  succeeds(cached: unknown): boolean
  /** Wall time in milliseconds. */
  readonly changedAt: number | undefined
}

const SOURCE_NAMES = new Set(['origin', 'originVersion', 'version', 'changedAt', 'equal'])

/**
 * Joins a definition with the source of its truth, for `createConsistencyAuditor`. Throws when the source cannot tell.
 */
export function audited<Args extends unknown[], V, Read>(
  definition: Definition<Args, V, Read>,
  source: NoInfer<TruthSource<Args, V>>,
): AuditedDefinition {
  if (typeof definition?.peek !== 'function') throw invalidArgument('audited', definition, 'a definition')
  const where = `audited('${definition.name}')`
  checkSource(where, source)
  const { freshness, maxStaleness, onPartition } = definition.options
  return Object.freeze({
    name: definition.name,
    definition,
    freshness,
    readOptions: { freshness, maxStaleness, onPartition },
    ask: (key: string, args: readonly unknown[], signal: AbortSignal) =>
      ask(source, [...(args as Args), new LoadContext(key, signal)]),
    alike: (a: unknown, b: unknown) => alike(source, a as V, b as V),
    peek(args: readonly unknown[]) {
      const found = definition.peek(...(args as Args))
      return found?.state === 'fresh' ? found : undefined
    },
  })
}

function checkSource(where: string, source: object): void {
  refuseUnknown(where, source, SOURCE_NAMES)
  for (const [name, part] of Object.entries(source)) {
    if (part !== undefined && typeof part !== 'function') throw invalidOption(`${where}.${name}`, part, 'a function')
  }
  const { origin, originVersion, version } = source as TruthSource<unknown[], unknown>
  if (origin === undefined && originVersion === undefined)
    throw wrongOption(where, 'neither', 'origin, or originVersion with version')
  if (originVersion !== undefined && version === undefined)
    throw invalidOption(`${where}.version`, version, 'a function that tells the version of a cached value')
}

async function ask<Args extends unknown[], V>(
  source: TruthSource<Args, V>,
  args: [...Args, LoadContext],
): Promise<Truth> {
  const { origin, originVersion, version, changedAt, equal = sameContent } = source
  if (originVersion !== undefined) {
    const answer = await originVersion(...args)
    if (isNothing(answer)) return GONE
    const state = typeof answer === 'object' ? answer : { version: answer }
    return versioned(version as (value: V) => Version, state.version, state.changedAt)
  }
  const current = await (origin as Asked<Args, V>)(...args)
  if (isNothing(current)) return GONE
  if (version !== undefined) return versioned(version, version(current), changedAt?.(current))
  const currentAt = time(changedAt?.(current))
  return {
    changedAt: currentAt,
    succeeds: () => false,
    relationOf(cached) {
      if (isNothing(cached)) return 'different'
      if (equal(cached as V, current)) return 'same'
      const cachedAt = time(changedAt?.(cached as V))
      if (cachedAt === undefined || currentAt === undefined || cachedAt === currentAt) return 'different'
      return cachedAt < currentAt ? 'older' : 'newer'
    },
  }
}

function alike<Args extends unknown[], V>(source: TruthSource<Args, V>, a: V, b: V): boolean {
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b)
  const { version, equal = sameContent } = source
  return version === undefined ? equal(a, b) : version(a) === version(b)
}

/** The origin holds nothing (any more), and does not say since when. */
const GONE: Truth = {
  changedAt: undefined,
  succeeds: () => false,
  relationOf: (cached) => (isNothing(cached) ? 'same' : 'different'),
}

function versioned<V>(version: (value: V) => Version, current: Version, changedAt: number | Date | undefined): Truth {
  checkVersion(current)
  const ofCached = (cached: unknown) => (isNothing(cached) ? undefined : checkVersion(version(cached as V)))
  return {
    changedAt: time(changedAt),
    succeeds(cached) {
      const own = ofCached(cached)
      if (own === undefined || typeof own === 'string' || typeof current === 'string') return false
      if (typeof own === 'bigint' && typeof current === 'bigint') return current - own === 1n
      return Number(current) - Number(own) === 1
    },
    relationOf(cached) {
      const own = ofCached(cached)
      // biome-ignore lint/suspicious/noDoubleEquals: 3 and 3n are one version; a string is compared with strings only
      if (own !== undefined && (typeof own === 'string') === (typeof current === 'string') && own == current)
        return 'same'
      if (own === undefined || typeof own === 'string' || typeof current === 'string') return 'different'
      return own < current ? 'older' : 'newer'
    },
  }
}

function checkVersion(version: Version): Version {
  const valid =
    typeof version === 'string' ||
    typeof version === 'bigint' ||
    (typeof version === 'number' && Number.isFinite(version))
  if (valid) return version
  throw new CacheError(
    'invalid-argument',
    `version: expected a string, a finite number or a bigint, got ${show(version)}`,
  )
}

function time(at: number | Date | undefined | null): number | undefined {
  if (at === undefined || at === null) return undefined
  const ms = typeof at === 'number' ? at : at instanceof Date ? at.getTime() : Number.NaN
  if (Number.isFinite(ms)) return ms
  throw new CacheError('invalid-argument', `changedAt: expected milliseconds or a valid Date, got ${show(at)}`)
}

function isNothing(value: unknown): value is undefined | null {
  return value === undefined || value === null
}
