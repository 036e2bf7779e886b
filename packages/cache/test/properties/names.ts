import fc from 'fast-check'

/** Names that have broken caches: too short, too long, ill-formed, or of meaning to something on the way. */
export const SPECIAL_NAMES: readonly string[] = [
  '',
  'x'.repeat(2_048),
  'x'.repeat(2_049),
  'x'.repeat(1_048_576),
  '😀'.repeat(1_024),
  ' ',
  '\0',
  'a\0',
  'a\0b',
  '\r\n',
  '\u001b[2J',
  '\ud800',
  'a\udc00b',
  '\udc00\ud800',
  '😀',
  '😁',
  'é',
  'e\u0301',
  '\u0301',
  '\ufeff',
  '\u202e',
  '\uffff',
  '*',
  '**',
  '?',
  '[a]',
  '[^a]',
  '\\',
  '\\*',
  '.',
  '.*',
  '^$',
  '(a+)+$',
  '{a}',
  '{b}',
  '{',
  '}',
  '}{',
  '{}',
  'a}b',
  'a}c',
  ':',
  'a:b',
  '%3A',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'ns:v:{.a}',
  'ns.2:v:{.a}',
  '"],[]',
  'd:t',
  'clear',
]

/** What the documentation says of names, in the simplest words. */
export function acceptable(name: string): boolean {
  return name.length >= 1 && name.length <= 2_048 && !hasLoneSurrogate(name)
}

function hasLoneSurrogate(name: string): boolean {
  return [...name].some((character) => character.length === 1 && character >= '\ud800' && character <= '\udfff')
}

const unit = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    ':',
    '*',
    '?',
    '\\',
    '.',
    '{',
    '}',
    '[',
    ']',
    '%',
    '\0',
    '\n',
    '\u0301',
    '😀',
    '\ud83d',
    '\ude00',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)

export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...SPECIAL_NAMES),
  fc.array(unit, { maxLength: 12 }).map((units) => units.join('')),
)

/** Different acceptable names, at least two. */
export const names: fc.Arbitrary<string[]> = fc.uniqueArray(anyName.filter(acceptable), { minLength: 2, maxLength: 6 })
