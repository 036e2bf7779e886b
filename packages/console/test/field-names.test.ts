import { expect, test } from 'vitest'
import { asOfTheForm } from '../page/src/field-names.js'

test.each([
  [
    'action.target.regex: Invalid regular expression: /(/: Unterminated group',
    'Expression: Invalid regular expression: /(/: Unterminated group',
  ],
  ['regex: expected flags among i, m, s, u, got "g"', 'Expression: expected flags among i, m, s, u, got "g"'],
  ['action.keys[3]: expected text that is not empty, got ""', 'Full keys: expected text that is not empty, got ""'],
  ['reason: expected a few words, got ""', 'Why: expected a few words, got ""'],
  ['The remote tier does not answer', 'The remote tier does not answer'],
  ['connect: refused', 'connect: refused'],
])('%s is told by the names of the form', (message, words) => {
  expect(asOfTheForm(message)).toBe(words)
})
