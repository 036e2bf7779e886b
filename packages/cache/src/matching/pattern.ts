import { RE2JS } from 're2js'
import { CacheError, show } from '../errors.js'
import type { PatternOperation } from '../ports.js'

/**
 * A test of keys against a pattern, in time linear in the key whatever the expression: every node runs it on every key
 * it judges, so a backtracking engine would let one bad expression stall the fleet. Regular expressions use RE2 syntax
 * (Cox, "Regular Expression Matching Can Be Simple And Fast"): no look-around, no back-references; flags `i`, `m`, `s`,
 * `u`. Characters are code points, with `u` or without; `\s` is ASCII white space; `.` stops at `\n` alone.
 * Throws a `CacheError` of code `invalid-argument` that says what the expression does wrong.
 */
export function compilePattern(operation: PatternOperation): (key: string) => boolean {
  if (operation.syntax === 'glob') return globMatcher(operation.source)
  const unknown = [...operation.flags].filter((flag) => !'imsu'.includes(flag))
  if (unknown.length > 0) {
    throw new CacheError('invalid-argument', `regex: expected flags among i, m, s, u, got "${unknown.join('')}"`)
  }
  refuseOtherMeanings(operation)
  let flags = 0
  if (operation.flags.includes('i')) flags |= RE2JS.CASE_INSENSITIVE
  if (operation.flags.includes('m')) flags |= RE2JS.MULTILINE
  if (operation.flags.includes('s')) flags |= RE2JS.DOTALL
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(operation.source), flags)
    return (key) => compiled.matcher(key).find()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CacheError(
      'invalid-argument',
      `regex: expected an expression without look-around or back-references: ${reason}`,
      { cause },
    )
  }
}

/**
 * Escapes that RE2 reads otherwise than the RegExp they come from, which would silently cover other keys: `\A` is an
 * `A` to JavaScript and the beginning to RE2; a named back-reference would become the letter k.
 */
function refuseOtherMeanings({ source, flags }: PatternOperation): void {
  for (const [escaped, character = ''] of source.matchAll(/\\(.)/gsu)) {
    const property = character === 'p' || character === 'P'
    if (property ? !flags.includes('u') : 'AEQakz'.includes(character)) {
      const remedy = property ? 'the flag u, without which it is a letter' : 'an expression without it'
      throw new CacheError('invalid-argument', `regex: expected ${remedy}, got ${escaped} in ${show(source)}`)
    }
  }
}

/** `*` any run of characters, `?` exactly one code point, `\` takes the next literally. Matches the whole key. */
function globMatcher(source: string): (key: string) => boolean {
  const tokens = globTokens(source)
  return (key) => {
    // Greedy with a single point of return to the last star: O(key x tokens) at worst, no recursion.
    let token = 0
    let star = -1
    let starAt = 0
    let at = 0
    while (at < key.length) {
      const expected = tokens[token]
      if (expected === ANY_RUN) {
        star = token++
        starAt = at
      } else if (expected === ANY_ONE) {
        token++
        at += isHighSurrogate(key[at]) ? 2 : 1
      } else if (expected !== undefined && expected === key[at]) {
        token++
        at++
      } else if (star >= 0) {
        token = star + 1
        at = ++starAt
      } else return false
    }
    while (tokens[token] === ANY_RUN) token++
    return token === tokens.length
  }
}

/** Keys are well-formed: a low surrogate follows. */
function isHighSurrogate(unit: string | undefined): boolean {
  return unit !== undefined && unit >= '\ud800' && unit <= '\udbff'
}

const ANY_RUN = Symbol('*')
const ANY_ONE = Symbol('?')

function globTokens(source: string): (string | symbol)[] {
  const tokens: (string | symbol)[] = []
  for (let at = 0; at < source.length; at++) {
    const character = source[at] as string
    if (character === '*') {
      if (tokens.at(-1) !== ANY_RUN) tokens.push(ANY_RUN)
    } else if (character === '?') tokens.push(ANY_ONE)
    else if (character === '\\' && at + 1 < source.length) tokens.push(source[++at] as string)
    else tokens.push(character)
  }
  return tokens
}
