import type { EntryState } from './entry.js'
import { invalidArgument, invalidOption, wrongOption } from './errors.js'
import type { TierName } from './events.js'
import type { Family } from './family.js'
import type { BoundLoader } from './load-context.js'
import { type EntryOptions, isEntryOption, resolveEntryOptions } from './options.js'

/** Options of one call: the entry's life, and for reads whether to answer with details. */
export interface CallOptions extends EntryOptions {
  /** Tags of the entry that this call loads or sets. */
  tags?: readonly string[]
}

export interface ReadOptions extends CallOptions {
  details?: false
}

export interface DetailedReadOptions extends CallOptions {
  details: true
}

/** A value with where it came from and in what state. */
export interface Details<V> {
  readonly value: V
  readonly state: EntryState
  readonly tier: TierName
}

/** What `peek` found in memory. */
export interface Peeked<V> {
  readonly value: V
  readonly state: EntryState
  readonly tier: 'memory'
}

/** A family with the options of one call laid over it. */
export interface CalledFamily {
  readonly family: Family
  readonly tags: readonly string[] | undefined
  readonly details: boolean
}

/** The family of a call with options of its own, laid over the family's. */
export function calledFamily(
  family: Family,
  options: CallOptions & { details?: boolean },
  where: string,
): CalledFamily {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalidArgument(where, options, 'an object of options')
  const { tags, details, ...entryOptions } = options
  for (const option of Object.keys(entryOptions)) {
    if (!isEntryOption(option))
      throw wrongOption(`${where}.${option}`, 'an unknown option', 'an entry option, tags or details')
  }
  if (tags !== undefined && !Array.isArray(tags)) throw invalidOption(`${where}.tags`, tags, 'an array of strings')
  const own = resolveEntryOptions(where, family.options, entryOptions)
  const refusesStale = entryOptions.grace !== undefined && own.grace === 0
  return {
    family: own === family.options ? family : { ...family, options: own, refusesStale },
    tags,
    details: details === true,
  }
}

/** A loader that adds the tags of its call. */
export function withTags<L extends BoundLoader | undefined>(
  loader: L,
  tags: readonly string[] | undefined,
): L | BoundLoader {
  if (loader === undefined || tags === undefined) return loader
  return (context, args) => {
    context.tags(tags)
    return loader(context, args)
  }
}
