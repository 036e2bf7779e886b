import { CacheError, show } from '../errors.js'

/** Code points, as pairs of the first and the last one. */
type Ranges = readonly (readonly [first: number, last: number])[]

const LAST = 0x10ffff
const DIGITS: Ranges = [[0x30, 0x39]]
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** With the flags `i` and `u` the long s and the sign of Kelvin are letters too, since they fold to such. */
const FOLDED_WORD: Ranges = [...WORD, [0x17f, 0x17f], [0x212a, 0x212a]]
const SPACES: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]

const HEX = String.raw`[\da-fA-F]`
const SURROGATES = String.raw`u[dD][89abAB]${HEX}{2}\\u[dD][c-fC-F]${HEX}{2}`
const ESCAPE = String.raw`\\(?:u\{${HEX}+\}|${SURROGATES}|u${HEX}{4}|x${HEX}{2}|c[A-Za-z]|[pP]\{[^}]*\}|\d+|.)`
const IN_CLASS = new RegExp(`${ESCAPE}|.`, 'gsu')
const CLASS = String.raw`\[\^?(?:\\.|[^\]\\])*\]`
const GROUP = String.raw`\(\?(?:<?[=!]|<[^>]*>|.)|\(`
const REPEAT = String.raw`\{\d+(?:,\d*)?\}`
const TOKEN = new RegExp(`${ESCAPE}|${CLASS}|${GROUP}|${REPEAT}|.`, 'gsu')
const SAME_IN_BOTH = new RegExp(`^(?:[*+?|)^$]|${REPEAT})$`)
const GENERAL_CATEGORY = /^\\[pP]\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfo]?)\}$/
const CONTROL_CHARACTERS: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d }

/**
 * The syntax of RE2 for what a RegExp of JavaScript (flags `i`, `s`, `u`) means. Characters are code points, with `u`
 * or without; otherwise it finds what JavaScript finds, or is refused by a `CacheError` of code `invalid-argument`.
 * Folding by `i` with `u` is left to RE2, whose rule is the same; without `u` only ASCII is folded, and that is written
 * out.
 */
export function toRe2(source: string, flags: string): string {
  const translation = new Translation(source, flags)
  return [...source.matchAll(TOKEN)].map(([token]) => translation.of(token)).join('')
}

class Translation {
  readonly #source: string
  readonly #unicode: boolean
  readonly #ignoreCase: boolean
  readonly #dot: string

  constructor(source: string, flags: string) {
    this.#source = source
    this.#unicode = flags.includes('u')
    this.#ignoreCase = flags.includes('i')
    this.#dot = `[${textOf(flags.includes('s') ? [[0, LAST]] : complement(LINE_ENDS))}]`
  }

  of(token: string): string {
    if (SAME_IN_BOTH.test(token)) return token
    if (token === '.') return this.#dot
    if (token.startsWith('(')) return this.#group(token)
    if (token.length > 1 && token.startsWith('[')) return this.#class(token)
    if (token === '\\b' || token === '\\B') return this.#boundary(token)
    const characters = token.startsWith('\\') ? this.#escaped(token) : (token.codePointAt(0) as number)
    if (typeof characters === 'string') return characters
    return `[${textOf(typeof characters === 'number' ? this.#folded(characters, characters, token) : characters)}]`
  }

  /** Nobody asks what a group has captured. */
  #group(token: string): string {
    if (token === '(' || token === '(?:' || /^\(\?<[^=!]/.test(token)) return '(?:'
    throw this.#refused('an expression without look-around', token)
  }

  /** A bracket inside is a character: to RE2 `[[:digit:]]` is a digit, to JavaScript one of 8 characters and a `]`. */
  #class(token: string): string {
    const negated = token.startsWith('[^')
    const parts = [...token.slice(negated ? 2 : 1, -1).matchAll(IN_CLASS)].map(([part]) => part)
    let members = ''
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at] as string
      const first = this.#member(part)
      const last = parts[at + 1] === '-' && at + 2 < parts.length ? this.#member(parts[at + 2] as string) : undefined
      if (typeof first === 'number' && typeof last === 'number') {
        members += textOf(this.#folded(first, last, parts.slice(at, at + 3).join('')))
        at += 2
      } else if (typeof first === 'number') members += textOf(this.#folded(first, first, part))
      else members += typeof first === 'string' ? first : textOf(first)
    }
    if (members === '') return `[${textOf(negated ? [[0, LAST]] : [])}]`
    return `[${negated ? '^' : ''}${members}]`
  }

  #member(part: string): number | Ranges | string {
    if (part === '\\b') return 0x08
    return part.startsWith('\\') ? this.#escaped(part) : (part.codePointAt(0) as number)
  }

  #boundary(token: string): string {
    if (this.#ignoreCase && this.#unicode)
      throw this.#refused('not both flags i and u, where RE2 knows other words', token)
    return token
  }

  /** A character, a set of them, or a property, which RE2 knows under the same name. */
  #escaped(token: string): number | Ranges | string {
    const letter = token[1] as string
    const known = this.#setOf(letter) ?? CONTROL_CHARACTERS[letter]
    if (known !== undefined) return known
    if (letter === 'p' || letter === 'P') return this.#property(token)
    if (token === '\\0') return 0
    if (letter === 'c' && token.length === 3) return token.charCodeAt(2) % 32
    if (letter === 'x' && token.length === 4) return hexadecimal(token.slice(2))
    if (letter === 'u' && token.length > 2) return this.#unicodeEscape(token)
    if (/\d/.test(letter)) throw this.#refused('an expression without back-references', token)
    // JavaScript takes them for letters, where it knows no better, and RE2 some of them for something else.
    if (/[A-Za-z]/.test(letter)) throw this.#refused('an expression without it', token)
    return token.codePointAt(1) as number
  }

  #setOf(letter: string): Ranges | undefined {
    const word = this.#ignoreCase && this.#unicode ? FOLDED_WORD : WORD
    const sets: Readonly<Record<string, Ranges>> = { d: DIGITS, w: word, s: SPACES }
    const set = sets[letter.toLowerCase()]
    return set === undefined || sets[letter] === set ? set : complement(set)
  }

  #property(token: string): string {
    if (!this.#unicode) throw this.#refused('the flag u, without which it is a letter', token)
    if (!GENERAL_CATEGORY.test(token)) throw this.#refused('a general category such as \\p{L} or \\p{Lu}', token)
    // JavaScript folds what is left after the negation, so that /\P{Lu}/iu finds every letter.
    if (token.startsWith('\\P') && this.#ignoreCase)
      throw this.#refused('an expression without it, or without the flag i', token)
    return token
  }

  #unicodeEscape(token: string): number {
    const braces = token.startsWith('\\u{')
    if (braces && !this.#unicode) throw this.#refused('the flag u, without which it is a repeated letter', token)
    const units = token.split(/\\u\{?/).slice(1)
    const code = braces ? hexadecimal(units[0]) : String.fromCharCode(...units.map(hexadecimal)).codePointAt(0)
    if (code === undefined || (code >= 0xd800 && code <= 0xdfff))
      throw this.#refused('both surrogates of a character', token)
    return code
  }

  /** What is found where these characters are looked for; `token` is what they are written as. */
  #folded(first: number, last: number, token: string): Ranges {
    if (!this.#ignoreCase || this.#unicode) return [[first, last]]
    if (last > 0x7f) throw this.#refused('the flag u beside i for characters beyond ASCII', token)
    const upper = shifted(first, last, [0x61, 0x7a], -0x20)
    const lower = shifted(first, last, [0x41, 0x5a], 0x20)
    return [[first, last], ...upper, ...lower]
  }

  #refused(wanted: string, got: string): CacheError {
    return new CacheError('invalid-argument', `regex: expected ${wanted}, got ${got} in ${show(this.#source)}`)
  }
}

/** The part of a range that is within another, moved. */
function shifted(first: number, last: number, [from, to]: readonly [number, number], by: number): Ranges {
  return first > to || last < from ? [] : [[Math.max(first, from) + by, Math.min(last, to) + by]]
}

/** The number that leading digits stand for. */
function hexadecimal(digits = ''): number {
  return Number.parseInt(digits, 16)
}

/** All code points but those: ranges that are apart, in order, and reach neither end. */
function complement(ranges: Ranges): Ranges {
  const ends = [-1, ...ranges.map(([, last]) => last)]
  const starts = [...ranges.map(([first]) => first), LAST + 1]
  return ends.map((end, at): [number, number] => [end + 1, (starts[at] as number) - 1])
}

/** As RE2 writes the members of a class. */
function textOf(ranges: Ranges): string {
  const hex = (code: number) => `\\x{${code.toString(16)}}`
  if (ranges.length === 0) return `^${hex(0)}-${hex(LAST)}`
  return ranges.map(([first, last]) => (first === last ? hex(first) : `${hex(first)}-${hex(last)}`)).join('')
}
