import { expect, test } from 'vitest'
import { amount, axisTime, clockTime, duration, moment, percent } from './format.js'

test.each([
  [2 / 3, '66.7 %'],
  [2 / 7, '28.6 %'],
  [1, '100 %'],
  [0.99999, '99.9 %'],
  [0.9996, '99.9 %'],
  [0, '0.0 %'],
  [0.0004, '< 0.1 %'],
  [undefined, '–'],
])('the share %s is %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

test.each([
  [0.0021, '2.1 µs'],
  [14, '14 ms'],
  [60_000, '1 min'],
  [90_000, '90 s'],
  [300_000, '5 min'],
  [3_600_000, '1 h'],
  [5_400_000, '90 min'],
  [9_000_000, '2.5 h'],
  [86_400_000, '1 d'],
  [604_800_000, '7 d'],
  [null, '–'],
])('the duration %s is %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test.each([
  [0, '0'],
  [0.02, '0.02'],
  [0.25, '0.25'],
  [3.14, '3.1'],
  [1_240, '1,240'],
  [3.1e6, '3.1 M'],
])('the amount %s is %s', (value, text) => {
  expect(amount(value)).toBe(text)
})

test('a moment of today is told by its time, another with its date', () => {
  const now = new Date(2026, 10, 28, 12).getTime()
  expect(moment(now + 1_000, now)).toBe(clockTime(now + 1_000))
  expect(moment(now + 86_400_000, now)).toBe('Nov 29, 12:00:00')
  expect(axisTime(now)).toBe('12:00:00')
  expect(axisTime(new Date(2026, 10, 28).getTime())).toBe('Nov 28')
})
