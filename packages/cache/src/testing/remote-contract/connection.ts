import assert from 'node:assert/strict'
import type { RemoteState, RemoteTier } from '../../ports.js'
import { encoded, get, listen, log, type RemoteContractCase, rejectsWith, until, write } from './case.js'
import { structuresOf } from './structures.js'

/** Every method that needs the backend. */
function calls(tier: RemoteTier): (() => Promise<unknown>)[] {
  return [
    () => tier.get(['key']),
    () => tier.get(['key', 'other']),
    () => tier.getWithPosition(['key']),
    () => tier.remainingMs('key'),
    () => tier.acquire('key', 'token', 1_000),
    () => tier.renew('key', 'token', 1_000),
    () => tier.release('key', 'token'),
    () => tier.seize('key', 'token', 1_000),
    () => tier.fill([{ key: 'key', bytes: encoded(1), expiresInMs: 1_000, token: 'token' }]),
    () => write(tier, 'key', encoded(1)),
    async () => {
      for await (const _ of tier.scan(10)) assert.fail('a batch from nowhere')
    },
    () => tier.log.position(),
    () => tier.log.snapshot(),
    () => tier.log.read(0, 1),
    () => tier.log.tags(['t']),
    () => tier.log.renew('epoch'),
    () => tier.log.retirePatterns([1]),
    () => structuresOf(tier).readStructures(['id']),
    () => structuresOf(tier).writeStructures([{ id: 'id', bytes: encoded(1), expiresInMs: 1_000 }]),
  ]
}

/** A call that is refused must be refused soon: nobody waits for a backend that is not there, nor for a timeout. */
const SOON_MS = 2_500

export const connectionCases: readonly RemoteContractCase[] = [
  {
    name: 'is up once connected, and connects again without harm',
    async run({ open }) {
      const tier = await open()
      assert.equal(tier.state(), 'up')
      await Promise.all([tier.connect(), tier.connect()])
      assert.equal(tier.state(), 'up')
      await write(tier, 'key', encoded(1))
      assert.deepEqual(await get(tier, 'key'), [...encoded(1)])
    },
  },
  {
    name: 'refuses every call after it was closed, and leaves others open',
    async run({ open }) {
      const [closing, other] = [await open('closing'), await open('other')]
      const { messages } = await listen(closing)
      const states: RemoteState[] = []
      closing.onState((state) => states.push(state))
      await closing.close()
      await closing.close()
      assert.equal(closing.state(), 'closed')
      assert.deepEqual(states, ['closed'])
      for (const call of [...calls(closing), () => closing.connect(), () => listen(closing)])
        await rejectsWith('closed', call)
      await write(other, 'key', encoded(1))
      assert.deepEqual(await get(other, 'key'), [...encoded(1)])
      assert.deepEqual(messages, [])
    },
  },
  {
    name: 'refuses calls at once while the backend is away, and works again by itself when it is back',
    async run({ open, harness }) {
      const [tier, other] = [await open('a'), await open('b')]
      const heard = await listen(tier)
      const states: RemoteState[] = []
      const stop = tier.onState((state) => states.push(state))
      await log(other, { type: 'clear' })
      await until('a message is heard', () => heard.messages.length === 1)
      await harness.disconnect()
      try {
        await until('the state is down', () => tier.state() === 'down')
        await until('the listener is told', () => heard.states.includes('down'))
        for (const call of calls(tier)) {
          const before = performance.now()
          await rejectsWith('remote-unavailable', call)
          const took = performance.now() - before
          assert.ok(took < SOON_MS, `${call} took ${Math.round(took)} ms`)
        }
      } finally {
        await harness.reconnect()
      }
      await until('the state is up', () => tier.state() === 'up' && other.state() === 'up')
      await until('the listener is told', () => heard.states.at(-1) === 'up')
      // What is published while the nodes of a Cluster are still finding each other reaches nobody.
      await until('messages are heard again', async () => {
        const { logged } = await write(other, 'key', encoded(2)).catch(() => ({ logged: false }))
        return logged && heard.messages.length >= 2
      })
      assert.deepEqual(await get(tier, 'key'), [...encoded(2)])
      assert.ok(states.includes('down') && states.at(-1) === 'up')
      stop()
    },
  },
]
