import assert from 'node:assert/strict'
import type { Operation, RemoteTier } from '../../ports.js'
import { encoded, get, log, type RemoteContractCase, until, write } from './case.js'

const LONG = 60_000

function fillOne(tier: RemoteTier, key: string, token: string, bytes = encoded(1)): Promise<readonly boolean[]> {
  return tier.fill([{ key, bytes, expiresInMs: LONG, token }])
}

/** Another node's load is under way when `overtake` happens: what it loaded must not be stored. */
function fenced(
  name: string,
  overtake: (tier: RemoteTier) => Promise<unknown>,
  left: number[] | undefined,
): RemoteContractCase {
  return {
    name,
    async run({ open }) {
      const [loader, other] = [await open('loader'), await open('other')]
      await loader.acquire('key', 'token', LONG)
      await overtake(other)
      assert.deepEqual(await fillOne(loader, 'key', 'token', encoded(99)), [false])
      assert.deepEqual(await get(other, 'key'), left)
    },
  }
}

/** A node waits for the lease when `end` ends it: it is told. */
function woken(name: string, end: (tier: RemoteTier) => Promise<unknown>): RemoteContractCase {
  return {
    name,
    async run({ open }) {
      const [loader, waiter, bystander] = [await open('loader'), await open('waiter'), await open('bystander')]
      const heard: string[] = []
      waiter.onLeaseEnd((key) => heard.push(key))
      bystander.onLeaseEnd((key) => heard.push(`bystander: ${key}`))
      await loader.acquire('key', 'token', LONG)
      const answer = await waiter.acquire('key', 'mine', LONG)
      assert.ok(!answer.granted)
      assert.ok(answer.remainingMs > 0 && answer.remainingMs <= LONG, String(answer.remainingMs))
      await end(loader)
      await until('the waiting node is told', () => heard.length > 0)
      assert.deepEqual(heard, ['key'])
    },
  }
}

const remove: Operation = { type: 'key', key: 'key', mode: 'delete' }

export const leaseCases: readonly RemoteContractCase[] = [
  {
    name: 'grants the lease of a key to one of many that ask at once',
    async run({ open }) {
      const tiers = [await open('a'), await open('b'), await open('c')]
      const asked = Array.from({ length: 30 }, (_, at) =>
        (tiers[at % 3] as RemoteTier).acquire('key', `token ${at}`, LONG),
      )
      const answers = await Promise.all(asked)
      assert.equal(answers.filter(({ granted }) => granted).length, 1)
    },
  },
  {
    name: 'stores a fill whose lease is ours, and ends the lease',
    async run({ open }) {
      const tier = await open()
      await tier.acquire('key', 'token', LONG)
      assert.deepEqual(await fillOne(tier, 'key', 'token'), [true])
      assert.deepEqual(await get(tier, 'key'), [...encoded(1)])
      assert.deepEqual(await fillOne(tier, 'key', 'token', encoded(2)), [false])
      assert.deepEqual(await get(tier, 'key'), [...encoded(1)])
      assert.deepEqual(await tier.acquire('key', 'next', LONG), { granted: true })
    },
  },
  {
    name: 'refuses the lease when another value than the expected one is in place',
    async run({ open }) {
      const [tier, other] = [await open('a'), await open('b')]
      const changed = { granted: false, remainingMs: 0, changed: true }
      assert.deepEqual(await tier.acquire('key', 'token', LONG, 'absent'), { granted: true })
      await fillOne(tier, 'key', 'token', encoded(1))
      assert.deepEqual(await other.acquire('key', 'late', LONG, 'absent'), changed)
      assert.deepEqual(await other.acquire('key', 'late', LONG, encoded(2)), changed)
      // Nothing was taken: whoever has read the value gets the lease at once.
      assert.deepEqual(await tier.acquire('key', 'next', LONG, encoded(1)), { granted: true })
      const refused = await other.acquire('key', 'late', LONG, encoded(1))
      assert.ok(!refused.granted && !refused.changed)
      await tier.release('key', 'next')
      await log(tier, remove)
      assert.deepEqual(await other.acquire('key', 'late', LONG, encoded(1)), { granted: true })
    },
  },
  {
    name: 'fills many keys, each judged by its own lease',
    async run({ open }) {
      const [tier, other] = [await open('a'), await open('b')]
      await tier.acquire('a', 'token', LONG)
      await other.acquire('b', 'theirs', LONG)
      await tier.acquire('d', 'token', LONG)
      const fills = ['a', 'b', 'c', 'd'].map((key) => ({ key, bytes: encoded(1), expiresInMs: LONG, token: 'token' }))
      assert.deepEqual(await tier.fill(fills), [true, false, false, true])
      assert.deepEqual(
        (await tier.get(['a', 'b', 'c', 'd'])).map((bytes) => bytes !== undefined),
        [true, false, false, true],
      )
      assert.deepEqual(await tier.fill([]), [])
    },
  },
  {
    name: 'refuses a fill without a lease',
    async run({ open }) {
      const tier = await open()
      assert.deepEqual(await fillOne(tier, 'key', 'token'), [false])
      assert.equal(await get(tier, 'key'), undefined)
    },
  },
  fenced('refuses a fill that a deletion overtook', (other) => log(other, remove), undefined),
  fenced(
    'refuses a fill that a soft invalidation overtook',
    (other) => log(other, { ...remove, mode: 'expire' }),
    undefined,
  ),
  fenced('refuses a fill that a write overtook', (other) => write(other, 'key', encoded(5)), [...encoded(5)]),
  fenced(
    'refuses a fill after a set was logged again without its value',
    (other) => log(other, { type: 'set', key: 'key' }),
    undefined,
  ),
  fenced('refuses a fill whose lease was seized', (other) => other.seize('key', 'theirs', LONG), undefined),
  {
    name: 'refuses a fill whose lease ended by itself, also when another has it',
    async run({ open }) {
      const [slow, next] = [await open('slow'), await open('next')]
      await slow.acquire('key', 'slow', 40)
      await until('the lease ends by itself', async () => (await next.acquire('key', 'next', LONG)).granted)
      assert.deepEqual(await fillOne(slow, 'key', 'slow', encoded(1)), [false])
      assert.deepEqual(await fillOne(next, 'key', 'next', encoded(2)), [true])
      assert.deepEqual(await get(slow, 'key'), [...encoded(2)])
    },
  },
  {
    name: 'renews a lease that is ours, and no other',
    async run({ open }) {
      const [tier, other] = [await open('a'), await open('b')]
      await tier.acquire('key', 'token', LONG / 2)
      assert.equal(await other.renew('key', 'theirs', LONG), false)
      assert.equal(await tier.renew('key', 'token', LONG), true)
      const answer = await other.acquire('key', 'theirs', LONG)
      assert.ok(!answer.granted && answer.remainingMs > LONG / 2)
      await log(other, remove)
      assert.equal(await tier.renew('key', 'token', LONG), false)
      assert.deepEqual(await other.acquire('key', 'theirs', LONG), { granted: true })
    },
  },
  {
    name: 'releases a lease that is ours, and no other',
    async run({ open }) {
      const [tier, other] = [await open('a'), await open('b')]
      await tier.acquire('key', 'token', LONG)
      await other.release('key', 'theirs')
      assert.equal((await other.acquire('key', 'theirs', LONG)).granted, false)
      await tier.release('key', 'token')
      assert.equal((await other.acquire('key', 'theirs', LONG)).granted, true)
    },
  },
  {
    name: 'seizes a lease whoever holds it, for a write that ends it',
    async run({ open }) {
      const [writer, loader] = [await open('writer'), await open('loader')]
      await writer.seize('key', 'writer', LONG)
      assert.equal((await loader.acquire('key', 'loader', LONG)).granted, false)
      await write(writer, 'key', encoded(2))
      assert.equal((await loader.acquire('key', 'loader', LONG)).granted, true)
      await writer.seize('key', 'again', LONG)
      assert.deepEqual(await fillOne(loader, 'key', 'loader', encoded(3)), [false])
      assert.deepEqual(await get(loader, 'key'), [...encoded(2)])
    },
  },
  {
    name: 'writes through under a seized lease, and deletes when another writer seized it meanwhile',
    async run({ open }) {
      const [slow, quick] = [await open('slow'), await open('quick')]
      const through = (tier: RemoteTier, token: string, bytes: Uint8Array) =>
        tier.commit({
          origin: token,
          values: [{ key: 'key', token, bytes, expiresInMs: LONG }],
          operations: [{ type: 'set', key: 'key' }],
        })
      await slow.seize('key', 'slow', LONG)
      await quick.seize('key', 'quick', LONG)
      await through(quick, 'quick', encoded(2))
      assert.deepEqual(await get(slow, 'key'), [...encoded(2)])
      await through(slow, 'slow', encoded(1))
      assert.equal(await get(quick, 'key'), undefined)
      assert.equal((await quick.acquire('key', 'loader', LONG)).granted, true)
    },
  },
  woken('wakes waiting nodes when the key is filled', (loader) => fillOne(loader, 'key', 'token')),
  woken('wakes waiting nodes when the lease is released', (loader) => loader.release('key', 'token')),
  woken('wakes waiting nodes when the key is deleted', (loader) => log(loader, remove)),
  woken('wakes waiting nodes when the key is written', (loader) => write(loader, 'key', encoded(1))),
  {
    name: 'tells the end of a lease only to nodes that wait for that key, once',
    async run({ open }) {
      const [loader, waiter] = [await open('loader'), await open('waiter')]
      const heard: string[] = []
      waiter.onLeaseEnd((key) => heard.push(key))
      for (const key of ['unwanted', 'wanted']) await loader.acquire(key, 'token', LONG)
      await waiter.acquire('wanted', 'mine', LONG)
      await waiter.acquire('wanted', 'mine too', LONG)
      await loader.release('unwanted', 'token')
      await loader.release('wanted', 'token')
      await until('the end that was waited for is told', () => heard.length > 0)
      assert.deepEqual(heard, ['wanted'])
      await loader.acquire('wanted', 'token', LONG)
      await loader.release('wanted', 'token')
      // Ends of one key are told in order, those of several keys in any: what should not have been told comes before
      // these.
      for (const key of ['unwanted', 'wanted']) {
        await loader.acquire(key, 'token', LONG)
        await waiter.acquire(key, 'mine', LONG)
        await loader.release(key, 'token')
        await until(`the end of ${key} is told`, () => heard.at(-1) === key)
      }
      assert.deepEqual(heard, ['wanted', 'unwanted', 'wanted'])
    },
  },
  {
    name: 'stops telling a listener that was removed',
    async run({ open }) {
      const [loader, waiter] = [await open('loader'), await open('waiter')]
      const heard: string[] = []
      const stop = waiter.onLeaseEnd((key) => heard.push(`first: ${key}`))
      waiter.onLeaseEnd((key) => heard.push(`second: ${key}`))
      stop()
      await loader.acquire('key', 'token', LONG)
      await waiter.acquire('key', 'mine', LONG)
      await loader.release('key', 'token')
      await until('the other listener is told', () => heard.length > 0)
      assert.deepEqual(heard, ['second: key'])
    },
  },
]
