import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CacheProcess } from './cache-process.js'
import { type Nodes, servedOld, startNodes } from './nodes.js'

/** The promise of the coherence protocol between processes on a real Redis. */

let nodes: Nodes
beforeEach(async () => {
  nodes = await startNodes()
})
afterEach(() => nodes.close())

/** Longer than any test: whatever is noticed in one was not noticed by the heartbeat. */
const NO_HEARTBEAT = { maxStaleness: '10m' } as const

describe('a delete while another process loads', () => {
  const ways = {
    'by key': (node: CacheProcess) => node.invalidate('r'),
    'by tag': (node: CacheProcess) => node.invalidateBy({ tag: 'of r' }),
    'by pattern': (node: CacheProcess) => node.invalidateBy({ pattern: 'room:*' }),
    'by clear': (node: CacheProcess) => node.clear(),
  }

  it.each(Object.entries(ways))('%s is not undone by that load', async (_name, invalidate) => {
    const [loader, other] = (await nodes.start(2)) as [CacheProcess, CacheProcess]
    const release = nodes.origin.hold()
    const underWay = loader.value('r')
    await nodes.origin.begun(1)
    nodes.origin.values.set('r', 'v2')
    const receipt = await invalidate(other)
    release()
    expect(receipt).toEqual({ seq: 1, propagated: true })
    expect(await underWay).toBe('v1')
    expect(await other.value('r')).toBe('v2')
    expect(await loader.value('r', { freshness: 'remote' })).toBe('v2')
    expect(await loader.value('r')).toBe('v2')
    expect(nodes.origin.loads.length).toBeLessThanOrEqual(3)
  })

  it('does not keep a load from being shared afterwards', async () => {
    const [loader, other] = (await nodes.start(2)) as [CacheProcess, CacheProcess]
    const release = nodes.origin.hold()
    const underWay = loader.value('r')
    await nodes.origin.begun(1)
    nodes.origin.values.set('r', 'v2')
    await other.invalidate('r')
    release()
    await underWay
    await other.value('r')
    expect(await loader.get('r')).toMatchObject({ value: 'v2', tier: 'remote' })
  })
})

describe('an acknowledged invalidation', () => {
  it('is in force at once on the node that issued it and for reads of the remote tier', async () => {
    const [issuer, other] = (await nodes.start(2, NO_HEARTBEAT)) as [CacheProcess, CacheProcess]
    await Promise.all([issuer.value('r'), other.value('r')])
    nodes.origin.values.set('r', 'v2')
    await issuer.invalidate('r')
    const [here, there] = await Promise.all([issuer.value('r'), other.value('r', { freshness: 'remote' })])
    expect([here, there]).toEqual(['v2', 'v2'])
  })

  it('reaches the memory of the other nodes by its message', async () => {
    const [issuer, ...others] = (await nodes.start(3, NO_HEARTBEAT)) as [CacheProcess, ...CacheProcess[]]
    await Promise.all(others.map((node) => node.value('r')))
    nodes.origin.values.set('r', 'v2')
    await issuer.invalidate('r')
    for (const node of others) await vi.waitFor(async () => expect(await node.peek('r')).toBeUndefined(), 20_000)
    expect(await Promise.all(others.map((node) => node.value('r')))).toEqual(['v2', 'v2'])
  })

  it('makes a value that another process set disappear everywhere', async () => {
    const [issuer, other] = (await nodes.start(2, NO_HEARTBEAT)) as [CacheProcess, CacheProcess]
    await other.set('r', 'set')
    expect(await issuer.value('r')).toBe('set')
    await issuer.invalidate('r')
    expect(await issuer.value('r')).toBe('v1')
    expect(await other.value('r', { freshness: 'remote' })).toBe('v1')
  })
})

describe('a lost message', () => {
  it('is read again when the subscriber is back, after its connection was killed by Redis', async () => {
    const [listener, issuer] = (await nodes.start(2, NO_HEARTBEAT)) as [CacheProcess, CacheProcess]
    await listener.value('r')
    nodes.origin.values.set('r', 'v2')
    // In one go: no subscriber can be back in between.
    const answers = await nodes.admin.multi().call('client', 'kill', 'type', 'pubsub').ping().exec()
    expect(answers?.[0]?.[1]).toBe(2)
    await issuer.invalidate('r')
    await vi.waitFor(async () => expect(await listener.peek('r')).toBeUndefined(), 20_000)
    expect(await listener.value('r')).toBe('v2')
  })

  it('is read again when the network is back', async () => {
    const maxStaleness = 1_500
    const { node: listener, proxy } = await nodes.startBehindProxy({ maxStaleness })
    const [issuer] = (await nodes.start(1)) as [CacheProcess]
    await listener.value('r')
    nodes.origin.values.set('r', 'v2')
    proxy.refuse()
    await issuer.invalidate('r')
    const acknowledged = performance.now()
    proxy.heal()
    expect(await servedOld(listener, 'r', 'v1', acknowledged)).toBeLessThan(maxStaleness)
    expect(await listener.value('r')).toBe('v2')
    await vi.waitFor(async () => expect(await listener.log()).toMatchObject({ repaired: 1, lost: 0 }), 20_000)
  })

  it('is noticed by the heartbeat when the subscriber hears nothing, though its connection stands', async () => {
    const maxStaleness = 900
    const { node: listener, proxy } = await nodes.startBehindProxy({ maxStaleness })
    const [issuer] = (await nodes.start(1)) as [CacheProcess]
    await listener.value('r')
    proxy.stall('subscribers')
    nodes.origin.values.set('r', 'v2')
    await issuer.invalidate('r')
    const acknowledged = performance.now()
    expect(await servedOld(listener, 'r', 'v1', acknowledged)).toBeLessThan(maxStaleness)
    expect(await listener.value('r')).toBe('v2')
    await vi.waitFor(async () => expect(await listener.log()).toMatchObject({ repaired: 1, lost: 0 }), 20_000)
  })

  it('cannot be read again when the log was trimmed, and then memory is confirmed before it is served', async () => {
    const { node: listener, proxy } = await nodes.startBehindProxy({ maxStaleness: 1_500 })
    const [issuer] = (await nodes.start(1, NO_HEARTBEAT)) as [CacheProcess]
    await Promise.all([listener.value('r'), listener.value('same')])
    nodes.origin.values.set('r', 'v2')
    proxy.refuse()
    await issuer.invalidate('r')
    await nodes.admin.xtrim(`${nodes.namespace}:log:{${nodes.namespace}}:stream`, 'MAXLEN', 0)
    proxy.heal()
    await vi.waitFor(async () => expect((await listener.log()).lost).toBe(1), 20_000)
    expect(await listener.value('r')).toBe('v2')
    expect(await listener.get('same')).toMatchObject({ value: 'v1', tier: 'remote' })
  })
})
