import { afterEach, describe, expect, it } from 'vitest'
import { CacheError } from '../errors.js'
import { inProcessRemote } from '../memory/in-process-remote.js'
import { createVirtualClock, faultyRemote, type TestCaches, testCaches } from '../testing/index.js'

const MINUTE = 60_000
const WHY = { by: 'kit', reason: 'redis is sick' }

let world: TestCaches
afterEach(() => world.close())

async function fleet(size: number) {
  world = testCaches(createVirtualClock({ start: Date.UTC(2026, 0, 5, 12) }))
  const remote = faultyRemote(inProcessRemote())
  const open = async (node: string) => {
    const cache = await world.open({ node, remote, history: true })
    // Its code is loaded in real time, which virtual time must not outrun.
    await cache.watch.fleet()
    return cache
  }
  const caches = []
  for (let i = 0; i < size; i++) caches.push(await open(`n${i}`))
  return { caches, open, remote }
}

describe('a bypass of the fleet', () => {
  it('reaches every process within seconds, and who starts meanwhile, and ends by itself', async () => {
    const { caches, open } = await fleet(3)
    const [first] = caches as [(typeof caches)[number]]
    await world.settle(first.watch.bypass({ tier: 'memory', duration: '10m', ...WHY }))
    expect(first.stats().bypassed).toEqual(['memory'])
    await world.clock.advance(2_500)
    const newcomer = await open('late')
    await world.clock.advance(2_500)
    const all = [...caches, newcomer]
    expect(all.map((cache) => cache.stats().bypassed)).toEqual(all.map(() => ['memory']))
    await world.settle(newcomer.set('k', 1))
    expect(newcomer.stats().memory.entries).toBe(0)

    await world.clock.advance(12_000)
    const { bypasses, nodes } = await world.settle(newcomer.watch.fleet())
    expect(bypasses).toMatchObject([{ tier: 'memory', ...WHY }])
    expect(nodes.map(({ bypassed }) => bypassed)).toEqual(all.map(() => ['memory']))

    await world.clock.advance(10 * MINUTE)
    expect(all.map((cache) => cache.stats().bypassed)).toEqual(all.map(() => []))
    expect((await world.settle(first.watch.fleet())).bypasses).toEqual([])
  })

  it('can be ended by any process, and leaves alone what a process bypasses for itself', async () => {
    const { caches } = await fleet(2)
    const [one, other] = caches as [(typeof caches)[number], (typeof caches)[number]]
    one.bypass('remote', true)
    await world.settle(one.watch.bypass({ tier: 'remote', duration: '1h', ...WHY }))
    await world.clock.advance(2_500)
    expect(other.stats().bypassed).toEqual(['remote'])
    await world.settle(other.watch.endBypass('remote'))
    await world.clock.advance(2_500)
    expect([one, other].map((cache) => cache.stats().bypassed)).toEqual([['remote'], []])
    one.bypass('remote', false)
    expect(one.stats().bypassed).toEqual([])
  })

  it('is told as an event with who, why and until when', async () => {
    const { caches } = await fleet(2)
    const [one, other] = caches as [(typeof caches)[number], (typeof caches)[number]]
    const told: unknown[] = []
    other.on('bypass', (event) => told.push(event))
    const { until } = await world.settle(one.watch.bypass({ tier: 'memory', duration: '1m', ...WHY }))
    await world.clock.advance(2 * MINUTE)
    expect(told).toEqual([
      { type: 'bypass', tier: 'memory', on: true, scope: 'fleet', ...WHY, until },
      { type: 'bypass', tier: 'memory', on: false, scope: 'fleet' },
    ])
  })

  it('is refused for what is no tier, no time and no reason', async () => {
    const { caches } = await fleet(1)
    const { watch } = caches[0] as (typeof caches)[number]
    await expect(watch.bypass({ tier: 'origin' as 'memory', duration: '1m', ...WHY })).rejects.toThrow(/bypass\.tier/)
    await expect(watch.bypass({ tier: 'memory', duration: 0, ...WHY })).rejects.toThrow(/bypass\.duration/)
    await expect(watch.bypass({ tier: 'memory', duration: '8d', ...WHY })).rejects.toThrow(/at most 7 days/)
    await expect(watch.bypass({ tier: 'memory', duration: '1m', by: 'kit', reason: '' })).rejects.toThrow(CacheError)
    await expect(watch.endBypass('origin' as 'memory')).rejects.toThrow(/bypass\.tier/)
  })
})

describe('while the board does not answer', () => {
  it('a bypass of the remote tier holds, to its own end', async () => {
    const { caches, remote } = await fleet(1)
    const [cache] = caches as [(typeof caches)[number]]
    await world.settle(cache.watch.bypass({ tier: 'remote', duration: '5m', ...WHY }))
    remote.faults.cut('n0')
    await world.clock.advance(4 * MINUTE)
    expect(cache.stats().bypassed).toEqual(['remote'])
    await world.clock.advance(2 * MINUTE)
    expect(cache.stats().bypassed).toEqual([])
  })

  it('none can be begun, and nothing is half done', async () => {
    const { caches, remote } = await fleet(1)
    const [cache] = caches as [(typeof caches)[number]]
    remote.faults.cut('n0')
    const refused = cache.watch.bypass({ tier: 'memory', duration: '5m', ...WHY })
    await expect(world.settle(refused)).rejects.toMatchObject({ code: 'remote-unavailable' })
    expect(cache.stats().bypassed).toEqual([])
  })
})
