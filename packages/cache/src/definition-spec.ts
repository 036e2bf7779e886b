import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { BulkheadOptions } from './bulkhead.js'
import { invalidOption, wrongOption } from './errors.js'
import type { KeyParts } from './keys.js'
import type { BatchContext, LoadContext } from './load-context.js'
import { type EntryOptions, isEntryOption } from './options.js'

/** How one entry is named in bulk calls: the single argument, or the tuple of arguments when the key takes several. */
export type Input<Args extends unknown[]> = Args extends [infer Only] ? Only : Readonly<Args>

/** What all definitions say, with or without a loader. */
export interface SharedSpec<Args extends unknown[], V> extends EntryOptions {
  /**
   * The text of the key within the definition, from required arguments. An array of parts is joined by `:` with the
   * parts escaped, so that no part can reach into another.
   */
  key: (...args: Args) => KeyParts
  /** Write-through: stores the value in the origin; called by `set` before any tier takes it. */
  write?: (...args: WriteArguments<Args, NoInfer<V>>) => void | Promise<void>
  /** Tags of an entry, from its value and key arguments. */
  tags?: (value: NoInfer<V>, ...args: Known<Args>) => readonly string[]
  /** Inputs that one call of `loadMany` is given at most. Default 1,000. */
  maxBatch?: number
  /** Bounds the loads under way: calls of `load`, or of `loadMany` where there is one. Default: that of the cache. */
  bulkhead?: BulkheadOptions | false
}

export interface WriteContext {
  readonly key: string
}

/** Conditional types, so that a loader written elsewhere does not take part in inferring the key's arguments. */
export type LoadArguments<Args extends unknown[]> = Args extends unknown ? [...Args, context: LoadContext] : never
export type WriteArguments<Args extends unknown[], V> = Args extends unknown
  ? [...Args, value: V, context: WriteContext]
  : never
type Known<Args extends unknown[]> = Args extends unknown ? Args : never

type Load<Args extends unknown[], V> = (...args: LoadArguments<Args>) => V | Promise<V>
export type LoadMany<Args extends unknown[], V> = (
  inputs: readonly Input<Args>[],
  context: BatchContext,
) => readonly (V | Error)[] | Promise<readonly (V | Error)[]>

/** A definition that loads what is missing: one by one, or with `loadMany` all that concurrent gets miss. */
export interface LoadingSpec<Args extends unknown[], V> extends SharedSpec<Args, V> {
  load: Load<Args, V>
  loadMany?: LoadMany<Args, NoInfer<V>>
  /** Judges values read from the remote tier and loaded ones; a mismatch is a miss. It does not transform. */
  schema?: StandardSchemaV1<unknown, unknown>
}

/** A definition that only ever loads in bulk. */
export interface BulkLoadingSpec<Args extends unknown[], V> extends SharedSpec<Args, V> {
  load?: undefined
  loadMany: LoadMany<Args, V>
  schema?: StandardSchemaV1<unknown, unknown>
}

/** A definition whose values are only ever set. */
export interface PassiveSpec<Args extends unknown[], V> extends SharedSpec<Args, V> {
  load?: undefined
  loadMany?: undefined
  schema?: StandardSchemaV1<unknown, V>
}

export type DefinitionSpec<Args extends unknown[], V> =
  | LoadingSpec<Args, V>
  | BulkLoadingSpec<Args, V>
  | PassiveSpec<Args, V>

const SPEC_NAMES = new Set(['key', 'load', 'loadMany', 'write', 'tags', 'schema', 'maxBatch', 'bulkhead'])
const NAME = /^[^\s*?\\]{1,128}$/

/** Throws for a name or a spec with which nothing can be defined. */
export function checkSpec<Args extends unknown[], V>(name: string, spec: DefinitionSpec<Args, V>): void {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw invalidOption('define', name, '1 to 128 characters without spaces, *, ? and \\')
  }
  const where = `define('${name}')`
  if (typeof spec !== 'object' || spec === null) throw invalidOption(where, spec, 'an object with at least key')
  if (typeof spec.key !== 'function')
    throw invalidOption(`${where}.key`, spec.key, 'a function from the arguments to the text of the key')
  for (const option of ['load', 'loadMany', 'write', 'tags'] as const) {
    if (spec[option] !== undefined && typeof spec[option] !== 'function')
      throw invalidOption(`${where}.${option}`, spec[option], 'a function')
  }
  if (spec.schema !== undefined && typeof spec.schema['~standard']?.validate !== 'function') {
    throw invalidOption(`${where}.schema`, spec.schema, 'a Standard Schema (zod, valibot, arktype, ...)')
  }
  if (spec.maxBatch !== undefined && (!Number.isSafeInteger(spec.maxBatch) || spec.maxBatch < 1)) {
    throw invalidOption(`${where}.maxBatch`, spec.maxBatch, 'a whole number of at least 1')
  }
  for (const option of Object.keys(spec)) {
    if (!SPEC_NAMES.has(option) && !isEntryOption(option)) {
      const wanted = `one of ${[...SPEC_NAMES].join(', ')} or an entry option`
      throw wrongOption(`${where}.${option}`, 'an unknown option', wanted)
    }
  }
}

/** Those of a spec that are options of its entries. */
export function entryOptionsOf(spec: object): EntryOptions {
  return Object.fromEntries(Object.entries(spec).filter(([option]) => isEntryOption(option)))
}
