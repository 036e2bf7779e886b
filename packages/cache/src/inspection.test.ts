import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inProcessRemote } from './memory/in-process-remote.js'
import { faultyRemote, type TestCaches, testCaches } from './testing/index.js'

let caches: TestCaches
beforeEach(() => {
  caches = testCaches()
})
afterEach(() => caches.close())

describe('inspect', () => {
  it('does not take a remote tier that does not answer for one that lacks the key', async () => {
    const remote = faultyRemote(inProcessRemote())
    const cache = await caches.open({ node: 'n', remote })
    await caches.settle(cache.set('a', 1))
    const lacking = await caches.settle(cache.inspect('none'))
    expect(lacking).toMatchObject({ memory: undefined, remote: undefined })
    expect(lacking).not.toHaveProperty('remoteUnknown')

    remote.faults.cut('n')
    const away = await caches.settle(cache.inspect('a'))
    expect(away).toMatchObject({ memory: { state: 'fresh' }, remote: undefined })
    expect(away.remoteUnknown).toMatch(/^the remote tier does not answer \(.+\)$/)
    remote.faults.heal('n')
    await caches.clock.advance(10_000)
    expect(await caches.settle(cache.inspect('a'))).not.toHaveProperty('remoteUnknown')
  })

  it('says of a value that cannot be read that it is damaged, not that it is missing', async () => {
    const remote = inProcessRemote()
    const cache = await caches.open({ remote })
    const tier = remote.open({
      namespace: cache.namespace,
      node: 'other',
      clock: caches.clock,
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    })
    await caches.settle(
      tier.commit({
        origin: 'other',
        values: [{ key: 'a', bytes: Uint8Array.of(1, 2, 3), expiresInMs: 60_000 }],
        operations: [{ type: 'set', key: 'a' }],
      }),
    )
    const { remote: found, remoteUnknown } = await caches.settle(cache.inspect('a'))
    expect(found).toBeUndefined()
    expect(remoteUnknown).toMatch(/^damaged value: /)
    await tier.close()
  })
})
