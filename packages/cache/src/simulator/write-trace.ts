import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { NEVER, nextUses } from './next-uses.js'
import { formatOf } from './read-trace.js'
import { DELETE, READ, type Trace, WRITE } from './trace.js'
import { TraceError } from './trace-error.js'

const STEPS_PER_CHUNK = 16_384
const MS_PER_SECOND = 1_000
const OPERATIONS = { [READ]: 'get', [WRITE]: 'set', [DELETE]: 'delete' } as const

/**
 * Writes a trace to a file: `.csv` keeps everything, `.oracleGeneral` keys, times (whole seconds) and sizes of reads,
 * `.u32` keys of reads; `.gz` behind it compresses. Keys become their numbers. Rejects with a `TraceError` for another
 * ending.
 */
export async function writeTrace(trace: Trace, path: string): Promise<void> {
  const format = formatOf(path)
  const encoders = { u32: u32Chunks, oracle: oracleChunks, csv: csvChunks } as const
  if (format === undefined || !(format in encoders) || path.endsWith('.zst')) {
    throw new TraceError(
      path,
      'cannot be written: expected a name that ends with .u32, .csv or .oracleGeneral, and perhaps .gz',
    )
  }
  const chunks = Readable.from(encoders[format as keyof typeof encoders](trace))
  const file = createWriteStream(path)
  await (path.endsWith('.gz') ? pipeline(chunks, createGzip(), file) : pipeline(chunks, file))
}

function* u32Chunks(trace: Trace): Generator<Uint8Array> {
  for (const steps of readsInParts(trace)) {
    const chunk = Buffer.alloc(steps.length * 4)
    for (const [at, step] of steps.entries()) chunk.writeUInt32LE(trace.keys[step]!, at * 4)
    yield chunk
  }
}

function* oracleChunks(trace: Trace): Generator<Uint8Array> {
  const { keys, times, sizes, kinds } = trace
  const next = nextUses(trace)
  // Next uses count steps; the file counts reads.
  const readsBefore = new Uint32Array(keys.length + 1)
  for (let step = 0; step < keys.length; step++) {
    readsBefore[step + 1] = readsBefore[step]! + (kinds === undefined || kinds[step] === READ ? 1 : 0)
  }
  for (const steps of readsInParts(trace)) {
    const chunk = Buffer.alloc(steps.length * 24)
    for (const [at, step] of steps.entries()) {
      const use = next[step]!
      chunk.writeUInt32LE(Math.floor((times?.[step] ?? 0) / MS_PER_SECOND), at * 24)
      chunk.writeBigUInt64LE(BigInt(keys[step]!), at * 24 + 4)
      chunk.writeUInt32LE(sizes?.[step] ?? 1, at * 24 + 12)
      chunk.writeBigInt64LE(use === NEVER ? -1n : BigInt(readsBefore[use]!), at * 24 + 16)
    }
    yield chunk
  }
}

function* csvChunks(trace: Trace): Generator<string> {
  const { keys, kinds, sizes, times, ttls } = trace
  const columns: [name: string, cell: (step: number) => string | number][] = [['key', (step) => keys[step]!]]
  if (times !== undefined) columns.unshift(['time', (step) => times[step]! / MS_PER_SECOND])
  if (sizes !== undefined) columns.push(['size', (step) => sizes[step]!])
  if (ttls !== undefined)
    columns.push(['ttl', (step) => (Number.isFinite(ttls[step]!) ? ttls[step]! / MS_PER_SECOND : '')])
  if (kinds !== undefined) columns.push(['op', (step) => OPERATIONS[kinds[step] as keyof typeof OPERATIONS]])
  yield `${columns.map(([name]) => name).join(',')}\n`
  for (let from = 0; from < keys.length; from += STEPS_PER_CHUNK) {
    const until = Math.min(keys.length, from + STEPS_PER_CHUNK)
    let text = ''
    for (let step = from; step < until; step++) text += `${columns.map(([, cell]) => cell(step)).join(',')}\n`
    yield text
  }
}

function* readsInParts({ keys, kinds }: Trace): Generator<number[]> {
  let part: number[] = []
  for (let step = 0; step < keys.length; step++) {
    if (kinds !== undefined && kinds[step] !== READ) continue
    part.push(step)
    if (part.length < STEPS_PER_CHUNK) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}
