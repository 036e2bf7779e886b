import { RE2JS } from 're2js'
import { CacheError, reasonOf, show } from '../errors.js'
import type { PatternOperation } from '../ports.js'
import { toRe2 } from './re2-syntax.js'

/**
 * A test of keys against a pattern, in time linear in the key whatever the expression: every node runs it on every key
 * it judges, so a backtracking engine would let one bad expression stall the fleet. Regular expressions are those of
 * JavaScript that RE2 can run (Cox, "Regular Expression Matching Can Be Simple And Fast"): no look-around, no
 * back-references; flags `i`, `s`, `u`. Throws a `CacheError` of code `invalid-argument` that says what the expression
 * does wrong, also where RE2 would find other keys than JavaScript.
 */
export function compilePattern(operation: PatternOperation): (key: string) => boolean {
  if (operation.syntax === 'glob') return globMatcher(operation.source)
  const { source, flags } = operation
  const unknown = [...flags].filter((flag) => !'isu'.includes(flag))
  if (unknown.length > 0) {
    throw new CacheError('invalid-argument', `regex: expected flags among g, i, s, u, got "${unknown.join('')}"`)
  }
  const translated = toRe2(source, flags)
  const foldsCase = flags.includes('i') && flags.includes('u')
  try {
    const compiled = RE2JS.compile(translated, foldsCase ? RE2JS.CASE_INSENSITIVE : 0)
    return (key) => compiled.matcher(key).find()
  } catch (cause) {
    const wanted = 'at most 1,000 repetitions and 1,000 levels of groups'
    throw new CacheError('invalid-argument', `regex: expected ${wanted}, got ${show(source)}: ${reasonOf(cause)}`, {
      cause,
    })
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
