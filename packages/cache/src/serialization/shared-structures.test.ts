import { describe, expect, it } from 'vitest'
import type { Entry } from '../entry.js'
import { CacheError } from '../errors.js'
import type { StructureStore } from '../ports.js'
import { defaultCodec } from './default-codec.js'

const MINUTE = 60_000
const DAY = 86_400_000

/** A remote tier of structures only, with what can happen to it, and nodes whose codecs share them. */
function setUp() {
  const stored = new Map<string, { bytes: Uint8Array; expiresAt: number }>()
  const calls = { reads: [] as string[][], writes: [] as string[][] }
  const world = { now: 1_000_000, away: false }
  const store: StructureStore = {
    async readStructures(ids) {
      calls.reads.push([...ids])
      if (world.away) throw new CacheError('remote-unavailable', 'away')
      return ids.map((id) => {
        const found = stored.get(id)
        return found !== undefined && found.expiresAt > world.now ? found.bytes : undefined
      })
    },
    async writeStructures(structures) {
      calls.writes.push(structures.map(({ id }) => id))
      if (world.away) throw new CacheError('remote-unavailable', 'away')
      for (const { id, bytes, expiresInMs } of structures) {
        stored.set(id, { bytes, expiresAt: Math.max(stored.get(id)?.expiresAt ?? 0, world.now + expiresInMs) })
      }
    },
  }
  const node = () => {
    const codec = defaultCodec({ structures: store, now: () => world.now })
    return {
      write: (value: unknown, over: Partial<Entry> = {}) => codec.encode(entryOf(value, over)),
      /** Until its structures are shared: the second value sends them on their way. */
      async share(value: unknown, over: Partial<Entry> = {}) {
        codec.encode(entryOf(value, over))
        codec.encode(entryOf(value, over))
        await settled()
        return codec.encode(entryOf(value, over))
      },
      read: async (bytes: Uint8Array) => (await codec.decode(bytes)).value,
      readAtOnce: (bytes: Uint8Array) => codec.decode(bytes),
    }
  }
  return { stored, calls, world, node }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

function entryOf(value: unknown, over: Partial<Entry>): Entry {
  return { value, createdAt: 0, ttl: MINUTE, grace: 0, tags: [], epoch: 'e', asOf: 1, expired: false, ...over }
}

const room = {
  identifier: 'r1',
  displayName: 'Keep',
  ownerIdentifier: 'u1',
  at: { x: 1, y: 2 },
  players: [{ playerName: 'Ada', totalScore: 3, lastActionAt: 4 }],
}

describe('a value', () => {
  it('contains its structures until the remote tier has them, and is smaller from then on', async () => {
    const { node, calls } = setUp()
    const [writer, reader] = [node(), node()]
    const first = writer.write(room)
    expect(await reader.read(first)).toEqual(room)
    const later = await writer.share(room)
    expect(later.length).toBeLessThan(first.length)
    expect(await reader.read(later)).toEqual(room)
    expect(calls.reads.map((ids) => ids.length)).toEqual([2])
  })

  it('of a structure that does not recur is never shared', async () => {
    const { node, stored } = setUp()
    const writer = node()
    for (let at = 0; at < 50; at++) writer.write({ [`user-${at}-whose-name-is-long`]: at, [`and-another-${at}`]: at })
    await settled()
    expect(stored.size).toBe(0)
  })

  it('is read at once when its structures are known, which takes one question for many values', async () => {
    const { node, calls } = setUp()
    const [writer, reader] = [node(), node()]
    const bytes = await writer.share(room)
    await Promise.all(Array.from({ length: 100 }, () => reader.read(bytes)))
    expect(calls.reads.flat()).toHaveLength(100 * 2)
    expect(calls.reads).toHaveLength(1)
    expect(reader.readAtOnce(bytes)).toMatchObject({ value: room })
    expect(calls.reads).toHaveLength(1)
  })
})

describe('whatever happens to the structures, a value is read as it was written or is a miss', () => {
  it('two nodes define the same and different ones at once', async () => {
    const { node, stored } = setUp()
    const nodes = [node(), node(), node()]
    const values = [room, { ...swapped, ...room }, swapped]
    const written = await Promise.all(nodes.flatMap((one) => values.map((value) => one.share(value))))
    expect(stored.size).toBe(4)
    for (const one of [...nodes, node()])
      for (const [at, bytes] of written.entries()) expect(await one.read(bytes)).toEqual(values[at % values.length])
  })

  it('they are lost: known ones are still read, and others are a miss that names them', async () => {
    const { node, stored } = setUp()
    const [writer, reader, late] = [node(), node(), node()]
    const bytes = await writer.share(room)
    await reader.read(bytes)
    stored.clear()
    expect(await reader.read(bytes)).toEqual(room)
    await expect(late.read(bytes)).rejects.toThrow(/^damaged value: structures [0-9a-f]{32}, /)
    await expect(late.read(bytes)).rejects.toMatchObject({ code: 'damaged-value' })
  })

  it('the remote tier was emptied: in the new epoch of the log values contain them again', async () => {
    const { node, stored } = setUp()
    const [writer, late] = [node(), node()]
    await writer.share(room)
    stored.clear()
    expect(await late.read(writer.write(room, { epoch: 'next' }))).toEqual(room)
    await settled()
    expect(stored.size).toBe(2)
    expect(await late.read(writer.write(room, { epoch: 'next' }))).toEqual(room)
  })

  it('they were evicted because nobody asked for them: they are written again while they are in use', async () => {
    const { node, stored, world } = setUp()
    const writer = node()
    await writer.share(room)
    stored.clear()
    world.now += 11 * MINUTE
    writer.write(room)
    await settled()
    expect(await node().read(writer.write(room))).toEqual(room)
  })

  it('they outlive every value that refers to them', async () => {
    const { node, stored, world } = setUp()
    const writer = node()
    await writer.share(room)
    const long = await writer.share(room, { ttl: 5 * DAY, grace: 2 * DAY })
    world.now += 7 * DAY - 1
    expect(await node().read(long)).toEqual(room)
    expect([...stored.values()].every(({ expiresAt }) => expiresAt > world.now)).toBe(true)
    // Too little of their life is left for a new value: it contains them, until they have been prolonged.
    expect(await node().read(writer.write(room, { ttl: 30 * DAY }))).toEqual(room)
    await settled()
    const prolonged = writer.write(room, { ttl: 30 * DAY })
    world.now += 30 * DAY - 1
    expect(await node().read(prolonged)).toEqual(room)
  })

  it('the remote tier is away: values contain them, and nothing is asked again at once', async () => {
    const { node, calls, world } = setUp()
    const writer = node()
    world.away = true
    for (let at = 0; at < 20; at++) {
      expect(await node().read(writer.write(room))).toEqual(room)
      await settled()
    }
    expect(calls.writes).toHaveLength(1)
    world.away = false
    world.now += 1_001
    const reader = node()
    const bytes = await writer.share(room)
    world.away = true
    await expect(reader.read(bytes)).rejects.toMatchObject({ code: 'remote-unavailable' })
    world.away = false
    expect(await reader.read(bytes)).toEqual(room)
  })

  it('several versions of the application write the same key in turn', async () => {
    const { node } = setUp()
    const versions = [
      { v: 1, name: 'a' },
      { name: 'a', v: 2, added: [] },
      { v: 3, nested: { name: 'a' } },
    ]
    const nodes = versions.map(() => node())
    for (let round = 0; round < 3; round++) {
      for (const [at, version] of versions.entries()) {
        const bytes = await nodes[at]!.share(version)
        for (const one of [...nodes, node()]) expect(await one.read(bytes)).toStrictEqual(version)
      }
    }
  })

  it('somebody else wrote them: what does not have the digest that its id says is a miss', async () => {
    const { node, stored } = setUp()
    const bytes = await node().share({ publicName: 1, administratorPassword: 2 })
    const other = await node().share({ administratorPassword: 1, publicName: 2 })
    const [[id, structure], [otherId, otherStructure]] = [...stored] as [Stored, Stored]
    stored.set(id, otherStructure)
    stored.set(otherId, structure)
    await expect(node().read(bytes)).rejects.toMatchObject({ code: 'damaged-value' })
    await expect(node().read(other)).rejects.toMatchObject({ code: 'damaged-value' })
    for (const content of [[], [1], [1, 255, 255, 255, 255], [9, 9, 9], new Array(20_000).fill(2)]) {
      stored.set(id, { ...structure, bytes: Uint8Array.from(content as number[]) })
      await expect(node().read(bytes)).rejects.toMatchObject({ code: 'damaged-value' })
    }
  })

  it('what was not found is asked for again after a second, and not for each value until then', async () => {
    const { node, stored, calls, world } = setUp()
    const reader = node()
    const bytes = await node().share(room)
    const kept = new Map(stored)
    stored.clear()
    for (let at = 0; at < 5; at++) await expect(reader.read(bytes)).rejects.toThrow('not known')
    expect(calls.reads).toHaveLength(1)
    for (const [id, structure] of kept) stored.set(id, structure)
    world.now += 1_001
    expect(await reader.read(bytes)).toEqual(room)
  })

  it('there are more of them than may be shared', async () => {
    const { node, stored } = setUp()
    const writer = node()
    const values = Array.from({ length: 1_500 }, (_, at) => ({
      [`property-${at}`]: at,
      identifier: at,
      displayName: at,
    }))
    const written: Uint8Array[] = []
    for (const value of values) written.push(await writer.share(value))
    expect(stored.size).toBe(1_024)
    const reader = node()
    for (const [at, bytes] of written.entries()) expect(await reader.read(bytes)).toStrictEqual(values[at])
  })
})

const swapped = { ownerIdentifier: 'a', displayName: 'b', identifier: 'c', at: 'nowhere' }

type Stored = [string, { bytes: Uint8Array; expiresAt: number }]
