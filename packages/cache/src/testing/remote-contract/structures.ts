import assert from 'node:assert/strict'
import type { RemoteTier, StructureStore } from '../../ports.js'
import { get, log, type RemoteContractCase, scanned, until, write } from './case.js'

const MINUTE = 60_000
const ids = ['0'.repeat(32), '00ff'.repeat(8), 'f'.repeat(32)] as const
const bytes = (...content: number[]) => Uint8Array.from(content)

export function structuresOf(tier: RemoteTier): StructureStore {
  assert.ok(tier.structures, 'this remote tier shares no structures; skip the cases of structures by name')
  return tier.structures
}

async function read(tier: RemoteTier, ...wanted: readonly string[]): Promise<(number[] | undefined)[]> {
  return (await structuresOf(tier).readStructures(wanted)).map((content) => content && [...content])
}

export const structureCases: readonly RemoteContractCase[] = [
  {
    name: 'keeps structures for every node, and answers them in the order of the ids',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      await structuresOf(a).writeStructures([
        { id: ids[0], bytes: bytes(1, 0, 255, 13, 10), expiresInMs: MINUTE },
        { id: ids[1], bytes: bytes(), expiresInMs: Number.POSITIVE_INFINITY },
      ])
      assert.deepEqual(await read(b, ids[1], ids[2], ids[0]), [[], undefined, [1, 0, 255, 13, 10]])
      assert.deepEqual(await read(b), [])
      await structuresOf(a).writeStructures([])
    },
  },
  {
    name: 'keeps structures that two nodes write at once, and repairs one that was damaged',
    async run({ open }) {
      const [a, b] = [await open('a'), await open('b')]
      const structure = { id: ids[0], bytes: bytes(1, 2, 3), expiresInMs: MINUTE }
      await Promise.all([a, b, a].map((tier) => structuresOf(tier).writeStructures([structure])))
      assert.deepEqual(await read(a, ids[0]), [[1, 2, 3]])
      await structuresOf(a).writeStructures([{ ...structure, bytes: bytes(9) }])
      await structuresOf(b).writeStructures([structure])
      assert.deepEqual(await read(a, ids[0]), [[1, 2, 3]])
    },
  },
  {
    name: 'lets a structure go when its time is over, of which the longest counts',
    async run({ open }) {
      const tier = await open()
      const write = (id: string, expiresInMs: number) =>
        structuresOf(tier).writeStructures([{ id, bytes: bytes(1), expiresInMs }])
      await write(ids[0], MINUTE)
      await write(ids[0], 30)
      await write(ids[1], Number.POSITIVE_INFINITY)
      await write(ids[1], 30)
      await write(ids[2], 30)
      await until('the short one is gone', async () => (await read(tier, ids[2]))[0] === undefined)
      assert.deepEqual(await read(tier, ids[0], ids[1]), [[1], [1]])
    },
  },
  {
    name: 'keeps structures apart from values, and from other namespaces',
    async run({ open }) {
      const [tier, other] = [await open(), await open('node', { suffix: '2' })]
      await structuresOf(tier).writeStructures([{ id: ids[0], bytes: bytes(1), expiresInMs: MINUTE }])
      await write(tier, ids[0], bytes(7, 1, 0))
      assert.deepEqual(await scanned(tier), [ids[0]])
      assert.deepEqual(await read(other, ids[0]), [undefined])
      await log(tier, { type: 'key', key: ids[0], mode: 'delete' })
      assert.deepEqual(await read(tier, ids[0]), [[1]])
      assert.equal(await get(tier, ids[0]), undefined)
    },
  },
  {
    name: 'loses structures without losing anything else, and all of them with everything',
    async run({ namespace, harness, open }) {
      const tier = await open()
      const structure = { id: ids[0], bytes: bytes(1), expiresInMs: MINUTE }
      await structuresOf(tier).writeStructures([structure])
      await write(tier, 'key', bytes(7, 1, 0))
      const before = await tier.log.position()
      await harness.lose(namespace, 'structures')
      assert.deepEqual(await read(tier, ids[0]), [undefined])
      assert.deepEqual(await get(tier, 'key'), [7, 1, 0])
      assert.deepEqual(await tier.log.position(), before)
      await structuresOf(tier).writeStructures([structure])
      await harness.flush()
      assert.deepEqual(await read(tier, ids[0]), [undefined])
    },
  },
]
