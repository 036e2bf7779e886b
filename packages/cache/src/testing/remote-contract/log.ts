import assert from 'node:assert/strict'
import type { LogMessage, Operation, PatternOperation } from '../../ports.js'
import { encoded, get, listen, log, type RemoteContractCase, until, write } from './case.js'

const tag = (name: string, mode: 'delete' | 'expire' = 'delete'): Operation => ({ type: 'tag', tag: name, mode })
const glob = (source: string): PatternOperation => ({
  type: 'pattern',
  syntax: 'glob',
  source,
  flags: '',
  mode: 'delete',
})

/** Each message names the one before it. */
function assertChain(messages: readonly LogMessage[], from = 1): void {
  for (const [at, message] of messages.entries()) {
    assert.equal(message.seq, from + at)
    assert.equal(message.prevSeq, message.seq - 1)
    const previous = messages[at - 1]
    if (previous !== undefined) assert.equal(message.prevId, previous.id)
    assert.equal(message.epoch, messages[0]?.epoch)
  }
}

export const logCases: readonly RemoteContractCase[] = [
  {
    name: 'begins empty, at seq 0, in an epoch that all nodes agree on',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      const [first, second] = await Promise.all([a.log.position(), b.log.position()])
      assert.deepEqual(first, second)
      assert.equal(first.seq, 0)
      assert.equal(first.id, '')
      assert.notEqual(first.epoch, '')
      assert.deepEqual(await a.log.snapshot(), { position: first, floor: 0, clearedAt: 0, patterns: [] })
      assert.deepEqual(await a.log.read(0, 10), [])
      const result = await a.commit({ origin: 'a', values: [], operations: [{ type: 'clear' }] })
      assert.ok(result.logged)
      assert.deepEqual(
        [result.prevSeq, result.prevId, result.position.seq, result.position.epoch],
        [0, '', 1, first.epoch],
      )
    },
  },
  {
    name: 'numbers concurrent commits without holes and tells every listener, in order, once',
    async run({ open }) {
      const tiers = [await open('a'), await open('b'), await open('c')]
      const listeners = await Promise.all(tiers.map(listen))
      const each = 40
      const commits = tiers.flatMap((tier, node) =>
        Array.from({ length: each }, (_, at) =>
          tier.commit({
            origin: `${node}:${at}`,
            values: [],
            operations: [{ type: 'key', key: `${node}:${at}`, mode: 'delete' }],
          }),
        ),
      )
      const results = await Promise.all(commits)
      const total = tiers.length * each
      const positions = results.map((result) => (result.logged ? result.position : assert.fail()))
      assert.deepEqual(
        positions.map(({ seq }) => seq).sort((a, b) => a - b),
        Array.from({ length: total }, (_, at) => at + 1),
      )
      assert.equal(new Set(positions.map(({ id }) => id)).size, total)
      for (const { messages } of listeners) {
        await until('every message is heard', () => messages.length >= total)
        assertChain(messages)
        assert.equal(messages.length, total)
      }
      const [read] = [await tiers[0]?.log.read(0, total)]
      assert.deepEqual(read, listeners[0]?.messages)
      for (const [at, { seq, id }] of positions.entries()) {
        const message = listeners[0]?.messages[seq - 1]
        assert.equal(message?.id, id)
        assert.equal(message?.origin, `${Math.floor(at / each)}:${at % each}`)
      }
    },
  },
  {
    name: 'brings every kind of operation to the other nodes as it was issued',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      const { messages } = await listen(b)
      const operations: Operation[] = [
        { type: 'key', key: 'ké\0y"\n}', mode: 'expire' },
        { type: 'set', key: '🂡' },
        tag('tag:\u2028', 'expire'),
        { ...glob('a\\*?*'), mode: 'expire' },
        { type: 'pattern', syntax: 'regex', source: '^"\\d+$', flags: 'iu', mode: 'delete' },
        { type: 'clear' },
      ]
      await a.commit({ origin: 'a "quoted" \\ node', values: [], operations })
      await until('the message is heard', () => messages.length > 0)
      assert.deepEqual(messages[0]?.operations, operations)
      assert.equal(messages[0]?.origin, 'a "quoted" \\ node')
    },
  },
  {
    name: 'has written the value by the time its message is heard',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      let seen: Promise<number[] | undefined> | undefined
      await b.log.subscribe({
        message: () => {
          seen = get(b, 'key')
        },
        up: () => undefined,
        down: () => undefined,
      })
      await write(a, 'key', encoded(4))
      await until('the message is heard', () => seen !== undefined)
      assert.deepEqual(await seen, [...encoded(4)])
    },
  },
  {
    name: 'tells nothing after unsubscribing, and goes on telling others',
    async run({ open }) {
      const tier = await open()
      const [leaving, staying] = [await listen(tier), await listen(tier)]
      assert.deepEqual(leaving.states, ['up'])
      await log(tier, { type: 'clear' })
      await until('both have heard the first', () => leaving.messages.length === 1 && staying.messages.length === 1)
      await leaving.unsubscribe()
      await log(tier, { type: 'clear' })
      await until('the other hears the second', () => staying.messages.length === 2)
      assert.equal(leaving.messages.length, 1)
    },
  },
  {
    name: 'reads messages again from any place, up to a limit',
    async run({ open }) {
      const tier = await open()
      for (let at = 1; at <= 5; at++) await log(tier, tag(`t${at}`))
      const all = await tier.log.read(0, 10)
      assert.ok(all !== 'trimmed')
      assertChain(all)
      assert.deepEqual(
        all.map(({ operations }) => operations),
        [1, 2, 3, 4, 5].map((at) => [tag(`t${at}`)]),
      )
      assert.deepEqual(await tier.log.read(2, 2), all.slice(2, 4))
      assert.deepEqual(await tier.log.read(5, 10), [])
    },
  },
  {
    name: 'says that messages which it never had cannot be read',
    async run({ open }) {
      const tier = await open()
      await log(tier, { type: 'clear' })
      assert.equal(await tier.log.read(7, 10), 'trimmed')
    },
  },
  {
    name: 'trims old messages, and says so to a reader that is too far behind',
    async run({ open }) {
      const tier = await open('node', { logLength: 10 })
      const total = 400
      for (let at = 1; at <= total; at++) await log(tier, { type: 'key', key: `k${at}`, mode: 'delete' })
      assert.equal(await tier.log.read(0, 1_000), 'trimmed')
      assert.equal(await tier.log.read(1, 1), 'trimmed')
      const kept = await tier.log.read(total - 10, 1_000)
      assert.ok(kept !== 'trimmed')
      assertChain(kept, total - 9)
      assert.equal(kept.length, 10)
    },
  },
  {
    name: 'remembers the last clear',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      await log(a, tag('t'))
      const clearedAt = await log(a, { type: 'clear' }, tag('t'))
      await log(a, tag('t'))
      const snapshot = await b.log.snapshot()
      assert.equal(snapshot.clearedAt, clearedAt)
      assert.equal(snapshot.position.seq, 3)
    },
  },
  {
    name: 'remembers patterns until they are retired',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      const regex: Operation = { type: 'pattern', syntax: 'regex', source: '^a"\\s', flags: 'i', mode: 'expire' }
      await log(a, glob('room:*'), regex)
      await log(a, tag('between'))
      await log(a, glob('user:*'))
      const expected = [
        { ...glob('room:*'), seq: 1 },
        { ...regex, seq: 1 },
        { ...glob('user:*'), seq: 3 },
      ]
      assert.deepEqual((await b.log.snapshot()).patterns, expected)
      await b.log.retirePatterns([1, 77])
      assert.deepEqual((await a.log.snapshot()).patterns, expected.slice(2))
      await b.log.retirePatterns([])
      await b.log.retirePatterns([3])
      assert.deepEqual((await a.log.snapshot()).patterns, [])
    },
  },
  {
    name: 'remembers the last invalidation of each tag, by mode',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      await log(a, tag('x'), tag('x'), tag('y', 'expire'))
      await log(a, tag('x', 'expire'), tag('ü"\0'))
      await log(a, tag('y'))
      const { tags, floor, position } = await b.log.tags(['y', 'unknown', 'x', 'ü"\0'])
      assert.deepEqual(tags, [
        { deletedAt: 3, expiredAt: 1 },
        { deletedAt: 0, expiredAt: 0 },
        { deletedAt: 1, expiredAt: 2 },
        { deletedAt: 2, expiredAt: 0 },
      ])
      assert.equal(floor, 0)
      assert.deepEqual(position, await a.log.position())
      assert.deepEqual((await b.log.tags([])).tags, [])
    },
  },
  {
    name: 'looks up thousands of tags at once',
    async run({ open }) {
      const tier = await open()
      const names = Array.from({ length: 6_000 }, (_, at) => `tag ${at}`)
      await log(tier, ...names.map((name) => tag(name)))
      const { tags } = await tier.log.tags(names)
      assert.ok(tags.length === names.length && tags.every(({ deletedAt }) => deletedAt === 1))
    },
  },
  {
    name: 'forgets the oldest tags beyond its bound, and raises the floor over them',
    async run({ open }) {
      const tier = await open('node', { maxTags: 5 })
      for (let at = 1; at <= 8; at++) await log(tier, tag(`t${at}`))
      await log(tier, tag('t4'))
      const { tags, floor } = await tier.log.tags(Array.from({ length: 8 }, (_, at) => `t${at + 1}`))
      // Of the first three nothing is known any more: what was loaded before the third is invalid.
      assert.deepEqual(
        tags.map(({ deletedAt }) => deletedAt),
        [0, 0, 0, 9, 5, 6, 7, 8],
      )
      assert.equal(floor, 3)
      assert.equal((await tier.log.snapshot()).floor, 3)
      await log(tier, tag('t9'))
      assert.equal((await tier.log.tags(['t5'])).floor, 5)
    },
  },
  {
    name: 'begins a new epoch for a node that saw history diverge, once',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      await log(a, tag('t'), glob('*'), { type: 'clear' })
      const { epoch } = await a.log.position()
      const [first, second] = await Promise.all([a.log.renew(epoch), b.log.renew(epoch)])
      assert.deepEqual(first, second)
      assert.notEqual(first.epoch, epoch)
      assert.deepEqual([first.seq, first.id], [0, ''])
      assert.deepEqual(await a.log.snapshot(), { position: first, floor: 0, clearedAt: 0, patterns: [] })
      assert.deepEqual((await a.log.tags(['t'])).tags, [{ deletedAt: 0, expiredAt: 0 }])
      assert.deepEqual(await a.log.read(0, 10), [])
      assert.equal(await log(b, tag('t')), 1)
      assert.equal(((await a.log.read(0, 10)) as LogMessage[])[0]?.epoch, first.epoch)
    },
  },
]
