import { CacheError, show } from '../errors.js'
import type { InvalidationMode } from '../ports.js'
import type { Receipt } from '../writes.js'

/** What `entry`, `entries` and `whole` need of a definition: every `Definition` of the cache has it. */
export interface KeyedDefinition<Args extends readonly unknown[]> {
  readonly name: string
  keyOf(...args: Args): string
  keyOfInput(input: InputOf<Args>): string
}

/** What identifies one entry of a definition: its argument, or the tuple of its arguments when there are several. */
export type InputOf<Args extends readonly unknown[]> = Args extends readonly [infer Only] ? Only : Args

export interface KeyTarget {
  readonly kind: 'key'
  readonly key: string
  readonly mode: InvalidationMode
}

/**
 * What an updater answers: the receipt of its `set`, or `false` when it could not update (a version is missing, nothing
 * is cached), so that the entry is invalidated instead.
 */
export type PatchAnswer = Receipt | false

/** Updates a cached entry where it is. `signal` is aborted when the time allowed for it is over. */
export type Patch = (signal: AbortSignal) => PatchAnswer | Promise<PatchAnswer>

/** One thing that an event makes untrue, or updates. Made by the functions below. */
export type Target =
  | KeyTarget
  | { readonly kind: 'tag'; readonly tag: string; readonly mode: InvalidationMode }
  | { readonly kind: 'pattern'; readonly glob: string; readonly mode: InvalidationMode }
  | { readonly kind: 'regex'; readonly regex: RegExp; readonly mode: InvalidationMode }
  | { readonly kind: 'everything' }
  | { readonly kind: 'patch'; readonly key: string; readonly apply: Patch }

/** What a rule returns: targets, nested as is convenient; `false`, `null` and `undefined` stand for nothing. */
export type Targets = Target | false | null | undefined | readonly Targets[]

/** One entry of a definition. */
export function entry<Args extends readonly unknown[]>(definition: KeyedDefinition<Args>, ...args: Args): KeyTarget {
  return key(definition.keyOf(...args))
}

/** Several entries of a definition. An input is the argument, or the tuple of arguments when there are several. */
export function entries<Args extends readonly unknown[]>(
  definition: KeyedDefinition<Args>,
  inputs: Iterable<InputOf<Args>>,
): readonly KeyTarget[] {
  return Array.from(inputs, (input) => key(definition.keyOfInput(input)))
}

/** Every entry of a definition, however many: O(1). */
export function whole(definition: { readonly name: string }): Target {
  return tag(definition.name)
}

/** The entry under a full key, for entries that belong to no definition. */
export function key(name: string): KeyTarget {
  return { kind: 'key', key: name, mode: 'delete' }
}

/** Every entry that carries the tag. */
export function tag(name: string): Target {
  return { kind: 'tag', tag: name, mode: 'delete' }
}

/**
 * Every entry whose key matches: `*` any run of characters, `?` one, `\` escapes. Prefer tags where there is a choice.
 */
export function pattern(glob: string): Target {
  return { kind: 'pattern', glob, mode: 'delete' }
}

/** Every entry whose key matches the expression. */
export function regex(expression: RegExp): Target {
  return { kind: 'regex', regex: expression, mode: 'delete' }
}

/** The whole namespace. */
export function everything(): Target {
  return { kind: 'everything' }
}

/**
 * Updates an entry where it is instead of deleting it. `apply` gets one attempt; when it throws, answers `false`, takes
 * too long, or when anybody's invalidation overtook it, the entry is deleted, so that the next read loads the truth.
 */
export function patch(target: KeyTarget, apply: Patch): Target {
  return { kind: 'patch', key: target.key, apply }
}

/**
 * The same targets, softly: entries are past their ttl at once, but kept for their grace while they are loaded again.
 */
export function expire(...targets: Targets[]): readonly Target[] {
  return flatten(targets).map((target) => {
    if (target.kind === 'everything' || target.kind === 'patch') {
      throw new CacheError(
        'invalid-argument',
        `expire: expected entries, tags, patterns or definitions, got ${target.kind}`,
      )
    }
    return { ...target, mode: 'expire' }
  })
}

/** The targets in order, without nesting and without nothing. Throws for what is not a target. */
export function flatten(targets: Targets): Target[] {
  if (targets === false || targets === null || targets === undefined) return []
  if (Array.isArray(targets)) return targets.flatMap(flatten)
  const target = targets as Target
  if (typeof target !== 'object' || !KINDS.has(target.kind)) {
    throw new CacheError(
      'invalid-argument',
      `targets: expected what entry(), entries(), whole(), key(), tag(), pattern(), regex(), patch() or everything() return, got ${show(targets)}`,
    )
  }
  if (target.kind === 'patch' && typeof target.apply !== 'function') {
    throw new CacheError(
      'invalid-argument',
      `patch: expected a function that updates the entry, got ${show(target.apply)}`,
      {
        key: target.key,
      },
    )
  }
  return [target]
}

const KINDS: ReadonlySet<string> = new Set<Target['kind']>(['key', 'tag', 'pattern', 'regex', 'everything', 'patch'])
