import { CacheError, show } from './errors.js'
import { hashOf } from './hash.js'

/** Longest key, tag and pattern, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 2_048

/** Not looked up in the string: see hash.ts. It answers at once for what V8 stores with one byte for each character. */
const { isWellFormed } = String.prototype

/** What a definition's key function may return: the text itself, or parts that are escaped and joined by `:`. */
export type KeyParts = string | number | readonly (string | number)[]

/**
 * Throws a `CacheError` of code `invalid-key` for what cannot be kept apart in every tier: the empty string, more than
 * {@link MAX_NAME_LENGTH} code units, lone surrogates (UTF-8 has no bytes for them, so two keys would become one).
 */
export function checkName(kind: 'key' | 'tag' | 'pattern', name: string): string {
  if (typeof name !== 'string') throw new CacheError('invalid-key', `${kind}: expected a string, got ${show(name)}`)
  if (name.length === 0) throw new CacheError('invalid-key', `${kind}: expected at least one character, got ""`)
  if (name.length > MAX_NAME_LENGTH) {
    throw new CacheError(
      'invalid-key',
      `${kind}: expected at most ${MAX_NAME_LENGTH} UTF-16 code units, got ${name.length} in ${show(name)}`,
    )
  }
  if (!isWellFormed.call(name)) {
    throw new CacheError('invalid-key', `${kind}: expected well-formed text, got a lone surrogate in ${show(name)}`)
  }
  return name
}

/**
 * The hash of a key that has not been checked yet. Callers without types may pass something else: nothing is held under
 * it, and the read refuses it later on.
 */
export function hashOfKey(key: string): number {
  return typeof key === 'string' ? hashOf(key) : 0
}

/** The full key of a definition's entry: `name:text`, or just `name` when the text is empty. */
export function joinKey(definition: string, parts: KeyParts): string {
  const text = textOf(definition, parts)
  return text === '' ? definition : `${definition}:${text}`
}

/** What a definition's key function returned as one text; a number stands for its own. */
export function textOf(definition: string, parts: KeyParts): string | number {
  return typeof parts === 'string' || typeof parts === 'number' ? parts : joinParts(definition, parts)
}

/** Parts are kept apart whatever they contain: `:` and `%` in a part are percent-encoded. */
function joinParts(definition: string, parts: readonly (string | number)[]): string {
  if (!Array.isArray(parts)) {
    throw new CacheError(
      'invalid-key',
      `${definition}: key: expected a string, a number or an array of them, got ${show(parts)}`,
    )
  }
  let text = ''
  for (let at = 0; at < parts.length; at++) {
    const part = escaped(definition, parts[at])
    text = at === 0 ? part : `${text}:${part}`
  }
  return text
}

function escaped(definition: string, part: unknown): string {
  if (typeof part === 'number') return String(part)
  if (typeof part === 'string')
    return part.includes(':') || part.includes('%') ? part.replaceAll('%', '%25').replaceAll(':', '%3A') : part
  throw new CacheError('invalid-key', `${definition}: key: expected parts to be strings or numbers, got ${show(part)}`)
}
