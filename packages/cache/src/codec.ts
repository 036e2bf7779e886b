import { CompressionChoice, type Compressor } from './compression-choice.js'
import type { Entry, EntryHead, StoredEntry } from './entry.js'
import { decodeHeader, encodeHeader } from './entry-header.js'
import { CacheError, invalidOption, show } from './errors.js'
import type { Codec } from './ports.js'

/*
 * The envelope, version 2; numbers are little-endian:
 *
 *   0  magic              0xF7
 *   1  version            2
 *   2  state              0 live, 1 softly expired; patched in place by the remote tier, so no checksum covers it
 *   3  flags              low half: id of the compressor (0 = none), high half: id of the serializer
 *   4  checksum  u32      of everything from byte 8 on, seeded with bytes 0, 1 and 3
 *   8  length of the header  u32
 *  12  header             all but the value, see entry-header.ts
 *   …  payload            serialized value; when compressed: its raw length  u32, then the compressed bytes
 */

/** Where the remote tier marks a stored envelope as softly expired without reading the rest. */
export const STATE_OFFSET = 2
export const STATE_LIVE = 0
export const STATE_EXPIRED = 1

const MAGIC = 0xf7
const VERSION = 2
const PREFIX_BYTES = 12
const COVERED_FROM = 8
const SHORTEST_HEADER_BYTES = 6

/** Default limits, in bytes. */
export const CODEC_DEFAULTS = Object.freeze({ compressAbove: 1_024, maxBytes: 64 * 1_048_576 })

/** A codec with `decodeHead`, made from `decode` where it has none of its own. */
export function withHeads(codec: Codec): Required<Codec> {
  return {
    encode: (entry, key) => codec.encode(entry, key),
    decode: (bytes, key) => codec.decode(bytes, key),
    decodeHead(bytes, key) {
      if (codec.decodeHead !== undefined) return codec.decodeHead(bytes, key)
      const entry = codec.decode(bytes, key)
      if (!(entry instanceof Promise)) return entry
      throw new CacheError(
        'invalid-option',
        'codec.decodeHead: expected a function, since decode answers with a promise',
      )
    },
  }
}

/** Turns values into bytes. Its id is written into the envelope, so that a codec never reads what another one wrote. */
export interface Serializer {
  /** 1 to 15. */
  readonly id: number
  /**
   * The bytes are read before the next call, which may overwrite them. `life` says how long and in which epoch of the
   * log they will be readable. Throws for what cannot be stored.
   */
  serialize(value: unknown, life?: { readonly epoch: string; readonly keptForMs: number }): Uint8Array
  /**
   * Reads what begins at `start`; throws for bytes that it did not write. The value must not refer to `bytes`
   * afterwards.
   */
  deserialize(bytes: Uint8Array, start?: number): unknown
  /** Bytes that the value of the last `deserialize` takes on the heap, where it counts them. */
  readonly heapBytes?: number
  /**
   * Asked with what `deserialize` has thrown: fetches what was missing, so that it is worth trying once more.
   * `undefined` when that is not the cause.
   */
  prepare?(error: unknown): Promise<void> | undefined
}

/** A 32-bit checksum that finds every change of a single bit, such as CRC-32; `seed` is its state before the bytes. */
export type Checksum = (bytes: Uint8Array, seed: number) => number

export interface CodecOptions {
  readonly serializer: Serializer
  readonly checksum: Checksum
  /**
   * What compresses is chosen among them by measurement, beginning with the first; all are understood. Default: none.
   */
  readonly compressors?: readonly Compressor[]
  /** Serialized values of at least this many bytes are compressed; `Infinity` for never. Default 1,024. */
  readonly compressAbove?: number
  /** Largest serialized value, in bytes before compression, for writing and for reading. Default 64 MiB. */
  readonly maxBytes?: number
  /** Milliseconds that never go backwards, to measure with. Default `performance.now`. */
  readonly monotonic?: () => number
}

/**
 * The codec of the remote tier: entries in a versioned envelope with a checksum. Encoding throws a `CacheError` of code
 * `invalid-argument` that names what cannot be stored; decoding throws one of code `damaged-value` for anything
 * but an undamaged envelope of this version, whatever the bytes are.
 */
export function createCodec(options: CodecOptions): Codec {
  const { serializer, checksum, compressors = [] } = options
  const compressAbove = options.compressAbove ?? CODEC_DEFAULTS.compressAbove
  const maxBytes = options.maxBytes ?? CODEC_DEFAULTS.maxBytes
  checkOptions(serializer, compressors, compressAbove, maxBytes)
  const compression = new CompressionChoice(compressors, options.monotonic ?? (() => performance.now()))

  function encode(entry: Entry): Uint8Array {
    const raw = serializer.serialize(entry.value, { epoch: entry.epoch, keptForMs: entry.ttl + entry.grace })
    if (raw.length > maxBytes) {
      throw new CacheError(
        'invalid-argument',
        `value: expected at most ${maxBytes} bytes serialized, got ${raw.length}`,
      )
    }
    // The first tag is the name of the definition, whose values are alike.
    const packed = raw.length >= compressAbove ? compression.pack(raw, entry.tags[0] ?? '') : undefined
    const header = encodeHeader(entry)
    const payloadBytes = packed === undefined ? raw.length : packed.bytes.length + 4
    const bytes = new Uint8Array(PREFIX_BYTES + header.length + payloadBytes)
    const view = new DataView(bytes.buffer)
    bytes[0] = MAGIC
    bytes[1] = VERSION
    bytes[STATE_OFFSET] = entry.expired ? STATE_EXPIRED : STATE_LIVE
    bytes[3] = (serializer.id << 4) | (packed?.compressor.id ?? 0)
    view.setUint32(8, header.length, true)
    bytes.set(header, PREFIX_BYTES)
    const payloadAt = PREFIX_BYTES + header.length
    if (packed === undefined) {
      bytes.set(raw, payloadAt)
    } else {
      view.setUint32(payloadAt, raw.length, true)
      bytes.set(packed.bytes, payloadAt + 4)
    }
    view.setUint32(4, checksum(bytes.subarray(COVERED_FROM), seedOf(bytes)), true)
    return bytes
  }

  function decode(bytes: Uint8Array): Entry | Promise<Entry> {
    const payloadAt = checkEnvelope(bytes, checksum)
    const flags = bytes[3]!
    if (flags >> 4 !== serializer.id) {
      throw damaged(`it was written by serializer ${flags >> 4}, this codec has ${serializer.id}`)
    }
    // The checksum is no seal: whoever can write to the remote tier can forge it. What follows trusts no length.
    let entry: StoredEntry
    let raw = bytes
    let start = payloadAt
    try {
      entry = headOf(bytes, payloadAt)
      if ((flags & 15) !== 0) {
        raw = decompress(bytes.subarray(payloadAt), flags & 15)
        start = 0
      }
      const rawBytes = raw.length - start
      if (rawBytes > maxBytes) throw new RangeError(`the value has ${rawBytes} bytes, more than ${maxBytes}`)
      return withValue(entry, raw, start)
    } catch (error) {
      const prepared = serializer.prepare?.(error)
      if (prepared === undefined) throw damaged(error instanceof Error ? error.message : String(error), error)
      return prepared.then(() => {
        try {
          return withValue(entry, raw, start)
        } catch (again) {
          throw damaged(again instanceof Error ? again.message : String(again), again)
        }
      })
    }
  }

  function withValue(entry: StoredEntry, raw: Uint8Array, start: number): Entry {
    entry.value = serializer.deserialize(raw, start)
    entry.heapBytes = serializer.heapBytes
    return entry
  }

  function decodeHead(bytes: Uint8Array): EntryHead {
    const payloadAt = checkEnvelope(bytes, checksum)
    try {
      const { value: _value, heapBytes: _heapBytes, ...head } = headOf(bytes, payloadAt)
      return head
    } catch (error) {
      throw damaged(error instanceof Error ? error.message : String(error), error)
    }
  }

  function decompress(payload: Uint8Array, id: number): Uint8Array {
    const reader = compressors.find((one) => one.id === id)
    if (reader === undefined)
      throw new Error(
        `compressor ${id} is unknown here, where there are ${compressors.map(({ name }) => name).join(', ') || 'none'}`,
      )
    if (payload.length < 4) throw new RangeError('the value ends too early')
    const rawBytes = uint32(payload, 0)
    if (rawBytes > maxBytes) throw new RangeError(`the value has ${rawBytes} bytes, more than ${maxBytes}`)
    const raw = reader.decompress(payload.subarray(4), rawBytes)
    if (raw.length !== rawBytes) throw new RangeError(`expected ${rawBytes} bytes decompressed, got ${raw.length}`)
    return raw
  }

  return { encode, decode, decodeHead }
}

function checkOptions(
  serializer: Serializer,
  compressors: readonly Compressor[],
  compressAbove: number,
  maxBytes: number,
) {
  for (const { id } of [serializer, ...compressors]) {
    if (!Number.isInteger(id) || id < 1 || id > 15) throw invalidOption('codec id', id, 'a whole number from 1 to 15')
  }
  if (!(compressAbove >= 0))
    throw invalidOption('compressAbove', compressAbove, 'a number of bytes, or Infinity for never')
  if (!(maxBytes > 0 && maxBytes < 2 ** 32))
    throw invalidOption('maxBytes', maxBytes, 'a number of bytes from 1 to 2^32 - 1')
}

/** Everything but the value. */
function headOf(bytes: Uint8Array, payloadAt: number): StoredEntry {
  const entry = decodeHeader(bytes, PREFIX_BYTES, payloadAt)
  entry.expired = bytes[STATE_OFFSET] === STATE_EXPIRED
  return entry
}

/** Where the payload of an undamaged envelope of this version begins; refuses everything else. */
function checkEnvelope(bytes: Uint8Array, checksum: Checksum): number {
  if (!(bytes instanceof Uint8Array)) throw damaged(`expected a Uint8Array, got ${show(bytes)}`)
  if (bytes.length === 0 || bytes[0] !== MAGIC) throw damaged('it does not begin as an envelope does')
  if (bytes.length > 1 && bytes[1] !== VERSION) {
    throw damaged(`its version is ${bytes[1]}, this library reads version ${VERSION}`)
  }
  if (bytes.length < PREFIX_BYTES + SHORTEST_HEADER_BYTES) throw damaged(`it ends after ${bytes.length} bytes`)
  if (bytes[STATE_OFFSET]! > STATE_EXPIRED) throw damaged(`its state is ${bytes[STATE_OFFSET]}, expected 0 or 1`)
  if (checksum(bytes.subarray(COVERED_FROM), seedOf(bytes)) !== uint32(bytes, 4))
    throw damaged('its checksum does not match')
  const payloadAt = PREFIX_BYTES + uint32(bytes, 8)
  if (payloadAt > bytes.length) throw damaged('the header is longer than the envelope')
  return payloadAt
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

function seedOf(bytes: Uint8Array): number {
  return (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[3]!
}

function damaged(reason: string, cause?: unknown): CacheError {
  return new CacheError('damaged-value', `damaged value: ${reason}`, cause === undefined ? {} : { cause })
}
