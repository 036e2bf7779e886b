import { createCache } from '@tableforge/cache'
import { LRUCache } from 'lru-cache'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import { nanosecondsPer } from './harness/interleaved.js'
import { awaiting, counting, shuffled } from './orders.js'
import {
  fill,
  load,
  type OpenWarmCache,
  plainMap,
  rivals,
  TTL_MS,
  tableforgeDefinition,
  tableforgeGetOrLoad,
} from './warm-caches.js'

const ENTRIES = 10_000
/**
 * Several times all keys, so that what is measured is a cache in use and not its first steps after somebody else had
 * the processor.
 */
const CALLS = 50_000
const DEFINITIONS = 8
const keys = Array.from({ length: ENTRIES }, (_, at) => `key:${at}`)
const order = shuffled(CALLS, keys)

const warmHit: Case = {
  name: 'warm hit',
  about: `one awaited hit on a full cache of ${ENTRIES.toLocaleString('en')} entries, keys in one random order, the same for all`,
  unit: 'ns per awaited hit',
  better: 'lower',
  goals: { 'plain Map': 1.25 },
  async open() {
    const join = async (role: Participant['role'], open: OpenWarmCache): Promise<Participant> => {
      const cache = await open(keys)
      const loop = awaiting(cache.read, order)
      return { ...cache, role, measure: () => nanosecondsPer(CALLS, loop) }
    }
    // One after the other: filled side by side, the entries of all would lie mixed in memory, as in no process.
    const participants: Participant[] = []
    for (const [role, open] of [
      ['ours', tableforgeDefinition],
      ['ours', tableforgeGetOrLoad],
      ['floor', plainMap],
      ...rivals.map((rival) => ['rival', rival] as const),
    ] as const)
      participants.push(await join(role, open))
    return participants
  },
}

/** Values of different shapes, so that no code can settle on one. */
const shapes: readonly ((key: string) => unknown)[] = [
  (key) => key,
  (key) => key.length,
  load,
  (key) => ({ id: key, at: new Date(0) }),
  (key) => [key, key],
  () => null,
  (key) => ({ nested: { key, list: [1, 2, 3] } }),
  (key) => new Map([[key, 1]]),
]

const manyDefinitions: Case = {
  name: `warm hit, ${DEFINITIONS} definitions`,
  about: `as above, with the keys spread over ${DEFINITIONS} definitions of as many shapes of values, read through one call site`,
  unit: 'ns per awaited hit',
  better: 'lower',
  goals: { 'plain Maps': 1.25 },
  async open() {
    const places = keys.map((key, at) => ({ key, part: at % DEFINITIONS }))
    const visits = shuffled(CALLS, places)
    const cache = createCache({ memory: { maxEntries: ENTRIES }, defaults: { ttl: TTL_MS } })
    await cache.ready()
    const definitions = shapes.map((shape, at) =>
      cache.define(`value ${at}`.replace(' ', '-'), { key: (key: string) => key, load: (key) => shape(key) }),
    )
    const maps = shapes.map(() => new Map<string, unknown>())
    const read = ({ key, part }: { key: string; part: number }) => definitions[part]?.get(key)
    await fill(places, read)
    for (const { key, part } of places) maps[part]?.set(key, shapes[part]?.(key))
    const readMap = ({ key, part }: { key: string; part: number }) => Promise.resolve(maps[part]?.get(key))
    const [ours, floor] = [awaiting(read, visits), awaiting(readMap, visits)]
    return [
      {
        name: 'definition.get',
        role: 'ours',
        packages: ['@tableforge/cache'],
        configuration: `createCache({ memory: { maxEntries } }) with ${DEFINITIONS} definitions`,
        measure: () => nanosecondsPer(CALLS, ours),
        close: () => cache.close(),
      },
      {
        name: 'plain Maps',
        role: 'floor',
        packages: [],
        configuration: 'one Map for each definition; await Promise.resolve(map.get(key))',
        measure: () => nanosecondsPer(CALLS, floor),
      },
    ]
  },
}

const peek: Case = {
  name: 'peek',
  about: 'one look into memory without awaiting anything, on the same full cache',
  unit: 'ns per look',
  better: 'lower',
  goals: { 'lru-cache.get': 1.1 },
  async open() {
    const cache = createCache({ memory: { maxEntries: ENTRIES }, defaults: { ttl: TTL_MS } })
    const other = createCache({ memory: { maxEntries: ENTRIES }, defaults: { ttl: TTL_MS } })
    await Promise.all([cache.ready(), other.ready()])
    const values = other.define('value', { key: (key: string) => key, load })
    await fill(keys, (key) => cache.getOrLoad(key, () => load(key)))
    await fill(keys, (key) => values.get(key))
    const lru = new LRUCache<string, object>({ max: ENTRIES, ttl: TTL_MS })
    for (const key of keys) lru.set(key, load(key))
    const participant = (
      name: string,
      role: Participant['role'],
      packages: readonly string[],
      configuration: string,
      read: (key: string) => unknown,
    ): Participant => {
      const loop = counting(read, order)
      const measure = () =>
        nanosecondsPer(CALLS, () => {
          if (loop() !== CALLS) throw new Error(`${name} did not find everything`)
        })
      return { name, role, packages, configuration, measure }
    }
    return [
      {
        ...participant('peek', 'ours', ['@tableforge/cache'], 'createCache({ memory: { maxEntries } })', (key) =>
          cache.peek(key),
        ),
        close: () => cache.close(),
      },
      {
        ...participant('definition.peek', 'ours', ['@tableforge/cache'], 'as above, with a definition', (key) =>
          values.peek(key),
        ),
        close: () => other.close(),
      },
      participant('lru-cache.get', 'floor', ['lru-cache'], 'new LRUCache({ max, ttl }); get', (key) => lru.get(key)),
    ]
  },
}

/** Warm hits on a full cache, in memory alone. */
export const hit = comparison({
  name: 'hit',
  about: 'one warm hit on a full cache, against others and a plain Map; many definitions; looks without awaiting',
  rounds: 41,
  warmUpRounds: 10,
  cases: [warmHit, manyDefinitions, peek],
})
