import type { Trend } from '@tableforge/cache'
import { expect, test } from 'vitest'
import { trendInWords } from '../page/src/trend.js'

const trend = (changes: Partial<Trend>): Trend => ({
  figure: 'hitRate',
  now: 0.9,
  yesterday: null,
  change: null,
  slopePerHour: null,
  ...changes,
})

test.each<[string, Partial<Trend>, ReturnType<typeof trendInWords>]>([
  ['a share, in points', { yesterday: 0.879 }, { way: 'up', text: '2.1 points since yesterday' }],
  [
    'a share that was 0 yesterday',
    { figure: 'errorRate', now: 0.05, yesterday: 0 },
    { way: 'up', text: '5.0 points since yesterday' },
  ],
  [
    'a share that falls',
    { yesterday: 0.95, slopePerHour: -0.02 },
    { way: 'down', text: '5.0 points since yesterday, falling over the last hour' },
  ],
  ['no change to speak of', { yesterday: 0.9004, slopePerHour: 0.001 }, { way: undefined, text: 'as yesterday' }],
  [
    'an amount, in percent',
    { figure: 'readsPerSecond', now: 88, yesterday: 100, change: -0.12, slopePerHour: 20 },
    { way: 'down', text: '12 % since yesterday, rising over the last hour' },
  ],
  [
    'many times as much',
    { figure: 'loadsPerSecond', now: 70, yesterday: 10, change: 6 },
    { way: 'up', text: "7 times yesterday's" },
  ],
  ['only today', { slopePerHour: 0.05 }, { way: undefined, text: 'rising over the last hour' }],
  ['nothing known of yesterday', {}, undefined],
  ['no traffic now', { now: null, yesterday: 0.5, slopePerHour: 1 }, undefined],
])('a trend in words: %s', (_name, changes, words) => {
  expect(trendInWords(trend(changes))).toEqual(words)
})

test('nothing is said of a trend that was not answered', () => {
  expect(trendInWords(undefined)).toBeUndefined()
})
