import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CacheError } from '../errors.js'
import { compilePattern } from './pattern.js'

const compiled = (source: string, flags: string) =>
  compilePattern({ type: 'pattern', syntax: 'regex', source, flags, mode: 'delete' })

/** Whether the expression is found in the key; `undefined` where it is refused. */
function found(source: string, flags: string, key: string): boolean | undefined {
  try {
    return compiled(source, flags)(key)
  } catch (error) {
    expect(error).toBeInstanceOf(CacheError)
    return undefined
  }
}

function expression(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags)
  } catch {
    return undefined
  }
}

const words = (text: TemplateStringsArray) => (text.raw[0] as string).trim().split(/ +/)

/** What one of the two engines, or only one of their modes, reads in a way of its own. */
const PIECES = [
  ...words`a k K S ſ é É ß σ 0 _ : - / \ . ^ $ | ( ) (?: (?<n> (?= (?i: [ [^ ] { } * + ? , =`,
  ...words`{2} {0,1} {1,} {,2} {x} [] [^] [[:digit:]] [[:^alpha:]] [a-z] [^a-z] [Z-a] [\w-] [\d-z] [^k] [^\W] [\S]`,
  ...words`[]a] [&&a] [a--b] [\b] [^\s:] [\]] [a-\x7a] \d \D \w \W \s \S \b \B \n \r \t \v \f \0 \00 \1 \8 \A \z`,
  ...words`\Q \E \C \a \e \h \k \k<n> \c \cJ \c1 \x \- \x41 \x{41} \u \u006b \u{6b} \u{61} \ud83d \pL \p{L} \P{L}`,
  ...words`\p{Lu} \p{Greek} \p{Script=Greek} \p{ASCII} \/ \\ \] \[ \. \{ \$ \é \: \_`,
  ...['\u212a', ' ', '\n', '\r', '\u2028'],
]
const ASTRAL = words`😀 \u{1f600} \ud83d\ude00 [😀-😂] [^😀] 𐐀 𐐨`

const CHARACTERS = [
  ...words`a b k K s S ſ é É ß ẞ ς σ 0 1 _ : - u x \ [ ] { } d A z Z ^ ,`,
  ...['\u212a', ' ', '\n', '\r', '\u2028', '\u00a0', '\ufeff', '\v', '\b', '\0'],
]

/** More likely to be well-formed than a run of pieces, and as odd. */
const sources = (pieces: readonly string[]) => {
  const piece = fc.constantFrom(...pieces)
  const repeated = fc.tuple(piece, fc.constantFrom('', '', '*', '+?', '{2}', '{0,2}')).map((both) => both.join(''))
  const members = fc.array(piece, { minLength: 1, maxLength: 4 }).map((all) => all.join(''))
  const bracketed = fc.tuple(fc.constantFrom('[', '[^'), members).map((both) => `${both.join('')}]`)
  const part = fc.oneof(repeated, bracketed)
  return fc
    .tuple(fc.constantFrom('', '^'), fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '$'))
    .map(([start, parts, end]) => start + parts.join('') + end)
}
const keys = (characters: readonly string[]) =>
  fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength: 5 }).map((all) => all.join(''))

const RUNS = { numRuns: 4_000 }
const FLAGS = ['', 'i', 's', 'is', 'u', 'iu', 'su', 'isu']

describe('an expression that is accepted', () => {
  it('is found in exactly the keys in which JavaScript finds it', () => {
    let accepted = 0
    fc.assert(
      fc.property(sources(PIECES), fc.constantFrom(...FLAGS), keys(CHARACTERS), (source, flags, key) => {
        const reference = expression(source, flags)
        fc.pre(reference !== undefined)
        const covered = found(source, flags, key)
        if (covered === undefined) return
        accepted++
        expect(covered, `/${source}/${flags}`).toBe(reference?.test(key))
      }),
      {
        ...RUNS,
        examples: [
          ['[[:digit:]]', '', 'd]'],
          ['^\\u{61}$', '', 'u'.repeat(61)],
          ['^\\x{41}$', '', 'x'.repeat(41)],
          ['\\W', 'i', 'ſ'],
          ['[^k]', 'i', '\u212a'],
          ['[\\c]', '', '\\'],
          ['\\bk', 'iu', 'ſk'],
          ['\\P{Lu}', 'iu', 'A'],
          ['a.b', '', 'a\rb'],
          ['a\\sb', '', 'a\ufeffb'],
        ],
      },
    )
    expect(accepted).toBeGreaterThan(RUNS.numRuns / 4)
  })

  it('is found so in keys beyond the basic plane, with the flag u', () => {
    const all = [...CHARACTERS, '😀', '😁', '𐐀', '𐐨']
    fc.assert(
      fc.property(
        sources([...PIECES, ...ASTRAL]),
        fc.constantFrom('u', 'iu', 'isu'),
        keys(all),
        (source, flags, key) => {
          const reference = expression(source, flags)
          fc.pre(reference !== undefined)
          const covered = found(source, flags, key)
          if (covered !== undefined) expect(covered, `/${source}/${flags}`).toBe(reference?.test(key))
        },
      ),
      { ...RUNS, examples: [['\\ud83d\\ude00', 'u', '😀']] },
    )
  })

  it('reads characters as code points without it too', () => {
    for (const source of ['^.$', '^[^a]$', '\\ud83d\\ude00', '^😀{1}$', '^[😀-😂]$']) {
      expect(found(source, '', '😀'), source).toBe(true)
      expect(new RegExp(source, 'u').test('😀'), source).toBe(true)
    }
  })

  it('folds every letter as JavaScript does', () => {
    const cased = /^[\p{Lu}\p{Ll}\p{Lt}\p{M}]$/u
    const wrong: string[] = []
    for (let code = 0; code < 0x1_e944; code++) {
      const letter = String.fromCodePoint(code)
      if (!cased.test(letter)) continue
      const other = letter.toUpperCase() === letter ? letter.toLowerCase() : letter.toUpperCase()
      for (const flags of code < 0x80 ? ['i', 'iu'] : ['iu']) {
        const covers = compiled(`^${letter}$`, flags)
        const reference = new RegExp(`^${letter}$`, flags)
        for (const key of [letter, other, 'K', 's', 'ſ', '\u212a'])
          if (key !== '' && covers(key) !== reference.test(key)) wrong.push(`/${letter}/${flags} ${key}`)
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('an expression that RE2 cannot find as JavaScript does', () => {
  // As texts, because formatters take the backslash off letters that do not need it.
  it.each([
    ['\\ud83d', 'u', /expected both surrogates of a character, got \\ud83d/],
    ['^\\u{61}$', '', /expected the flag u, without which it is a repeated letter, got \\u\{61\}/],
    ['^\\x{41}$', '', /expected an expression without it, got \\x/],
    ['[\\c]', '', /expected an expression without it, got \\c/],
    ['é', 'i', /expected the flag u beside i for characters beyond ASCII, got é/],
    ['\\b', 'iu', /expected not both flags i and u, .* got \\b/],
    ['\\P{Lu}', 'iu', /expected an expression without it, or without the flag i, got \\P\{Lu\}/],
    ['\\p{Script=Greek}', 'u', /expected a general category such as \\p\{L\} or \\p\{Lu\}, got \\p\{Script=Greek\}/],
    ['\\01', '', /expected an expression without back-references, got \\01/],
  ])('/%s/%s is refused', (source, flags, message) => {
    expect(() => compiled(source, flags)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) }),
    )
  })
})
