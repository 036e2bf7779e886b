import { type CacheEntry, defaultCodec, type StructureStore } from '@tableforge/cache'
import { Packr } from 'msgpackr'
import { type Case, comparison, type Participant } from './harness/comparison.js'
import type { Role } from './harness/comparison-data.js'
import { nanosecondsPer } from './harness/interleaved.js'
import { roomOf } from './sample-values.js'

/** What turns values into bytes and back. */
interface Format {
  readonly name: string
  readonly role: Role
  readonly packages: readonly string[]
  readonly configuration: string
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** Values of a kind, each with content of its own. */
const VALUES = 50

const work: readonly { readonly name: string; readonly jsonBytes: number; readonly calls: number }[] = [
  { name: '1 KiB', jsonBytes: 1_024, calls: 2_000 },
  { name: '32 KiB', jsonBytes: 32_768, calls: 100 },
]

/** Encoding, decoding and size of what is stored. */
export const codec = comparison({
  name: 'codec',
  about: 'what a stored value costs to write, to read, and to keep, against JSON and msgpackr',
  cases: work.flatMap(({ name, jsonBytes, calls }) => {
    const values = Array.from({ length: VALUES }, (_, at) => roomOf(`room:${at}`, jsonBytes))
    const about = `rooms of ${name} as JSON, ${VALUES} different ones in turn`
    return [
      caseOf(`encode ${name}`, `encoding ${about}`, 'us per value', values, async (format) => {
        let at = 0
        return await microseconds(calls, () => format.encode(values[at++ % VALUES]))
      }),
      caseOf(`decode ${name}`, `decoding ${about}`, 'us per value', values, async (format) => {
        const stored = values.map((value) => format.encode(value))
        let at = 0
        return await microseconds(calls, () => format.decode(stored[at++ % VALUES] as Uint8Array))
      }),
      caseOf(`bytes of ${name}`, `the mean size of ${about}`, 'bytes', values, (format) => {
        return values.reduce((sum, value) => sum + format.encode(value).length, 0) / VALUES
      }),
    ]
  }),
})

function caseOf(
  name: string,
  about: string,
  unit: string,
  values: readonly unknown[],
  measure: (format: Format) => Promise<number> | number,
): Case {
  return {
    name,
    about,
    unit,
    better: 'lower',
    async open(): Promise<Participant[]> {
      return Promise.all(
        [ours(), json, msgpackr(true), msgpackr(false)].map(async (format) => {
          // Twice, and a turn of the event loop each: structures recur, are stored, and are fetched.
          for (let time = 0; time < 3; time++) {
            for (const value of values) await format.decode(format.encode(value))
            await new Promise((resolve) => setImmediate(resolve))
          }
          return { ...format, measure: () => measure(format) }
        }),
      )
    },
  }
}

async function microseconds(calls: number, call: () => unknown): Promise<number> {
  const nanoseconds = await nanosecondsPer(calls, () => {
    for (let made = 0; made < calls; made++) call()
  })
  return nanoseconds / 1_000
}

/** The whole envelope, with checksum, times, epoch and two tags. */
function ours(): Format {
  const codec = defaultCodec({ compressAbove: Number.POSITIVE_INFINITY, structures: structuresInMemory() })
  const entry: Omit<CacheEntry, 'value'> = {
    createdAt: 1_763_800_000_000,
    ttl: 300_000,
    grace: 0,
    tags: ['room:state', 'user:1'],
    epoch: '5f1c3a9e7b2d4860',
    asOf: 1_234,
    expired: false,
  }
  return {
    name: '@tableforge/cache',
    role: 'ours',
    packages: ['@tableforge/cache'],
    configuration:
      'defaultCodec with shared structures, not compressed; all of an entry: checksum, times, epoch, two tags',
    encode: (value) => codec.encode({ ...entry, value }, 'key'),
    decode: (bytes) => codec.decode(bytes, 'key'),
  }
}

function structuresInMemory(): StructureStore {
  const stored = new Map<string, Uint8Array>()
  return {
    readStructures: async (ids) => ids.map((id) => stored.get(id)),
    async writeStructures(structures) {
      for (const { id, bytes } of structures) stored.set(id, bytes)
    },
  }
}

const json: Format = {
  name: 'JSON',
  role: 'floor',
  packages: [],
  configuration: 'Buffer.from(JSON.stringify(value)); JSON.parse(buffer.toString()); the value alone',
  encode: (value) => Buffer.from(JSON.stringify(value)),
  decode: (bytes) => JSON.parse((bytes as Buffer).toString()),
}

function msgpackr(shared: boolean): Format {
  const packr = new Packr(shared ? { structures: [] } : { useRecords: true })
  return {
    name: shared ? 'msgpackr, structures' : 'msgpackr, records',
    role: 'rival',
    packages: ['msgpackr'],
    configuration: `new Packr(${shared ? '{ structures: [] }' : '{ useRecords: true }'}), with its native reader of strings; the value alone`,
    encode: (value) => Buffer.from(packr.pack(value)),
    decode: (bytes) => packr.unpack(bytes as Buffer),
  }
}
