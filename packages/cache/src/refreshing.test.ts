import { afterEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './index.js'
import { faultyRemote, type TestCaches, testCaches } from './testing/index.js'

let caches: TestCaches
afterEach(async () => {
  await caches.close()
  expect(caches.clock.pending).toBe(0)
})

describe('a refresh ahead', () => {
  it('that fails is not tried again by the next hit, but after the throttle', async () => {
    caches = testCaches()
    const cache = await caches.open()
    let loads = 0
    const read = () =>
      cache.getOrLoad(
        'a',
        () => {
          if (++loads > 1) throw new Error('away')
          return 'v1'
        },
        { ttl: '100s', refreshAhead: 0.5, graceThrottle: '10s' },
      )
    await caches.settle(read())
    await caches.clock.advance(51_000)
    for (let hit = 0; hit < 20; hit++) {
      expect(await read()).toBe('v1')
      await caches.clock.advance(1)
    }
    expect(loads).toBe(2)
    await caches.clock.advance(10_000)
    expect(await read()).toBe('v1')
    await caches.clock.flush()
    expect([loads, cache.stats().total.refreshes]).toEqual([3, 2])
  })

  it('takes the value that another process has refreshed already', async () => {
    caches = testCaches()
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    let loads = 0
    const options = { ttl: '100s', refreshAhead: 0.5 } as const
    const read = (cache = one) => caches.settle(cache.getOrLoad('a', () => ++loads, options))
    await read(one)
    await read(two)
    await caches.clock.advance(60_000)
    await read(one)
    await caches.clock.advance(10)
    expect(await read(two)).toBe(1)
    await caches.clock.advance(10)
    expect(await read(two)).toBe(2)
    expect(loads).toBe(2)
  })

  it('is set off as well by a read that the remote tier answers', async () => {
    caches = testCaches()
    const cache = await caches.open({ defaults: { freshness: 'remote', ttl: '100s', refreshAhead: 0.5 } })
    let loads = 0
    const read = () => caches.settle(cache.getOrLoad('a', () => ++loads))
    await read()
    await caches.clock.advance(60_000)
    expect(await read()).toBe(1)
    await caches.clock.advance(10)
    expect(await read()).toBe(2)
    expect(loads).toBe(2)
  })

  it('is one flight with whoever needs the value meanwhile', async () => {
    caches = testCaches()
    const cache = await caches.open()
    let loads = 0
    const read = () => cache.getOrLoad('a', () => caches.after(2_000, ++loads), { ttl: '10s', refreshAhead: 0.9 })
    await caches.settle(read())
    await caches.clock.advance(9_500)
    expect(await read()).toBe(1)
    await caches.clock.advance(600)
    expect(await caches.settle(read())).toBe(2)
    expect(loads).toBe(2)
  })
})

describe('stale while revalidate', () => {
  const options = { ttl: '10s', grace: '1h', staleWhileRevalidate: '30s' } as const

  it('answers with the stale value at once and refreshes behind, once', async () => {
    caches = testCaches()
    const cache = await caches.open()
    let loads = 0
    const read = () => cache.getOrLoad('a', () => caches.after(500, ++loads), { ...options, details: true })
    await caches.settle(read())
    await caches.clock.advance(11_000)
    const before = caches.clock.now()
    for (let hit = 0; hit < 5; hit++) expect(await read()).toEqual({ value: 1, state: 'stale', tier: 'memory' })
    expect(caches.clock.now()).toBe(before)
    await caches.clock.advance(600)
    expect(await read()).toEqual({ value: 2, state: 'fresh', tier: 'memory' })
    expect(loads).toBe(2)
  })

  it('does so in a process that has the value from the remote tier only', async () => {
    caches = testCaches()
    const remote = inProcessRemote()
    const [one, two] = [await caches.open({ remote }), await caches.open({ remote })]
    await caches.settle(one.getOrLoad('a', () => 'old', options))
    await caches.clock.advance(11_000)
    const before = caches.clock.now()
    const stale = await caches.settle(two.getOrLoad('a', () => caches.after(500, 'new'), { ...options, details: true }))
    expect(stale).toEqual({ value: 'old', state: 'stale', tier: 'remote' })
    expect(caches.clock.now() - before).toBeLessThan(10)
    await caches.clock.advance(600)
    expect(two.peek('a')).toMatchObject({ value: 'new', state: 'fresh' })
  })

  it('waits for the load when it is past that part of the grace, or was softly invalidated', async () => {
    caches = testCaches()
    const cache = await caches.open()
    let loads = 0
    const read = () => caches.settle(cache.getOrLoad('a', () => caches.after(500, ++loads), options))
    await read()
    await caches.clock.advance(41_000)
    expect(await read()).toBe(2)
    await caches.settle(cache.invalidate({ key: 'a', mode: 'expire' }))
    expect(await read()).toBe(3)
  })

  it('is refused beyond the grace, at creation', () => {
    caches = testCaches()
    return expect(caches.open({ defaults: { grace: '10s', staleWhileRevalidate: '11s' } })).rejects.toThrow(
      'defaults.staleWhileRevalidate: expected at most the grace (10000 ms), within which stale values are kept, got "11s"',
    )
  })
})

describe('the soft timeout of the remote tier', () => {
  it('answers with the stale value while the remote tier is slow, which then answers the next', async () => {
    caches = testCaches()
    const remote = faultyRemote(inProcessRemote())
    const cache = await caches.open({ node: 'n', remote, remoteOptions: { softTimeout: 20 } })
    const options = { ttl: '10s', grace: '1h', details: true } as const
    await caches.settle(cache.getOrLoad('a', () => 'old', options))
    await caches.clock.advance(11_000)
    remote.faults.nextCall('n', { operation: 'get', replyLatencyMs: 500 })
    const before = caches.clock.now()
    let loads = 0
    const read = () => cache.getOrLoad('a', () => `new ${++loads}`, options)
    expect(await caches.settle(read())).toMatchObject({ value: 'old', state: 'stale' })
    expect(caches.clock.now() - before).toBe(20)
    await caches.clock.advance(1_000)
    expect(await caches.settle(read())).toMatchObject({ value: 'new 1', state: 'fresh' })
  })

  it('is refused when the hard one would come first', () => {
    caches = testCaches()
    return expect(caches.open({ remoteOptions: { timeout: 50, softTimeout: 50 } })).rejects.toThrow(
      'remoteOptions.softTimeout: expected less than timeout (50 ms), got 50',
    )
  })
})

describe('fail-safe', () => {
  it("holds back reads with freshness 'remote' as well after a failed load", async () => {
    caches = testCaches()
    const cache = await caches.open({
      defaults: { freshness: 'remote', ttl: '10s', grace: '1h', graceThrottle: '30s' },
    })
    await caches.settle(cache.set('a', 'old'))
    await caches.clock.advance(11_000)
    let attempts = 0
    const read = () =>
      caches.settle(
        cache.getOrLoad(
          'a',
          () => {
            attempts++
            throw new Error('away')
          },
          { details: true },
        ),
      )
    for (let i = 0; i < 3; i++) expect(await read()).toMatchObject({ value: 'old', state: 'stale' })
    expect(attempts).toBe(1)
    await caches.clock.advance(31_000)
    await read()
    expect(attempts).toBe(2)
  })

  it('ends with the grace, also for who began to wait within it', async () => {
    caches = testCaches()
    const cache = await caches.open()
    const options = { ttl: '10s', grace: '5s' } as const
    await caches.settle(cache.getOrLoad('a', () => 'old', options))
    await caches.clock.advance(14_000)
    const failing = cache.getOrLoad(
      'a',
      () => caches.after(2_000, undefined).then(() => Promise.reject(new Error('no'))),
      options,
    )
    await expect(caches.settle(failing)).rejects.toMatchObject({ code: 'load-failed' })
  })
})
