import assert from 'node:assert/strict'
import type { Board, RemoteTier } from '../../ports.js'
import { get, type RemoteContractCase, scanned, until, write } from './case.js'

const MINUTE = 60_000
const bytes = (...content: number[]) => Uint8Array.from(content)

function boardOf(tier: RemoteTier): Board {
  assert.ok(tier.board, 'this remote tier has no board; skip the cases of the board by name')
  return tier.board
}

async function parts(tier: RemoteTier, topic: string): Promise<Record<string, number[]>> {
  const [found] = await boardOf(tier).read([topic])
  return Object.fromEntries([...(found ?? [])].map(([name, content]) => [name, [...content]]))
}

export const boardCases: readonly RemoteContractCase[] = [
  {
    name: 'shows what every node has put up under a topic, the newest of each',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      await boardOf(a).put('figures', 'a', bytes(1), MINUTE)
      await boardOf(a).put('figures', 'a', bytes(2, 0, 255), MINUTE)
      await boardOf(b).put('figures', 'b', bytes(3), MINUTE)
      await boardOf(b).put('others', 'b', bytes(4), MINUTE)
      assert.deepEqual(await parts(b, 'figures'), { a: [2, 0, 255], b: [3] })
      const several = await boardOf(a).read(['others', 'nothing', 'figures'])
      assert.deepEqual(
        several.map((topic) => [...topic.keys()].sort()),
        [['b'], [], ['a', 'b']],
      )
    },
  },
  {
    name: 'lets a part fall off the board when its time is over, and the others stay',
    async run({ open }) {
      const tier = await open()
      await boardOf(tier).put('nodes', 'alive', bytes(1), MINUTE)
      await boardOf(tier).put('nodes', 'dead', bytes(2), 30)
      await until('the part expires', async () => Object.keys(await parts(tier, 'nodes')).length === 1)
      assert.deepEqual(await parts(tier, 'nodes'), { alive: [1] })
      await boardOf(tier).put('nodes', 'dead', bytes(3), MINUTE)
      assert.deepEqual(await parts(tier, 'nodes'), { alive: [1], dead: [3] })
    },
  },
  {
    name: 'takes a part down when asked',
    async run({ open }) {
      const tier = await open()
      await boardOf(tier).put('silences', 'one', bytes(1), MINUTE)
      await boardOf(tier).remove('silences', 'one')
      await boardOf(tier).remove('silences', 'unknown')
      assert.deepEqual(await parts(tier, 'silences'), {})
    },
  },
  {
    name: 'gives a chore to one holder at a time, which may keep it, and to another when the time is over',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      assert.equal(await boardOf(a).claim('judge', 'a', MINUTE), true)
      assert.equal(await boardOf(b).claim('judge', 'b', MINUTE), false)
      assert.equal(await boardOf(b).claim('other', 'b', MINUTE), true)
      assert.equal(await boardOf(a).claim('judge', 'a', 30), true)
      await until('the chore is free', () => boardOf(b).claim('judge', 'b', MINUTE))
      assert.equal(await boardOf(a).claim('judge', 'a', MINUTE), false)
    },
  },
  {
    name: 'keeps the board apart from values, from other namespaces, and out of the log',
    async run({ open }) {
      const [tier, other] = [await open(), await open('node', { suffix: '-2' })]
      const before = await tier.log.position()
      await boardOf(tier).put('t', 'key', bytes(1), MINUTE)
      await boardOf(tier).claim('t', 'key', MINUTE)
      assert.equal(await get(tier, 'key'), undefined)
      assert.deepEqual(await scanned(tier), [])
      assert.deepEqual(await parts(other, 't'), {})
      assert.equal(await boardOf(other).claim('t', 'somebody', MINUTE), true)
      assert.deepEqual(await tier.log.position(), before)
      await write(tier, 't', bytes(7, 1, 0, 9))
      assert.deepEqual(await parts(tier, 't'), { key: [1] })
    },
  },
]
