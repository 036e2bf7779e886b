import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capacityOf } from './capacity.js'
import { concatenated, firstSteps, mixed } from './combine.js'
import { KeyNumbers } from './key-numbers.js'
import { matrixCells, summaryOf } from './matrix.js'
import { missRatioCurves } from './miss-ratio-curve.js'
import { sampledTrace, simulateSample } from './sampled.js'
import { SIMULATED_POLICIES, simulate } from './simulate.js'
import { syntheticTrace } from './synthetic/synthetic-traces.js'
import { footprintOf, type Trace } from './trace.js'
import { TraceBuilder } from './trace-builder.js'

function traceOf(name: string, keys: readonly number[], sizes?: readonly number[]): Trace {
  const builder = new TraceBuilder({ sizes: sizes !== undefined })
  for (const [step, key] of keys.entries()) builder.add(key, { bytes: sizes?.[step] ?? 1 })
  return builder.finish(name, new Set(keys).size)
}

describe('several traces as one', () => {
  it('come one after another with keys of their own: concat', () => {
    const both = concatenated([traceOf('a', [0, 1, 0]), traceOf('b', [0, 0])])
    expect(both).toMatchObject({ name: 'a then b', distinct: 3, keys: Uint32Array.of(0, 1, 0, 2, 2) })
  })

  it('come all at once, each in its own order: mix', () => {
    const [a, b] = [syntheticTrace('loop:requests=900,keys=30'), syntheticTrace('scan:requests=100')]
    const both = mixed([a, b], { seed: 3 })
    expect(both.keys.length).toBe(1_000)
    expect(both.distinct).toBe(130)
    const counts = new Map<number, number>()
    for (const key of both.keys) counts.set(key, (counts.get(key) ?? 0) + 1)
    const ofLoop = [...both.keys].filter((key) => (counts.get(key) ?? 0) > 1)
    const order = [...new Set(ofLoop)]
    expect(ofLoop).toEqual(ofLoop.map((_, step) => order[step % 30]))
    // Spread over the whole, not one behind the other.
    const half = [...both.keys.subarray(0, 500)].filter((key) => counts.get(key) === 1).length
    expect(half).toBeGreaterThan(25)
    expect(half).toBeLessThan(75)
    expect(mixed([a, b], { seed: 3 })).toEqual(both)
  })

  it('keep sizes only when all have them', () => {
    const sized = traceOf('a', [0], [5])
    expect(concatenated([sized, sized]).sizes).toEqual(Uint32Array.of(5, 5))
    expect(concatenated([sized, traceOf('b', [0])]).sizes).toBeUndefined()
  })

  it('can be cut', () => {
    expect(firstSteps(traceOf('a', [0, 1, 2]), 2)).toMatchObject({ distinct: 2, keys: Uint32Array.of(0, 1) })
  })
})

describe('the size of a cache', () => {
  const trace = traceOf('a', [0, 1, 0, 2], [100, 50, 300, 50])

  it('is a share of the keys, entries or bytes', () => {
    expect(capacityOf('50%', trace)).toMatchObject({ entries: 2, bytes: Number.POSITIVE_INFINITY })
    expect(capacityOf('5000', trace)).toMatchObject({ entries: 5_000 })
    expect(capacityOf('1kb', trace)).toMatchObject({ bytes: 1_024 })
    expect(footprintOf(trace)).toBe(400)
    expect(capacityOf('25%', trace, 'bytes')).toMatchObject({ bytes: 100 })
    expect(capacityOf('0.1%', trace).entries).toBe(1)
  })

  it.each(['', '0', '-5', '0%', '101%', '10 %%', 'all', '1.5'])('is refused when it is none: %j', (size) => {
    expect(() => capacityOf(size, trace)).toThrow(/size: expected a size/)
  })

  it('cannot be bytes when the trace has no sizes', () => {
    expect(() => capacityOf('1kb', traceOf('plain', [0]))).toThrow('since the trace plain has no sizes')
  })
})

describe('a simulation of what is none', () => {
  const trace = syntheticTrace('loop:requests=50,keys=10')
  const bounds = { label: '', entries: 5, bytes: Number.POSITIVE_INFINITY }

  it.each(SIMULATED_POLICIES)(
    'is refused for bounds that hold nothing, and runs within those that are none: %s',
    (policy) => {
      for (const entries of [0, -1, 0.5, Number.NaN, undefined, '5'])
        expect(() => simulate(trace, policy, { ...bounds, entries: entries as number })).toThrow(
          /^capacity\.entries: expected a whole number of at least 1/,
        )
      for (const bytes of [0, -1, Number.NaN, undefined])
        expect(() => simulate(trace, policy, { ...bounds, bytes: bytes as number })).toThrow(/^capacity\.bytes: /)
      expect(() => simulate(trace, policy, {} as never)).toThrow(/^capacity\.entries: /)
      expect(() => simulate(trace, policy, undefined as never)).toThrow(
        /^capacity: expected \{ label, entries, bytes \}/,
      )
      expect(simulate(trace, policy, { ...bounds, entries: 2 ** 23 }).hits).toBe(40)
    },
  )

  it('is refused for a policy that there is not', () => {
    expect(() => simulate(trace, 'mru' as never, bounds)).toThrow(/^policy: expected 'adaptive' or .*, got "mru"$/)
  })
})

describe('numbers for keys', () => {
  it('are given in order of appearance, and only once, for any keys of 64 bits', () => {
    const key = fc.tuple(fc.nat(3), fc.oneof(fc.nat(20), fc.constant(0xffffffff)))
    fc.assert(
      fc.property(fc.array(key, { maxLength: 3_000 }), (keys) => {
        const numbers = new KeyNumbers()
        const known = new Map<string, number>()
        for (const [high, low] of keys) {
          const name = `${high}:${low}`
          if (!known.has(name)) known.set(name, known.size)
          expect(numbers.of(high, low)).toBe(known.get(name))
        }
        expect(numbers.size).toBe(known.size)
      }),
      { numRuns: 20 },
    )
    const many = new KeyNumbers()
    for (let number = 0; number < 10_000; number++) expect(many.ofNumber(number * 2 ** 33)).toBe(number)
  })
})

describe('a sample of the keys', () => {
  const trace = syntheticTrace('zipf:requests=100000,keys=20000,skew=0.7')

  it('has all or none of the steps of a key, and about its share of the keys', () => {
    const sample = sampledTrace(trace, 0.2)
    expect(sample.distinct / trace.distinct).toBeCloseTo(0.2, 1)
    const own = traceOf('whole', [0, 1, 2, 1])
    expect(sampledTrace(own, 1)).toEqual(own)
  })

  it('estimates the hit ratio within two percentage points', () => {
    const capacity = capacityOf('10%', trace)
    const sample = sampledTrace(trace, 0.2)
    for (const policy of ['lru', 's3-fifo', 'belady'] as const) {
      const { hitRatio } = simulateSample(trace, sample, { policy, capacity, share: 0.2 })
      expect(Math.abs(hitRatio - simulate(trace, policy, capacity).hitRatio), policy).toBeLessThan(0.02)
    }
  })
})

describe('miss-ratio curves', () => {
  const trace = syntheticTrace('zipf:requests=20000,keys=2000')

  it('fall for LRU and the optimum, and end where everything fits', () => {
    const { curves, capacities } = missRatioCurves(trace, { policies: ['lru', 'belady'], points: 6 })
    expect(capacities).toHaveLength(6)
    expect(capacities.at(-1)?.entries).toBe(trace.distinct)
    for (const { missRatios } of curves) {
      expect(missRatios).toEqual([...missRatios].sort((a, b) => b - a))
      expect(missRatios.at(-1)).toBeCloseTo(trace.distinct / trace.keys.length)
    }
  })
})

describe('a matrix', () => {
  const trace = syntheticTrace('zipf:requests=20000,keys=4000')
  const policies = ['lru', 'fifo', 'sieve', 'belady'] as const

  it('holds one policy against the best of the others, the optimum apart, and leaves out tiny caches', () => {
    const cells = matrixCells(trace, { sizes: ['1%', '5%', '25%'], policies, judged: 'lru' })
    expect(cells.map(({ capacity }) => capacity.label)).toEqual(['5%', '25%'])
    for (const { results, best, gap } of cells) {
      const of = (policy: string) => results.find((one) => one.policy === policy)?.hitRatio ?? 0
      expect(best).toBe('sieve')
      expect(gap).toBeCloseTo((of('lru') - of('sieve')) * 100)
    }
    const summary = summaryOf(cells)
    expect(summary).toMatchObject({ behind: 2, wins: { sieve: 2 } })
    expect(summary.worstGap).toBe(Math.min(...cells.map(({ gap }) => gap ?? 0)))
    const mean = cells.reduce((sum, { results }) => sum + (results[0]?.hitRatio ?? 0), 0) / 2
    expect(summary.means.lru).toBeCloseTo(mean)
  })

  it('judges nobody who does not take part', () => {
    const cells = matrixCells(trace, { sizes: ['25%'], policies: ['lru'], judged: 'adaptive' })
    expect(cells[0]).toMatchObject({ best: 'lru', gap: undefined })
    expect(summaryOf(cells)).toMatchObject({ worstGap: undefined, behind: 0 })
  })
})
