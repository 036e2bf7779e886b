import assert from 'node:assert/strict'
import type { LogPosition, Operation, RemoteTier } from '../../ports.js'
import { encoded, get, type LosablePart, log, type RemoteContractCase, write } from './case.js'

const tag = (name: string): Operation => ({ type: 'tag', tag: name, mode: 'delete' })
const everything: Operation = { type: 'pattern', syntax: 'glob', source: '*', flags: '', mode: 'delete' }

/** The rule of validity, as a node that has just started applies it to an entry with the tag `t`. */
async function looksValid(tier: RemoteTier, loadedAt: LogPosition): Promise<boolean> {
  const { tags, floor, position } = await tier.log.tags(['t'])
  const snapshot = await tier.log.snapshot()
  return (
    loadedAt.epoch === position.epoch &&
    loadedAt.epoch === snapshot.position.epoch &&
    loadedAt.seq >= floor &&
    loadedAt.seq >= snapshot.floor &&
    loadedAt.seq >= snapshot.clearedAt &&
    loadedAt.seq >= (tags[0]?.deletedAt ?? Number.POSITIVE_INFINITY) &&
    snapshot.patterns.every(({ seq }) => loadedAt.seq >= seq)
  )
}

function subsets<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length }, (_, bits) => items.filter((_, at) => (bits >> at) & 1))
}

export const lossCases: readonly RemoteContractCase[] = [
  {
    name: 'begins a new epoch when everything was lost',
    async run({ open, harness }) {
      const [a, b] = [await open('a'), await open('b')]
      await write(a, 'key', encoded(1))
      const before = await a.log.position()
      await harness.flush()
      const after = await b.log.position()
      assert.notEqual(after.epoch, before.epoch)
      assert.deepEqual([after.seq, after.id], [0, ''])
      assert.deepEqual(await a.log.position(), after)
      assert.equal(await get(a, 'key'), undefined)
      assert.equal(await log(a, { type: 'clear' }), 1)
      assert.equal((await b.log.position()).epoch, after.epoch)
    },
  },
  {
    name: 'begins a new epoch when only the head was lost, and keeps nothing of the old one',
    async run({ open, harness, namespace }) {
      const tier = await open()
      await log(tier, tag('t'), everything, { type: 'clear' })
      const before = await tier.log.position()
      await harness.lose(namespace, 'head')
      const result = await tier.commit({ origin: 'node', values: [], operations: [tag('u')] })
      assert.ok(result.logged)
      assert.notEqual(result.position.epoch, before.epoch)
      assert.deepEqual([result.prevSeq, result.prevId, result.position.seq], [0, '', 1])
      const messages = await tier.log.read(0, 10)
      assert.ok(messages !== 'trimmed')
      assert.deepEqual(
        messages.map(({ epoch, operations }) => ({ epoch, operations })),
        [{ epoch: result.position.epoch, operations: [tag('u')] }],
      )
      assert.deepEqual(
        (await tier.log.tags(['t', 'u'])).tags.map(({ deletedAt }) => deletedAt),
        [0, 1],
      )
    },
  },
  {
    name: 'gives no two losses of the head the same epoch, even when nothing was logged between',
    async run({ open, harness, namespace }) {
      const tier = await open()
      const epochs = new Set<string>()
      for (const reading of [
        () => tier.log.position(),
        async () => (await tier.getWithPosition(['key'])).position,
        async () => (await tier.log.snapshot()).position,
        async () => (await tier.log.tags(['t'])).position,
        async () => {
          await tier.log.read(0, 1)
          return tier.log.position()
        },
      ]) {
        await harness.lose(namespace, 'head')
        const { epoch, seq } = await reading()
        assert.equal(seq, 0)
        assert.equal((await tier.log.position()).epoch, epoch)
        epochs.add(epoch)
      }
      assert.equal(epochs.size, 5)
      assert.ok(!epochs.has(''))
    },
  },
  {
    name: 'says that messages were trimmed when the stream was lost, and goes on numbering',
    async run({ open, harness, namespace }) {
      const tier = await open()
      for (let at = 0; at < 3; at++) await log(tier, tag('t'))
      const before = await tier.log.position()
      await harness.lose(namespace, 'stream')
      assert.equal(await tier.log.read(1, 10), 'trimmed')
      assert.deepEqual(await tier.log.read(3, 10), [])
      const result = await tier.commit({ origin: 'node', values: [], operations: [tag('u')] })
      assert.ok(result.logged)
      assert.deepEqual(
        { ...result.position, id: '', prevId: result.prevId },
        { epoch: before.epoch, seq: 4, id: '', prevId: before.id },
      )
      assert.equal(await tier.log.read(1, 10), 'trimmed')
      const messages = await tier.log.read(3, 10)
      assert.ok(messages !== 'trimmed')
      assert.deepEqual(
        messages.map(({ seq }) => seq),
        [4],
      )
      assert.equal((await tier.log.tags(['t'])).tags[0]?.deletedAt, 3)
    },
  },
  {
    name: 'raises the floor to the present when the tag table was lost, before a look-up answers',
    async run({ open, harness, namespace }) {
      const tier = await open()
      for (const name of ['t', 'u', 'v']) await log(tier, tag(name))
      await harness.lose(namespace, 'tags')
      const { tags, floor, position } = await tier.log.tags(['t'])
      assert.deepEqual({ tags, floor, seq: position.seq }, { tags: [{ deletedAt: 0, expiredAt: 0 }], floor: 3, seq: 3 })
      assert.equal((await tier.log.snapshot()).floor, 3)
      await log(tier, tag('w'))
      const after = await tier.log.tags(['w'])
      assert.deepEqual({ tags: after.tags, floor: after.floor }, { tags: [{ deletedAt: 4, expiredAt: 0 }], floor: 3 })
    },
  },
  {
    name: 'raises the floor when the tag table was lost and as many tags come in before anybody looks',
    async run({ open, harness, namespace }) {
      const tier = await open()
      await log(tier, tag('t'), tag('u'))
      await harness.lose(namespace, 'tags')
      await log(tier, tag('v'), tag('w'))
      const { tags, floor } = await tier.log.tags(['t', 'v'])
      assert.deepEqual(
        tags.map(({ deletedAt }) => deletedAt),
        [0, 2],
      )
      assert.equal(floor, 1)
    },
  },
  {
    name: 'never lets a stale entry look valid, whichever parts of the log are lost, and when',
    async run({ open, harness, namespace }) {
      const tier = await open()
      const parts: LosablePart[] = ['head', 'stream', 'tags']
      for (const invalidation of [tag('t'), everything, { type: 'clear' } as const]) {
        for (const lost of subsets(parts)) {
          for (const later of [[], [tag('u')], [tag('t2'), { type: 'clear' } as const]]) {
            await log(tier, tag('earlier'))
            const loadedAt = await tier.log.position()
            assert.equal(await looksValid(tier, loadedAt), true)
            await log(tier, invalidation)
            for (const part of lost) await harness.lose(namespace, part)
            if (later.length > 0) await log(tier, ...later)
            const circumstances = JSON.stringify({ invalidation, lost, later })
            assert.equal(await looksValid(tier, loadedAt), false, circumstances)
          }
        }
      }
    },
  },
  {
    name: 'misses values that were lost, and grants leases that were lost, but not to their old holders',
    async run({ open, harness, namespace }) {
      const [a, b] = [await open('a'), await open('b')]
      await write(a, 'key', encoded(1))
      await harness.lose(namespace, 'values')
      assert.equal(await get(a, 'key'), undefined)
      await a.acquire('key', 'first', 60_000)
      await b.acquire('key', 'waiting', 60_000)
      await harness.lose(namespace, 'leases')
      assert.equal((await b.acquire('key', 'second', 60_000)).granted, true)
      const fill = { key: 'key', bytes: encoded(1), expiresInMs: 60_000 }
      assert.deepEqual(await a.fill([{ ...fill, token: 'first' }]), [false])
      assert.deepEqual(await b.fill([{ ...fill, token: 'second' }]), [true])
    },
  },
]
