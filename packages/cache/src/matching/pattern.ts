import { RE2JS } from 're2js'
import { CacheError } from '../errors.js'
import type { PatternOperation } from '../ports.js'

/**
 * A test of keys against a pattern, in time linear in the key whatever the expression: every node runs it on every key
 * it judges, so a backtracking engine would let one bad expression stall the fleet. Regular expressions use RE2 syntax
 * (Cox, "Regular Expression Matching Can Be Simple And Fast"): no look-around, no back-references; flags `i`, `m`, `s`.
 * Throws a `CacheError` of code `invalid-argument` that says what the expression does wrong.
 */
export function compilePattern(operation: PatternOperation): (key: string) => boolean {
  if (operation.syntax === 'glob') return globMatcher(operation.source)
  const unknown = [...operation.flags].filter((flag) => !'imsu'.includes(flag))
  if (unknown.length > 0) {
    throw new CacheError('invalid-argument', `regex: expected flags among i, m, s, u, got "${unknown.join('')}"`)
  }
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

/** `*` any run of characters, `?` exactly one, `\` takes the next character literally. Matches the whole key. */
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
      } else if (expected !== undefined && (expected === ANY_ONE || expected === key[at])) {
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
