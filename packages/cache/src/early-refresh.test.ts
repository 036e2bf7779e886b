import { describe, expect, it } from 'vitest'
import { drawsRefresh, earliestDraw, resolveEarlyRefresh } from './early-refresh.js'
import { createVirtualClock, seededRandom, testCaches } from './testing/index.js'

describe('the draw of an early refresh', () => {
  it('comes true with the chance that the paper gives: e^(-left / (beta * load))', () => {
    const random = seededRandom(7)
    const draws = 40_000
    for (const [leftMs, loadMs, beta] of [
      [100, 100, 1],
      [50, 100, 1],
      [200, 100, 1],
      [200, 100, 2],
      [25, 100, 0.5],
    ] as const) {
      let hits = 0
      for (let i = 0; i < draws; i++)
        if (drawsRefresh({ expiresAt: 10_000, loadMs, beta }, 10_000 - leftMs, random)) hits++
      const expected = Math.exp(-leftMs / (beta * loadMs))
      // Four standard deviations of a binomial share.
      expect(Math.abs(hits / draws - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / draws))
    }
  })

  it('is certain at the expiry, and impossible before the moment from which it is asked at all', () => {
    const almostOne = () => 1 - 2 ** -53
    const value = { expiresAt: 10_000, loadMs: 100, beta: 1 }
    expect(drawsRefresh(value, 10_000, () => 0)).toBe(true)
    const earliest = earliestDraw(10_000, 100, 1)
    expect(drawsRefresh(value, earliest - 1, almostOne)).toBe(false)
    expect(drawsRefresh(value, earliest + 1, almostOne)).toBe(true)
  })

  it.each([
    [{ beta: 0 }, 'here.beta: expected a number above 0, got 0'],
    [{ beta: Number.POSITIVE_INFINITY }, 'here.beta'],
    [{ bta: 1 }, 'here.bta: expected one of beta, got an unknown option'],
    [1, 'here: expected true, false or { beta } with a number above 0, got 1'],
  ])('refuses %j with a reason', (option, reason) => {
    expect(() => resolveEarlyRefresh('here', option as never)).toThrow(reason)
  })
})

describe('early refresh of a cache', () => {
  /** Reads one key every `everyMs` over many lives of its value; how long before the expiry each refresh began. */
  async function leads(seed: number, beta: number, loadMs: number, everyMs: number) {
    const caches = testCaches(createVirtualClock({ seed }))
    const cache = await caches.open({ defaults: { ttl: '60s', earlyRefresh: { beta } } })
    const found: number[] = []
    let expiresAt = 0
    let loads = 0
    const load = async () => {
      if (loads++ > 0) found.push(expiresAt - caches.clock.now())
      await caches.after(loadMs, undefined)
      expiresAt = caches.clock.now() + 60_000
      return loads
    }
    await caches.settle(cache.getOrLoad('a', load))
    while (found.length < 100) {
      await caches.clock.advance(everyMs)
      void cache.getOrLoad('a', load)
    }
    await caches.clock.advance(loadMs + 1)
    const { misses, memoryHits } = cache.stats().total
    await caches.close()
    return { found, waited: misses / (misses + memoryHits) }
  }

  it('begins the earlier the longer the load takes and the larger beta is, and spares readers the wait', async () => {
    const mean = ({ found }: { found: number[] }) => found.reduce((sum, one) => sum + one, 0) / found.length
    const fast = await leads(1, 1, 50, 250)
    const slow = await leads(1, 1, 1_000, 250)
    const eager = await leads(1, 3, 1_000, 250)
    // Without it four reads of each life would wait for the load: one in sixty.
    expect(slow.waited).toBeLessThan(1 / 150)
    expect(eager.waited).toBeLessThan(1 / 1_000)
    expect(mean(fast)).toBeLessThan(mean(slow))
    expect(mean(slow)).toBeLessThan(mean(eager))
    // Nothing is refreshed needlessly early: nine of ten within seven times what the load takes.
    expect(slow.found.filter((lead) => lead < 7_000).length).toBeGreaterThan(90)
  })

  it('counts the duration of the load that another process made', async () => {
    const caches = testCaches()
    const { inProcessRemote } = await import('./index.js')
    const remote = inProcessRemote()
    const options = { remote, defaults: { ttl: '60s', earlyRefresh: true } } as const
    const [one, two] = [await caches.open(options), await caches.open(options)]
    await caches.settle(one.getOrLoad('a', () => caches.after(2_000, 'v1')))
    await caches.settle(two.getOrLoad('a', () => 'never'))
    const causes: string[] = []
    two.on('refresh', ({ cause }) => causes.push(cause))
    for (let step = 0; step < 600 && causes.length === 0; step++) {
      await caches.clock.advance(100)
      await two.getOrLoad('a', () => 'v2')
    }
    await caches.clock.advance(10)
    expect([causes, two.peek('a')?.value]).toEqual([['early'], 'v2'])
    await caches.close()
  })
})
