import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import { ReadSampling, type SampledRead } from './read-sampling.js'
import { seededRandom } from './seeded-random.js'
import { type TestCaches, testCaches } from './testing/caches.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

const READ: SampledRead = {
  key: 'k',
  definition: '',
  args: [],
  value: 1,
  tier: 'memory',
  state: 'fresh',
  at: 0,
  log: { epoch: 'e', applied: 0, unconfirmedMs: 0, subscribed: true, recovering: 0, repairs: 0, losses: 0 },
}

function drive(sampling: ReadSampling, reads: number): void {
  for (let count = 0; count < reads; count++) if (sampling.isDue()) sampling.give(READ)
}

describe('the draw among reads', () => {
  it('gives each of several subscribers its own share, from the moment it came until it leaves', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.constantFrom(0.02, 0.1, 0.5, 1), { minLength: 1, maxLength: 4 }),
        (seed, shares) => {
          const sampling = new ReadSampling(seededRandom(seed), () => undefined)
          const reads = 20_000
          const given = shares.map(() => 0)
          const leave = shares.map((share, index) => {
            drive(sampling, index * 7)
            return sampling.subscribe(share, () => {
              given[index] = (given[index] ?? 0) + 1
            })
          })
          given.fill(0)
          drive(sampling, reads)
          for (const [index, share] of shares.entries()) {
            const deviation = 6 * Math.sqrt(reads * share * (1 - share)) + 1
            expect(Math.abs((given[index] ?? 0) - reads * share)).toBeLessThanOrEqual(deviation)
          }
          for (const stop of leave) stop()
          expect(sampling.idle).toBe(true)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('is not caught by a rhythm: of reads in turns of two keys, both are given', () => {
    const sampling = new ReadSampling(seededRandom(3), () => undefined)
    const turns = [0, 0]
    let turn = 0
    sampling.subscribe(0.5, () => {
      turns[turn] = (turns[turn] ?? 0) + 1
    })
    for (turn = 0; (turns[0] ?? 0) + (turns[1] ?? 0) < 1_000; turn = 1 - turn) drive(sampling, 1)
    expect(Math.min(...turns)).toBeGreaterThan(400)
  })

  it('contains the error of a listener, and the others hear all the same', () => {
    const errors: unknown[] = []
    const sampling = new ReadSampling(seededRandom(1), (error) => errors.push(error))
    const failure = new Error('listener')
    sampling.subscribe(1, () => {
      throw failure
    })
    let heard = 0
    sampling.subscribe(1, () => heard++)
    drive(sampling, 2)
    expect({ heard, errors }).toEqual({ heard: 2, errors: [failure, failure] })
  })

  it.each([0, -1, 1.1, Number.NaN, '0.5'])('refuses the share %j', (share) => {
    const sampling = new ReadSampling(Math.random, () => undefined)
    expect(() => sampling.subscribe(share as number, () => undefined)).toThrow(/^share: expected a share of the reads/)
  })
})

describe('cache.sampleReads', () => {
  it('tells of reads from every tier what the reader got, and nothing once stopped', async () => {
    const remote = inProcessRemote()
    const other = await caches.open({ remote })
    const cache = await caches.open({ remote })
    const pairs = cache.define('pair', { key: (a: string, b: number) => [a, b], load: (a, b) => `${a}${b}` })
    await caches.settle(other.set('plain', 'from the remote tier'))
    const heard: SampledRead[] = []
    const stop = cache.sampleReads(1, (read) => heard.push(read))

    await caches.settle(pairs.get('x', 1))
    await caches.settle(pairs.get('x', 1, { details: true }))
    await caches.settle(cache.get('plain'))
    await caches.settle(cache.get('absent'))
    stop()
    await pairs.get('x', 1)

    const at = caches.clock.now()
    expect(heard.map(({ log, ...read }) => ({ ...read, heard: log.subscribed }))).toEqual([
      {
        key: 'pair:x:1',
        definition: 'pair',
        args: ['x', 1],
        value: 'x1',
        tier: 'origin',
        state: 'fresh',
        at,
        heard: true,
      },
      {
        key: 'pair:x:1',
        definition: 'pair',
        args: ['x', 1],
        value: 'x1',
        tier: 'memory',
        state: 'fresh',
        at,
        heard: true,
      },
      {
        key: 'plain',
        definition: '',
        args: [],
        value: 'from the remote tier',
        tier: 'remote',
        state: 'fresh',
        at,
        heard: true,
      },
    ])
  })

  it('hands out a copy where readers are kept apart by cloning', async () => {
    const cache = await caches.open({ memory: { isolate: 'clone' } })
    await caches.settle(cache.set('a', { hp: 1 }))
    cache.sampleReads(1, ({ value }) => Object.assign(value as object, { hp: 0 }))
    expect(await cache.get('a')).toEqual({ hp: 1 })
    expect(await cache.get('a')).toEqual({ hp: 1 })
  })
})

describe('cache.inspect', () => {
  it('says before the next read what that read will find: stale after a soft invalidation, invalid after a hard one', async () => {
    const cache = await caches.open({ defaults: { grace: '1h' } })
    for (const [mode, state] of [
      ['expire', 'stale'],
      ['delete', 'invalid'],
    ] as const) {
      await caches.settle(cache.set('a', 1, { tags: ['t'] }))
      await caches.settle(cache.invalidate({ tag: 't', mode }))
      const { memory } = await caches.settle(cache.inspect('a'))
      expect([memory?.state, cache.peek('a')?.state]).toEqual([state, mode === 'expire' ? 'stale' : undefined])
    }
  })

  it('watches the key afterwards, unless it is told not to', async () => {
    const cache = await caches.open()
    await caches.settle(cache.getOrLoad('a', () => 1))
    const hits = async (watch: boolean) => {
      await caches.settle(cache.inspect('a', { watch }))
      await cache.get('a')
      const { trace } = await caches.settle(cache.inspect('a', { watch }))
      return trace.filter(({ what }) => what === 'hit').length
    }
    expect(await hits(false)).toBe(0)
    expect(await hits(true)).toBe(1)
  })
})
