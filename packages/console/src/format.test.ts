import { expect, test } from 'vitest'
import { percent } from './format.js'

test('a share is rounded, but is 100 % or 0 only when it is exactly that', () => {
  const shown: [share: number, text: string][] = [
    [0, '0.0 %'],
    [0.0004, '< 0.1 %'],
    [2 / 7, '28.6 %'],
    [2 / 3, '66.7 %'],
    [0.9994, '99.9 %'],
    [0.99999, '99.9 %'],
    [1, '100 %'],
  ]
  for (const [share, text] of shown) expect(percent(share), String(share)).toBe(text)
  expect(percent(0 / 0), 'of nothing').toBe('–')
})
