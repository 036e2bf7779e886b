import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globModel } from '../../test/properties/glob-model.js'
import { CacheError } from '../errors.js'
import { compilePattern } from './pattern.js'

const glob = (source: string) => compilePattern({ type: 'pattern', syntax: 'glob', source, flags: '', mode: 'delete' })
const regex = ({ source, flags }: RegExp) =>
  compilePattern({ type: 'pattern', syntax: 'regex', source, flags, mode: 'delete' })

function refusal(act: () => unknown): CacheError {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(CacheError)
    return error as CacheError
  }
  return expect.fail('expected a CacheError')
}

/** A key that counts how often its characters are read. */
function counted(key: string): { key: string; reads: () => number } {
  let reads = 0
  const proxy = new Proxy(Object(key), {
    get(target, name) {
      if (name !== 'length') reads++
      return Reflect.get(target, name)
    },
  })
  return { key: proxy as string, reads: () => reads }
}

describe('a glob', () => {
  it.each([
    ['user:*', 'user:', true],
    ['user:*', 'user:1:rooms', true],
    ['user:*', 'a user:1', false],
    ['user:?', 'user:1', true],
    ['user:?', 'user:', false],
    ['user:?', 'user:12', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\?b', 'axb', false],
    ['a\\\\b', 'a\\b', true],
    ['a\\', 'a\\', true],
    ['*', '', true],
    ['a*b*c', 'a-b-b-c-c', true],
    ['a*b*c', 'a-c-b', false],
    ['[ab]', '[ab]', true],
    ['[ab]', 'a', false],
    ['a.c', 'abc', false],
    ['{a,b}', 'a', false],
    ['line*end', 'line\nend', true],
    ['?', '😀', true],
    ['??', '😀', false],
    ['*?😀', '😀😀', true],
  ])('%j matches %j: %s', (source, key, expected) => {
    expect(glob(source)(key)).toBe(expected)
  })

  const alphabet = [
    'a',
    'b',
    '*',
    '?',
    '\\',
    '.',
    '[',
    ']',
    '{',
    '^',
    '$',
    '+',
    '(',
    '|',
    '/',
    '-',
    '\n',
    '\0',
    '😀',
    '́',
  ]
  const text = (maxLength: number) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength }).map((characters) => characters.join(''))

  it('covers exactly the keys of the same expression as a RegExp over code points', () => {
    fc.assert(
      fc.property(text(8), text(10), (source, key) => {
        expect(glob(source)(key)).toBe(globModel(source).test(key))
      }),
      { numRuns: 3_000 },
    )
  })

  it('covers a key that it was made from by putting stars and question marks in place of parts', () => {
    const part = fc.tuple(text(3), fc.constantFrom('keep', 'star', 'question'))
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const key = parts.map(([characters]) => characters).join('')
        const source = parts
          .map(([characters, how]) => {
            if (how === 'star') return '*'
            if (how === 'question') return '?'.repeat([...characters].length)
            return characters.replace(/[*?\\]/g, '\\$&')
          })
          .join('')
        expect(glob(source)(key)).toBe(true)
      }),
    )
  })

  it.each([
    ['a thousand stars', '*'.repeat(1_000), 0],
    ['a thousand stars between letters', '*a'.repeat(1_000), 1],
    ['a star before nearly what the key repeats', `*${'a'.repeat(1_000)}b`, 1],
  ])('%s read a key at most once for each of its own characters', (_, source, rejected) => {
    const tail = rejected ? '!' : ''
    const { key, reads } = counted(`${'a'.repeat(2_000)}${tail}`)
    expect(glob(source)(key)).toBe(!rejected)
    // Each character of the key is met by each of the pattern at most once, for a comparison and a look at its width.
    expect(reads()).toBeLessThanOrEqual(2 * key.length * source.length)
    const half = counted(`${'a'.repeat(1_000)}${tail}`)
    glob(source)(half.key)
    expect(reads()).toBeLessThanOrEqual(4.1 * Math.max(half.reads(), 2 * source.length))
  })
})

describe('a regular expression', () => {
  it.each([
    [/^user:\d+$/, 'user:42', true],
    [/^user:\d+$/, 'user:x', false],
    [/room/, 'a room in the middle', true],
    [/ROOM/, 'room', false],
    [/ROOM/i, 'room', true],
    [/^b$/, 'a\nb', false],
    [/a.b/, 'a\nb', false],
    [/a.b/, 'a\rb', false],
    [/a\sb/, 'a\u00a0b', true],
    [/a.b/s, 'a\nb', true],
    [/a\/b/, 'a/b', true],
    [/^.$/, '😀', true],
    [/^\u{1F600}$/u, '😀', true],
    [/^😀$/, '😀', true],
    [/^(?<name>a|b)+$/, 'abba', true],
    [/^\p{L}+$/u, 'é', true],
    [/\0/, 'a\0b', true],
    [/^\$\{x\}$/, `\${x}`, true],
  ])('%s on %j: %s', (expression, key, expected) => {
    expect(regex(expression)(key)).toBe(expected)
  })

  it('agrees with RegExp wherever both read an expression alike', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', ':', '\\.', '\\*', '(a|b)', '(?:ab)')
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '*?')).map((both) => both.join(''))
    const expression = fc
      .tuple(fc.constantFrom('', '^'), fc.array(piece, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '$'))
      .map(([start, pieces, end]) => start + pieces.join('') + end)
    const key = fc.array(fc.constantFrom('a', 'b', '1', ':', '.', '*', 'A')).map((characters) => characters.join(''))
    fc.assert(
      fc.property(expression, key, fc.constantFrom('', 'i'), (source, text, flags) => {
        expect(regex(new RegExp(source, flags))(text)).toBe(new RegExp(source, flags).test(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes time in proportion to the key, also where backtracking would take for ever', () => {
    const time = (length: number) => {
      const key = `${'a'.repeat(length)}!`
      const matches = regex(/(a+)+$/)
      const runs = Array.from({ length: 7 }, () => {
        const startedAt = performance.now()
        expect(matches(key)).toBe(false)
        return performance.now() - startedAt
      })
      return Math.min(...runs)
    }
    time(2_000)
    // Twice the key, twice the time; four times would be quadratic, and a backtracking engine would not come back.
    expect(time(16_000) / time(2_000)).toBeLessThan(8 * 4)
  })

  it.each([
    [/(?=a)/, /expected an expression without look-around, got \(\?/],
    [/(?!a)/, /expected an expression without look-around, got \(\?/],
    [/(?<=a)b/, /expected an expression without look-around, got \(\?/],
    [/(?<!a)b/, /expected an expression without look-around, got \(\?/],
    [/(a)\1/, /expected an expression without back-references, got \\1/],
    [/(?<name>a)\k<name>/, /expected an expression without it, got \\k/],
    [/a{2000}/, /expected at most 1,000 repetitions .* got "a\{2000\}": .*invalid repeat count/],
    [/((a{100}){100}){100}/, /expected at most 1,000 repetitions .*invalid repeat count/],
    [/a/d, /flags among g, i, s, u, got "d"/],
    [/a/y, /flags among g, i, s, u, got "y"/],
    [/^a/m, /flags among g, i, s, u, got "m"/],
  ])('%s is refused with the reason', (expression, reason) => {
    const error = refusal(() => regex(expression))
    expect(error.code).toBe('invalid-argument')
    expect(error.message).toMatch(/^regex: expected /)
    expect(error.message).toMatch(reason)
  })

  // As texts, because formatters take the backslash off letters that do not need it.
  it.each([
    ['\\Aa', /expected an expression without it, got \\A/],
    ['a\\z', /expected an expression without it, got \\z/],
    ['\\Qa*\\E', /expected an expression without it, got \\Q/],
    ['[\\a]', /expected an expression without it, got \\a/],
    ['\\\\\\p{L}', /expected the flag u, without which it is a letter, got \\p/],
  ])('%s is refused because RE2 would read it as something else', (source, reason) => {
    const error = refusal(() => regex(new RegExp(source)))
    expect(error.code).toBe('invalid-argument')
    expect(error.message).toMatch(reason)
  })

  it('is refused with the reason when it nests too deeply', () => {
    const error = refusal(() => regex(new RegExp(`${'(b'.repeat(511)}a${')?'.repeat(511)}`)))
    expect(error).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining('nests too deeply') })
  })

  it('reads an escaped backslash before such a letter as a backslash', () => {
    expect(regex(/^\\A\\k$/)('\\A\\k')).toBe(true)
  })
})
