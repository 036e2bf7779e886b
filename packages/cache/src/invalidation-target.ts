import { invalidOption, refuseUnknown } from './errors.js'
import { checkName } from './keys.js'
import type { InvalidationMode, Operation } from './ports.js'
import type { PatternCompiler } from './tags.js'

/** What to invalidate; several kinds may be combined. */
export interface InvalidationTarget {
  readonly key?: string
  readonly keys?: readonly string[]
  readonly tag?: string
  readonly tags?: readonly string[]
  /** `*` any run of characters, `?` exactly one, `\` takes the next literally; matches the whole key. */
  readonly pattern?: string
  /** Found anywhere in the key; flags `i`, `s`, `u`, and `g`, which changes nothing. What RE2 cannot run is refused. */
  readonly regex?: RegExp
  /** `'delete'` (default), or `'expire'`: kept for grace, refreshed on the next read. */
  readonly mode?: InvalidationMode
}

const TARGET_NAMES = new Set(['key', 'keys', 'tag', 'tags', 'pattern', 'regex', 'mode'])

/**
 * The operations that a target names, each once. Throws a `CacheError` for what is no target; a regular expression that
 * `compile` refuses is none.
 */
export function operationsOf(target: InvalidationTarget, compile: PatternCompiler): Operation[] {
  if (typeof target !== 'object' || target === null)
    throw invalidOption('invalidate', target, 'an object with key, keys, tag, tags, pattern or regex')
  refuseUnknown('invalidate', target, TARGET_NAMES)
  const { mode = 'delete' } = target
  if (mode !== 'delete' && mode !== 'expire') throw invalidOption('invalidate.mode', mode, "'delete' or 'expire'")
  for (const name of ['keys', 'tags'] as const) {
    // The characters of a text would be taken for names.
    if (target[name] !== undefined && !Array.isArray(target[name]))
      throw invalidOption(`invalidate.${name}`, target[name], 'an array of strings')
  }
  const keys = [...(target.key === undefined ? [] : [target.key]), ...(target.keys ?? [])]
  const tags = [...(target.tag === undefined ? [] : [target.tag]), ...(target.tags ?? [])]
  const operations: Operation[] = [...new Set(keys.map((key) => checkName('key', key)))].map((key) => ({
    type: 'key',
    key,
    mode,
  }))
  for (const tag of new Set(tags)) operations.push({ type: 'tag', tag: checkName('tag', tag), mode })
  if (target.pattern !== undefined) {
    operations.push({
      type: 'pattern',
      syntax: 'glob',
      source: checkName('pattern', target.pattern),
      flags: '',
      mode,
    })
  }
  if (target.regex !== undefined) {
    if (!(target.regex instanceof RegExp)) throw invalidOption('invalidate.regex', target.regex, 'a RegExp')
    const { source, flags } = target.regex
    const operation = {
      type: 'pattern',
      syntax: 'regex',
      source: checkName('pattern', source),
      // Where to go on looking is of no concern: a key is covered once the expression is found in it.
      flags: flags.replace('g', ''),
      mode,
    } as const
    compile(operation)
    operations.push(operation)
  }
  const named = ['key', 'keys', 'tag', 'tags', 'pattern', 'regex'].some(
    (name) => target[name as keyof InvalidationTarget] !== undefined,
  )
  if (!named) throw invalidOption('invalidate', target, 'at least one of key, keys, tag, tags, pattern, regex')
  return operations
}
