import { createWriteStream, openSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { invalidOption, reasonOf, refuseUnknown } from '../errors.js'
import type { CacheEventListener } from '../events.js'
import { hashOf } from '../hash.js'
import type { Operation } from '../ports.js'
import { TraceError } from './trace-error.js'

const REQUESTS = 1_000_000
const HASHES = 2 ** 32
const FLUSH_CHARACTERS = 65_536

type Recorded = 'hit' | 'miss' | 'set' | 'invalidate'

/** What is recorded: a `Cache`, or anything that reports as it does. */
export interface ObservedCache {
  /** Returns the function that ends it. */
  on<Type extends Recorded>(type: Type, listener: CacheEventListener<Type>): () => void
}

export interface RecordTraceOptions {
  /** It ends by itself after this many steps. Default 1,000,000. */
  readonly requests?: number
  /** Records only this share of the keys, chosen by their hashes, each with all of its steps. Default 1: all. */
  readonly sample?: number
  /** Bytes of a key's value, where they are known: they make byte hit ratios possible. */
  readonly sizeOf?: (key: string) => number | undefined
}

/** A recording under way. */
export interface TraceRecording {
  /** Steps so far. */
  readonly length: number
  /** Ends it; resolves when the file is complete. Rejects when it could not be written. */
  stop(): Promise<void>
}

/**
 * Records the reads, writes and invalidations by key of a running cache as a CSV trace for the simulator. Keys are
 * written as numbers in order of appearance: nothing of them is in the file. With `.gz` at the end of the path it is
 * compressed. Costs an event for each hit while it lasts. Throws a `CacheError` for options that are none,
 * and a `TraceError` for a file that cannot be written, or that by its name no reader would take for CSV.
 */
export function recordTrace(cache: ObservedCache, path: string, options: RecordTraceOptions = {}): TraceRecording {
  refuseUnknown('recordTrace', options, OPTION_NAMES)
  return new Recording(cache, path, options)
}

const OPTION_NAMES = new Set(['requests', 'sample', 'sizeOf'])
const FILE_NAME = /\.csv(\.gz)?$/i

/** Opened before anything is recorded, so that one hears at once of a file that cannot be written. */
function opened(path: string): number {
  if (!FILE_NAME.test(path)) throw new TraceError(path, 'expected a name that ends with .csv or .csv.gz')
  try {
    return openSync(path, 'w')
  } catch (cause) {
    throw new TraceError(path, `cannot be written: ${reasonOf(cause)}`, { cause })
  }
}

class Recording implements TraceRecording {
  readonly #numbers = new Map<string, number>()
  readonly #out = new PassThrough()
  readonly #written: Promise<void>
  readonly #ends: readonly (() => void)[]
  readonly #limit: number
  readonly #threshold: number
  readonly #sizeOf: ((key: string) => number | undefined) | undefined
  #lines: string
  #stopped = false
  length = 0

  constructor(cache: ObservedCache, path: string, { requests = REQUESTS, sample = 1, sizeOf }: RecordTraceOptions) {
    if (!Number.isSafeInteger(requests) || requests < 1) {
      throw invalidOption('requests', requests, 'a whole number of at least 1')
    }
    if (!(sample > 0 && sample <= 1)) throw invalidOption('sample', sample, 'a number above 0, at most 1')
    this.#limit = requests
    this.#threshold = sample * HASHES
    this.#sizeOf = sizeOf
    this.#lines = sizeOf === undefined ? 'time,key,op\n' : 'time,key,op,size\n'
    const file = createWriteStream(path, { fd: opened(path) })
    this.#written = path.endsWith('.gz') ? pipeline(this.#out, createGzip(), file) : pipeline(this.#out, file)
    // A failure is told when the recording is stopped; until then there is nobody to tell.
    this.#written.catch(() => this.#end())
    this.#ends = [
      ...(['hit', 'miss'] as const).map((type) => cache.on(type, ({ key }) => this.#add(key, 'get'))),
      cache.on('set', ({ key }) => this.#add(key, 'set')),
      cache.on('invalidate', ({ operations }) => this.#invalidated(operations)),
    ]
  }

  stop(): Promise<void> {
    this.#end()
    return this.#written
  }

  #add(key: string, operation: 'get' | 'set' | 'delete'): void {
    if (this.#stopped || hashOf(key) >>> 0 >= this.#threshold) return
    const number = this.#numbers.get(key) ?? this.#numbers.size
    this.#numbers.set(key, number)
    const size = this.#sizeOf === undefined ? '' : `,${this.#sizeOf(key) ?? ''}`
    this.#lines += `${Date.now() / 1_000},${number},${operation}${size}\n`
    this.length++
    if (this.length >= this.#limit) this.#end()
    else if (this.#lines.length >= FLUSH_CHARACTERS) this.#flush()
  }

  /** Tags and patterns cover keys that nobody can name here. */
  #invalidated(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if (operation.type === 'key') this.#add(operation.key, 'delete')
    }
  }

  #flush(): void {
    this.#out.write(this.#lines)
    this.#lines = ''
  }

  #end(): void {
    if (this.#stopped) return
    this.#stopped = true
    for (const end of this.#ends) end()
    this.#flush()
    this.#out.end()
    this.#numbers.clear()
  }
}
