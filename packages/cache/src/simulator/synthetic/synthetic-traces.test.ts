import { describe, expect, it } from 'vitest'
import { simulate } from '../simulate.js'
import { DELETE, READ, readsOf, type Trace, WRITE } from '../trace.js'
import { EVENING_HABITS } from './evening-habits.js'
import { SYNTHETIC_TRACES, syntheticTrace } from './synthetic-traces.js'

const hitRatio = (trace: Trace, policy: Parameters<typeof simulate>[1], entries: number) =>
  simulate(trace, policy, { label: '', entries, bytes: Number.POSITIVE_INFINITY }).hitRatio

/** How often each key comes up, the most frequent first. */
function frequencies({ keys, distinct }: Trace): number[] {
  const counts = new Array<number>(distinct).fill(0)
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1
  return counts.sort((a, b) => b - a)
}

describe('a made-up trace', () => {
  const small: Record<string, string> = { evening: 'evening:players=24,minutes=5' }

  it.each(Object.keys(SYNTHETIC_TRACES))('numbers its keys in order of appearance: %s', (name) => {
    const { keys, distinct } = syntheticTrace(small[name] ?? `${name}:requests=5000`)
    let next = 0
    for (const key of keys) {
      expect(key).toBeLessThanOrEqual(next)
      if (key === next) next++
    }
    expect(next).toBe(distinct)
  })

  it.each(['zipf:requests=2000', 'shifting:requests=2000', 'evening:players=12,minutes=3'])(
    'is the same for the same seed and another for another: %s',
    (text) => {
      expect(syntheticTrace(text, { seed: 7 })).toEqual(syntheticTrace(text, { seed: 7 }))
      expect(syntheticTrace(`${text},seed=7`, { seed: 8 })).toEqual(syntheticTrace(text, { seed: 7 }))
      expect(syntheticTrace(text, { seed: 8 })).not.toEqual(syntheticTrace(text, { seed: 7 }))
    },
  )

  it('follows the law of Zipf: the second most popular key comes up 2^skew times as seldom as the first', () => {
    const counts = frequencies(syntheticTrace('zipf:requests=200000,keys=1000,skew=0.8'))
    expect((counts[0] ?? 0) / (counts[1] ?? 1)).toBeCloseTo(2 ** 0.8, 0)
    expect((counts[0] ?? 0) / (counts[99] ?? 1)).toBeGreaterThan(0.7 * 100 ** 0.8)
    expect((counts[0] ?? 0) / (counts[99] ?? 1)).toBeLessThan(1.4 * 100 ** 0.8)
  })

  it('asks for every key once: scan', () => {
    expect(syntheticTrace('scan:requests=3000')).toMatchObject({ distinct: 3_000, keys: { length: 3_000 } })
  })

  it('defeats LRU and lets the optimum hit in proportion: loop', () => {
    const loop = syntheticTrace('loop:requests=20000,keys=1000')
    expect(hitRatio(loop, 'lru', 500)).toBe(0)
    expect(hitRatio(loop, 'belady', 500)).toBeGreaterThan(0.45)
  })

  it('renews half of its popular keys at each shift: shifting', () => {
    const { keys } = syntheticTrace('shifting:requests=40000,keys=200,shifts=1,skew=0.5')
    const before = new Set(keys.subarray(0, 20_000))
    const after = new Set(keys.subarray(20_000))
    const stayed = [...after].filter((key) => before.has(key)).length
    expect(stayed / after.size).toBeGreaterThan(0.4)
    expect(stayed / after.size).toBeLessThan(0.6)
  })

  it('reads about ten times as often as it writes or invalidates an entry, apart from dragged pieces: evening', () => {
    const trace = syntheticTrace('evening:players=60,minutes=20')
    const counted = (kind: number) => trace.kinds?.filter((each) => each === kind).length ?? 0
    expect(readsOf(trace)).toBe(counted(READ))
    expect(counted(READ)).toBeGreaterThan(2 * counted(WRITE))
    expect(counted(DELETE)).toBeGreaterThan(0)
    expect(trace.times?.at(-1)).toBeLessThan(20 * 60_000)
    expect(hitRatio(trace, 'lru', trace.distinct)).toBeGreaterThan(0.7)
  })

  it('refuses names, options and numbers that it does not know, and names those that it does', () => {
    expect(() => syntheticTrace('noise')).toThrow('one of zipf, scan, loop, shifting, evening')
    expect(() => syntheticTrace('toString')).toThrow('one of zipf')
    expect(() => syntheticTrace('zipf:size=3')).toThrow('one of requests=1000000, keys=100000, skew=0.9, seed=1')
    expect(() => syntheticTrace('zipf:keys=0')).toThrow('a whole number of at least 1, got "0"')
    expect(() => syntheticTrace('zipf:keys')).toThrow('a whole number of at least 1')
    expect(() => syntheticTrace('zipf:skew=x')).toThrow('a number from 0 to 10')
  })

  it('knows each habit once', () => {
    expect(new Set(EVENING_HABITS.map(({ name }) => name)).size).toBe(EVENING_HABITS.length)
  })
})
