import { expect, test } from 'vitest'
import { periodsOf } from '../page/src/periods.js'
import { clockTime } from '../src/format.js'
import type { History } from '../src/wire.js'

const END = Date.UTC(2026, 10, 29, 4, 50)

/** One interval of five minutes, of which so much was recorded. */
const recorded = (ms: number) => ({ intervalMs: 300_000, at: [END], durationMs: [ms] }) as unknown as History

test.each([
  [299_000, '5 min'],
  [7_412, '7 s'],
  [64_880, '65 s'],
  [180, '1 s'],
])('of five minutes of which %i ms are known it says %s', (ms, words) => {
  expect(periodsOf(recorded(ms), false).usual.words).toBe(`${words} until ${clockTime(END)}`)
})

test('what is live is called by how long it is', () => {
  expect(periodsOf(recorded(7_412), true)).toMatchObject({
    brief: { words: 'last 10 seconds' },
    usual: { words: 'last minute' },
  })
})
