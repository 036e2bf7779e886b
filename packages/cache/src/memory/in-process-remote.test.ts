import { describe, expect, it } from 'vitest'
import type { LogMessage, RemoteTier } from '../ports.js'
import { createVirtualClock } from '../testing/virtual-clock.js'
import { inProcessRemote } from './in-process-remote.js'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

function setUp(options = {}) {
  const clock = createVirtualClock()
  const factory = inProcessRemote(options)
  const open = (node: string, namespace = 'ns') => factory.open({ namespace, node, clock, logger })
  return { clock, factory, open }
}

const write = (tier: RemoteTier, key: string, expiresInMs = 1_000) =>
  tier.commit({
    origin: 'node',
    values: [{ key, bytes: Uint8Array.of(1, 2, 0), expiresInMs }],
    operations: [{ type: 'set', key }],
  })

describe('in-process remote tier', () => {
  it('shares a store between tiers of one factory and namespace only', async () => {
    const { open } = setUp()
    await write(open('a'), 'key')
    expect((await open('b').get(['key']))[0]).toBeDefined()
    expect(await open('c', 'other').get(['key'])).toEqual([undefined])
    expect(await setUp().open('d').get(['key'])).toEqual([undefined])
  })

  it('gives up the least recently used value beyond maxEntries', async () => {
    const { open } = setUp({ maxEntries: 3 })
    const tier = open('a')
    for (const key of ['a', 'b', 'c']) await write(tier, key)
    await tier.get(['a'])
    await write(tier, 'd')
    expect((await tier.get(['a', 'b', 'c', 'd'])).map((bytes) => bytes !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ])
  })

  it('ends values and leases on the virtual clock, exactly', async () => {
    const { clock, open } = setUp()
    const tier = open('a')
    await write(tier, 'key', 1_000)
    await tier.acquire('key', 'token', 500)
    await clock.advance(499)
    expect(await tier.acquire('key', 'other', 500)).toEqual({ granted: false, remainingMs: 1 })
    await clock.advance(1)
    expect(await tier.acquire('key', 'other', 500)).toEqual({ granted: true })
    expect(await tier.remainingMs('key')).toBe(500)
    await clock.advance(500)
    expect(await tier.get(['key'])).toEqual([undefined])
  })

  it('delivers messages from a timer, not within the call that commits', async () => {
    const { clock, open } = setUp()
    const [a, b] = [open('a'), open('b')]
    const messages: LogMessage[] = []
    await b.log.subscribe({ message: (message) => messages.push(message), up() {}, down() {} })
    await write(a, 'one')
    await write(a, 'two')
    await clock.flush()
    expect(messages).toEqual([])
    await clock.advance(0)
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2])
    expect(clock.pending).toBe(0)
  })

  it('loses messages that were under way when it was disconnected', async () => {
    const { clock, factory, open } = setUp()
    const [a, b] = [open('a'), open('b')]
    const messages: LogMessage[] = []
    await b.log.subscribe({ message: (message) => messages.push(message), up() {}, down() {} })
    await write(a, 'lost')
    factory.disconnect()
    await clock.advance(0)
    factory.reconnect()
    await write(a, 'heard')
    await clock.advance(0)
    expect(messages.map(({ seq, prevSeq }) => [seq, prevSeq])).toEqual([[2, 1]])
  })

  it('is the same for the same seed', async () => {
    const run = async () => {
      const { open } = setUp()
      const tier = open('a')
      await write(tier, 'key')
      return tier.log.read(0, 10)
    }
    expect(await run()).toEqual(await run())
  })

  it('trims the log by hand', async () => {
    const { factory, open } = setUp()
    const tier = open('a')
    for (const key of ['a', 'b', 'c']) await write(tier, key)
    factory.trimLog(1)
    expect(await tier.log.read(1, 10)).toBe('trimmed')
    expect(await tier.log.read(2, 10)).toHaveLength(1)
    factory.trimLog(0)
    expect(await tier.log.read(2, 10)).toBe('trimmed')
  })

  it('refuses wrong options by name', () => {
    expect(() => inProcessRemote({ maxEntries: 0 })).toThrow(/inProcessRemote\.maxEntries: .* got 0/)
    expect(() => inProcessRemote({ entries: 5 } as object)).toThrow(/inProcessRemote\.entries/)
  })
})
