import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import type { CacheOptions } from './options.js'
import { type TestCaches, testCaches } from './testing/caches.js'
import { faultyRemote } from './testing/faulty-remote.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

/** Two nodes of one namespace, with a load of `k` under way on the first, which takes as long as is said. */
async function loading(ms: number, options: CacheOptions = {}) {
  const remote = faultyRemote(inProcessRemote())
  const here = await caches.open({ remote, node: 'here', ...options })
  const there = await caches.open({ remote, node: 'there' })
  const loaded = here.getOrLoad('k', () => caches.after(ms, 'here'))
  await caches.clock.flush()
  return { remote, here, there, loaded }
}

describe('a load whose value must not be stored in the remote tier gives its lease back at once', () => {
  it('when something that this node has invalidated meanwhile could not be sent', async () => {
    const { remote, here, there, loaded } = await loading(10)
    remote.faults.nextCall('here', { operation: 'commit', fail: 'before' }, 9)
    expect(await here.invalidate({ key: 'other' })).toMatchObject({ propagated: false })
    expect(await caches.settle(loaded)).toBe('here')
    const began = caches.clock.now()
    expect(await caches.settle(there.getOrLoad('k', () => 'there'))).toBe('there')
    expect(caches.clock.now() - began).toBeLessThan(100)
  })

  it.each<[string, CacheOptions]>([
    ['', {}],
    [', also where reads put up with that', { onPartition: 'serve' }],
  ])('when this node has not heard the log for too long, and is not answered now either%s', async (_, options) => {
    const { remote, there, loaded } = await loading(7_000, options)
    remote.faults.cutSubscription('here')
    remote.faults.nextCall('here', { operation: 'log.position', fail: 'before' }, 1_000)
    expect(await caches.settle(loaded)).toBe('here')
    const began = caches.clock.now()
    expect(await caches.settle(there.getOrLoad('k', () => 'there'))).toBe('there')
    expect(caches.clock.now() - began).toBeLessThan(100)
  })
})

describe('a loaded value that cannot be stored', () => {
  it('is given to the reader and kept in memory, and is no failure of the remote tier', async () => {
    const remote = inProcessRemote()
    const [here, there] = [await caches.open({ remote }), await caches.open({ remote })]
    const heard: object[] = []
    here.on('remote-error', (event) => heard.push(event))
    here.on('fill-refused', (event) => heard.push(event))
    const value = { roll: () => 4 }
    expect(await caches.settle(here.getOrLoad('dice', () => value))).toBe(value)
    expect(heard).toEqual([{ type: 'fill-refused', key: 'dice', definition: '', reason: 'unstorable' }])
    expect(here.stats().definitions['']?.remoteErrors).toBe(0)
    expect(here.peek('dice')?.value).toBe(value)
    const began = caches.clock.now()
    expect(await caches.settle(there.getOrLoad('dice', () => 'there'))).toBe('there')
    expect(caches.clock.now() - began).toBeLessThan(100)
  })
})
