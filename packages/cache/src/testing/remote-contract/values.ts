import assert from 'node:assert/strict'
import { STATE_EXPIRED, STATE_OFFSET } from '../../codec.js'
import { encoded, get, log, type RemoteContractCase, scanned, until, write } from './case.js'

/** Keys that meet wherever a name is not kept apart: in patterns, hash tags, protocols, prefixes and encodings. */
const ODD_KEYS = [
  'plain',
  'two words',
  ' ',
  '\0',
  'a\0b',
  '\r\n',
  '*',
  '?',
  '[a-z]',
  '\\',
  '"',
  "'",
  '%7D',
  '{',
  '}',
  '{}',
  '}{',
  '{}a',
  '}a',
  'a}',
  'a}b',
  'a}c',
  '{a}',
  '{a}b',
  '{{a}}',
  '.',
  '.}',
  'v:{.plain}',
  'l:{.plain}',
  'log',
  'log:{log}:head',
  'clé',
  'e\u0301',
  '\u00e9',
  '鍵',
  '🂡',
  '\u202e',
  '\ufeff',
  'k'.repeat(1_000),
  `${'k'.repeat(999)}l`,
]

export const valueCases: readonly RemoteContractCase[] = [
  {
    name: 'answers values in the order of the keys, and undefined for the absent',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'a', encoded(1))
      await write(tier, 'b', encoded(2))
      const [b, none, a, again] = await tier.get(['b', 'none', 'a', 'b'])
      assert.deepEqual(
        [b, none, a, again].map((bytes) => bytes?.[3]),
        [2, undefined, 1, 2],
      )
      assert.deepEqual(await tier.get([]), [])
    },
  },
  {
    name: 'keeps every byte',
    async run({ open }) {
      const tier = await open()
      const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 7 + (at >> 8)) & 255)
      await write(tier, 'bytes', bytes)
      assert.deepEqual(await get(tier, 'bytes'), [...bytes])
      const { values } = await tier.getWithPosition(['bytes'])
      assert.deepEqual([...(values[0] ?? [])], [...bytes])
    },
  },
  {
    name: 'stores a part of a larger buffer, and nothing else of it',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'part', Uint8Array.from([9, 9, 1, 2, 3, 9]).subarray(2, 5))
      assert.deepEqual(await get(tier, 'part'), [1, 2, 3])
    },
  },
  {
    name: 'keeps an empty value apart from an absent one',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'empty', new Uint8Array())
      assert.deepEqual(await get(tier, 'empty'), [])
    },
  },
  {
    name: 'shares no bytes with its writers and readers',
    async run({ open }) {
      const tier = await open()
      const bytes = encoded(1)
      const written = write(tier, 'key', bytes)
      await written
      bytes[3] = 9
      const [first] = await tier.get(['key'])
      assert.ok(first)
      first[3] = 8
      assert.deepEqual(await get(tier, 'key'), [...encoded(1)])
    },
  },
  {
    name: 'lets a value go when its time is over',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'short', encoded(1), 60)
      await write(tier, 'long', encoded(2), 60_000)
      await until('the short value is gone', async () => (await get(tier, 'short')) === undefined)
      assert.equal(await tier.remainingMs('short'), undefined)
      assert.deepEqual(await get(tier, 'long'), [...encoded(2)])
    },
  },
  {
    name: 'says how long a value will live',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'bounded', encoded(1), 60_000)
      await write(tier, 'endless', encoded(1), Number.POSITIVE_INFINITY)
      const remaining = (await tier.remainingMs('bounded')) ?? 0
      assert.ok(remaining > 50_000 && remaining <= 60_000, String(remaining))
      assert.equal(await tier.remainingMs('endless'), Number.POSITIVE_INFINITY)
      assert.equal(await tier.remainingMs('absent'), undefined)
    },
  },
  {
    name: 'takes the place of a value by one whose time is already over',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'key', encoded(1))
      await write(tier, 'key', encoded(2), 0)
      assert.equal(await get(tier, 'key'), undefined)
    },
  },
  {
    name: 'takes fractions of a millisecond',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'key', encoded(1), 59_999.5)
      assert.deepEqual(await get(tier, 'key'), [...encoded(1)])
      assert.deepEqual(await tier.acquire('key', 'token', 4_999.5), { granted: true })
      assert.equal(await tier.renew('key', 'token', 4_999.5), true)
    },
  },
  {
    name: 'keeps odd keys apart',
    async run({ open }) {
      const tier = await open()
      await Promise.all(ODD_KEYS.map((key, at) => write(tier, key, encoded(at))))
      const values = await tier.get(ODD_KEYS)
      assert.deepEqual(
        values.map((bytes) => bytes?.[3]),
        ODD_KEYS.map((_, at) => at),
      )
      assert.deepEqual(await scanned(tier), [...ODD_KEYS].sort())
      for (const key of ODD_KEYS) {
        assert.deepEqual(await tier.acquire(key, `token of ${key}`, 60_000), { granted: true }, JSON.stringify(key))
      }
      const fills = ODD_KEYS.map((key, at) => ({
        key,
        bytes: encoded(at, 1),
        expiresInMs: 60_000,
        token: `token of ${key}`,
      }))
      assert.ok((await tier.fill(fills)).every((stored) => stored))
      await log(tier, ...ODD_KEYS.slice(1).map((key) => ({ type: 'key', key, mode: 'delete' }) as const))
      assert.deepEqual(await scanned(tier), ODD_KEYS.slice(0, 1))
    },
  },
  {
    name: 'scans every key of its own namespace and none of another',
    async run({ open }) {
      const tier = await open('node')
      const others = [
        await open('node', { suffix: '2' }),
        await open('node', { suffix: '.v' }),
        await open('node', { suffix: '-v' }),
      ]
      for (const other of others) await write(other, 'foreign', encoded(1))
      const keys = Array.from({ length: 230 }, (_, at) => `key:${at}`)
      await Promise.all(keys.map((key) => write(tier, key, encoded(1))))
      // What is not a value is not found: leases, waiting lists and the log.
      await tier.acquire('loading', 'token', 60_000)
      await tier.acquire('loading', 'other', 60_000)
      assert.deepEqual(await scanned(tier, 20), keys.sort())
      assert.deepEqual(await tier.get(['foreign']), [undefined])
      await log(tier, { type: 'clear' }, ...keys.map((key) => ({ type: 'key', key, mode: 'delete' }) as const))
      assert.deepEqual(await scanned(others[0] ?? tier), ['foreign'])
    },
  },
  {
    name: 'removes a value without logging it, by a fill that is over',
    async run({ open }) {
      const tier = await open()
      for (const key of ['a', 'b']) await write(tier, key, encoded(1))
      const before = await tier.log.position()
      assert.equal((await tier.acquire('a', 'token', 60_000, encoded(1))).granted, true)
      assert.deepEqual(await tier.fill([{ key: 'a', bytes: encoded(1), expiresInMs: 0, token: 'token' }]), [true])
      assert.deepEqual(await scanned(tier), ['b'])
      assert.deepEqual(await tier.log.position(), before)
    },
  },
  {
    name: 'deletes a key by commit',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'key', encoded(1))
      await log(tier, { type: 'key', key: 'key', mode: 'delete' }, { type: 'key', key: 'absent', mode: 'delete' })
      assert.equal(await get(tier, 'key'), undefined)
    },
  },
  {
    name: 'expires a value in place, which keeps its bytes and its time',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'key', encoded(5, 6), 60_000)
      await write(tier, 'tiny', Uint8Array.from([7, 1]))
      const modes = ['key', 'tiny', 'absent'].map((key) => ({ type: 'key', key, mode: 'expire' }) as const)
      await log(tier, ...modes)
      const expected = encoded(5, 6)
      expected[STATE_OFFSET] = STATE_EXPIRED
      assert.deepEqual(await get(tier, 'key'), [...expected])
      const remaining = (await tier.remainingMs('key')) ?? 0
      assert.ok(remaining > 50_000 && remaining <= 60_000, String(remaining))
      assert.deepEqual(await get(tier, 'tiny'), [7, 1])
      assert.equal(await get(tier, 'absent'), undefined)
    },
  },
  {
    name: 'writes values and executes operations in one commit',
    async run({ open }) {
      const tier = await open()
      await write(tier, 'gone', encoded(1))
      const result = await tier.commit({
        origin: 'node',
        values: [
          { key: 'a', bytes: encoded(1), expiresInMs: 60_000 },
          { key: 'b', bytes: encoded(2), expiresInMs: 60_000 },
        ],
        operations: [
          { type: 'set', key: 'a' },
          { type: 'set', key: 'b' },
          { type: 'key', key: 'gone', mode: 'delete' },
        ],
      })
      assert.ok(result.logged)
      assert.deepEqual(
        (await tier.get(['a', 'b', 'gone'])).map((bytes) => bytes?.[3]),
        [1, 2, undefined],
      )
      assert.equal(result.position.seq, 2)
    },
  },
  {
    name: 'reads values together with the head of the log',
    async run({ open }) {
      const [tier, other] = [await open('a'), await open('b')]
      await write(other, 'key', encoded(1))
      const { values, position } = await tier.getWithPosition(['key', 'absent'])
      assert.deepEqual(
        values.map((bytes) => bytes?.[3]),
        [1, undefined],
      )
      assert.deepEqual(position, await other.log.position())
      const none = await tier.getWithPosition([])
      assert.deepEqual(none, { values: [], position })
    },
  },
]
