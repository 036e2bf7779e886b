import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { Readable, Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { firstSteps } from './combine.js'
import { arcParser, lirsParser } from './formats/blocks.js'
import { type CsvColumn, csvParser } from './formats/csv.js'
import { oracleParser } from './formats/oracle.js'
import type { TraceParser } from './formats/parser.js'
import { u32Parser } from './formats/u32.js'
import type { Trace } from './trace.js'
import { TraceError } from './trace-error.js'

/** The formats that can be read. */
export const TRACE_FORMATS = ['u32', 'arc', 'lirs', 'oracle', 'csv'] as const
export type TraceFormat = (typeof TRACE_FORMATS)[number]

export interface ReadTraceOptions {
  /** Default: told by the name of the file. */
  readonly format?: TraceFormat | undefined
  /** Reads no more requests than about this many. Default: all. */
  readonly limit?: number | undefined
  /** Columns of a CSV file without a line that names them. */
  readonly columns?: readonly CsvColumn[] | undefined
  /** Told how many requests have been read, every now and then. */
  readonly progress?: ((requests: number) => void) | undefined
}

/** By the end of a file's name, without `.gz` and `.zst`. */
const ENDINGS: readonly (readonly [ending: string, format: TraceFormat])[] = [
  ['.u32', 'u32'],
  ['.arc', 'arc'],
  ['.lis', 'arc'],
  ['.lirs', 'lirs'],
  ['.trc', 'lirs'],
  ['.oraclegeneral', 'oracle'],
  ['.oraclegeneral.bin', 'oracle'],
  ['.oracle', 'oracle'],
  ['.csv', 'csv'],
]

/** The format that the name of a file stands for, or `undefined`. */
export function formatOf(path: string): TraceFormat | undefined {
  const name = basename(path)
    .toLowerCase()
    .replace(/\.(gz|zst)$/, '')
  return ENDINGS.find(([ending]) => name.endsWith(ending))?.[1]
}

/**
 * Reads a trace from a file, which may be compressed (`.gz`; `.zst` where `node:zlib` has it: Node.js 22.15 and newer).
 * Rejects with a `TraceError` that names the place for what is damaged, short or of an unknown format.
 */
export async function readTrace(path: string, options: ReadTraceOptions = {}): Promise<Trace> {
  const format = options.format ?? formatOf(path)
  if (format === undefined) {
    const endings = ENDINGS.map(([ending]) => ending).join(', ')
    throw new TraceError(
      path,
      `unknown format: expected a name that ends with ${endings}, or the format ${TRACE_FORMATS.join(', ')}`,
    )
  }
  const parser = parserOf(format, path, options.columns)
  const { limit = Number.POSITIVE_INFINITY, progress } = options
  let bytes = 0
  const file = createReadStream(path)
  try {
    for await (const chunk of decompressed(path, file)) {
      parser.push(chunk as Uint8Array)
      bytes += (chunk as Uint8Array).length
      progress?.(parser.length)
      if (parser.length >= limit) return firstSteps(parser.finish(false), limit)
    }
  } catch (error) {
    throw readFailure(path, error, bytes)
  } finally {
    file.destroy()
  }
  return parser.finish(true)
}

function parserOf(format: TraceFormat, name: string, columns: readonly CsvColumn[] | undefined): TraceParser {
  if (format === 'csv') return csvParser(name, columns)
  return { u32: u32Parser, arc: arcParser, lirs: lirsParser, oracle: oracleParser }[format](name)
}

function decompressed(path: string, file: Readable): AsyncIterable<unknown> {
  if (path.endsWith('.gz')) return through(file, zlib.createGunzip())
  if (!path.endsWith('.zst')) return file
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform }
  if (createZstdDecompress !== undefined) return through(file, createZstdDecompress())
  throw new TraceError(
    path,
    `reading .zst needs Node.js 22.15 or newer, this is ${process.version}: decompress it with 'zstd -d'`,
  )
}

function through(file: Readable, transform: Transform): Transform {
  file.once('error', (error) => transform.destroy(error))
  return file.pipe(transform)
}

function readFailure(path: string, error: unknown, bytes: number): unknown {
  if (error instanceof TraceError || !(error instanceof Error)) return error
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new TraceError(path, 'there is no such file', { cause: error })
  if (code === 'EISDIR') return new TraceError(path, 'this is a folder: expected a file', { cause: error })
  if (code.startsWith('Z_') || code.startsWith('ERR_')) {
    const expected = path.endsWith('.gz') ? 'gzip' : 'Zstandard'
    return new TraceError(
      path,
      `damaged or cut off: expected ${expected} data, got '${error.message}' after this byte of the decompressed data`,
      {
        offset: bytes,
        cause: error,
      },
    )
  }
  return new TraceError(path, `cannot be read: ${error.message}`, { cause: error })
}
