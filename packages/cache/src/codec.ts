import type { Entry } from './entry.js'
import { CacheError, invalidOption, show } from './errors.js'
import type { Codec } from './ports.js'

/*
 * The envelope, version 1; numbers are little-endian:
 *
 *   0  magic              0xF7
 *   1  version            1
 *   2  state              0 live, 1 softly expired; patched in place by the remote tier, so no checksum covers it
 *   3  flags              low half: id of the compressor (0 = none), high half: id of the serializer
 *   4  checksum  u32      of everything from byte 8 on, seeded with bytes 0, 1 and 3
 *   8  length of the header  u32
 *  12  header             createdAt, ttl, grace, asOf  f64 each; epoch; number of tags; tags
 *   …  payload            serialized value; when compressed: its raw length  u32, then the compressed bytes
 *
 * A text of the header is a varint of `2 * length + wide` and its code units, in one byte each or two when wide: exact
 * for every JavaScript string, lone surrogates included.
 */

/** Where the remote tier marks a stored envelope as softly expired without reading the rest. */
export const STATE_OFFSET = 2
export const STATE_LIVE = 0
export const STATE_EXPIRED = 1

const MAGIC = 0xf7
const VERSION = 1
const PREFIX_BYTES = 12
const COVERED_FROM = 8
const FIXED_HEADER_BYTES = 32

/** Default limits, in bytes. */
export const CODEC_DEFAULTS = Object.freeze({ compressAbove: 1_024, maxBytes: 64 * 1_048_576 })

/** Turns values into bytes. Its id is written into the envelope, so that a codec never reads what another one wrote. */
export interface Serializer {
  /** 1 to 15. */
  readonly id: number
  /** The bytes are read before the next call, which may overwrite them. Throws for what cannot be stored. */
  serialize(value: unknown): Uint8Array
  /** Throws for bytes that it did not write. The value must not refer to `bytes` afterwards. */
  deserialize(bytes: Uint8Array): unknown
}

/** Makes bytes fewer. Its id is written into the envelope. */
export interface Compressor {
  /** 1 to 15. */
  readonly id: number
  compress(bytes: Uint8Array): Uint8Array
  /** Throws when the result would be larger than `maxBytes`, before it has been built. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** A 32-bit checksum that finds every change of a single bit, such as CRC-32; `seed` is its state before the bytes. */
export type Checksum = (bytes: Uint8Array, seed: number) => number

export interface CodecOptions {
  readonly serializer: Serializer
  readonly checksum: Checksum
  /** The first one compresses; all of them are understood. Default: none. */
  readonly compressors?: readonly Compressor[]
  /** Serialized values of at least this many bytes are compressed; `Infinity` for never. Default 1,024. */
  readonly compressAbove?: number
  /** Largest serialized value, in bytes before compression, for writing and for reading. Default 64 MiB. */
  readonly maxBytes?: number
}

/**
 * The codec of the remote tier: entries in a versioned envelope with a checksum. Encoding throws a `CacheError` of code
 * `invalid-argument` that names what cannot be stored; decoding throws one of code `damaged-value` for anything else
 * than an undamaged envelope of this version, whatever the bytes are.
 */
export function createCodec(options: CodecOptions): Codec {
  const { serializer, checksum, compressors = [] } = options
  const compressAbove = options.compressAbove ?? CODEC_DEFAULTS.compressAbove
  const maxBytes = options.maxBytes ?? CODEC_DEFAULTS.maxBytes
  checkOptions(serializer, compressors, compressAbove, maxBytes)
  const compressor = compressors[0]

  function encode(entry: Entry): Uint8Array {
    const raw = serializer.serialize(entry.value)
    if (raw.length > maxBytes) {
      throw new CacheError(
        'invalid-argument',
        `value: expected at most ${maxBytes} bytes serialized, got ${raw.length}`,
      )
    }
    const compressed = compressor !== undefined && raw.length >= compressAbove ? compressor.compress(raw) : undefined
    // Less than an eighth saved is not worth the time that each reader would spend on decompressing.
    const packed =
      compressed !== undefined && compressed.length + 4 <= raw.length - (raw.length >> 3) ? compressed : undefined

    const header = encodeHeader(entry)
    const payloadBytes = packed === undefined ? raw.length : packed.length + 4
    const bytes = new Uint8Array(PREFIX_BYTES + header.length + payloadBytes)
    const view = new DataView(bytes.buffer)
    bytes[0] = MAGIC
    bytes[1] = VERSION
    bytes[STATE_OFFSET] = entry.expired ? STATE_EXPIRED : STATE_LIVE
    bytes[3] = (serializer.id << 4) | (packed === undefined ? 0 : compressor!.id)
    view.setUint32(8, header.length, true)
    bytes.set(header, PREFIX_BYTES)
    const payloadAt = PREFIX_BYTES + header.length
    if (packed === undefined) {
      bytes.set(raw, payloadAt)
    } else {
      view.setUint32(payloadAt, raw.length, true)
      bytes.set(packed, payloadAt + 4)
    }
    view.setUint32(4, checksum(bytes.subarray(COVERED_FROM), seedOf(bytes)), true)
    return bytes
  }

  function decode(bytes: Uint8Array): Entry {
    checkEnvelope(bytes, checksum)
    const flags = bytes[3]!
    if (flags >> 4 !== serializer.id) {
      throw damaged(`it was written by serializer ${flags >> 4}, this codec has ${serializer.id}`)
    }
    // The checksum is no seal: whoever can write to the remote tier can forge it. What follows trusts no length.
    try {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const payloadAt = PREFIX_BYTES + view.getUint32(8, true)
      if (payloadAt > bytes.length) throw new RangeError('the header is longer than the envelope')
      const header = decodeHeader(bytes, view, payloadAt)
      const payload = bytes.subarray(payloadAt)
      const raw = (flags & 15) === 0 ? payload : decompress(payload, flags & 15)
      if (raw.length > maxBytes) throw new RangeError(`the value has ${raw.length} bytes, more than ${maxBytes}`)
      return { ...header, value: serializer.deserialize(raw), expired: bytes[STATE_OFFSET] === STATE_EXPIRED }
    } catch (error) {
      throw damaged(error instanceof Error ? error.message : String(error), error)
    }
  }

  function decompress(payload: Uint8Array, id: number): Uint8Array {
    const reader = compressors.find((one) => one.id === id)
    if (reader === undefined) throw new Error(`compressor ${id} is unknown to this codec`)
    const rawBytes = new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(0, true)
    if (rawBytes > maxBytes) throw new RangeError(`the value has ${rawBytes} bytes, more than ${maxBytes}`)
    const raw = reader.decompress(payload.subarray(4), rawBytes)
    if (raw.length !== rawBytes) throw new RangeError(`expected ${rawBytes} bytes decompressed, got ${raw.length}`)
    return raw
  }

  return { encode, decode }
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

/** Refuses what is no undamaged envelope of this version. */
function checkEnvelope(bytes: Uint8Array, checksum: Checksum): void {
  if (!(bytes instanceof Uint8Array)) throw damaged(`expected a Uint8Array, got ${show(bytes)}`)
  if (bytes.length === 0 || bytes[0] !== MAGIC) throw damaged('it does not begin as an envelope does')
  if (bytes.length > 1 && bytes[1] !== VERSION) {
    throw damaged(`its version is ${bytes[1]}, this library reads version ${VERSION}`)
  }
  if (bytes.length < PREFIX_BYTES + FIXED_HEADER_BYTES) throw damaged(`it ends after ${bytes.length} bytes`)
  if (bytes[STATE_OFFSET]! > STATE_EXPIRED) throw damaged(`its state is ${bytes[STATE_OFFSET]}, expected 0 or 1`)
  const written = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true)
  if (checksum(bytes.subarray(COVERED_FROM), seedOf(bytes)) !== written) throw damaged('its checksum does not match')
}

function seedOf(bytes: Uint8Array): number {
  return (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[3]!
}

function damaged(reason: string, cause?: unknown): CacheError {
  return new CacheError('damaged-value', `damaged value: ${reason}`, cause === undefined ? {} : { cause })
}

let scratch = new Uint8Array(1_024)
let scratchView = new DataView(scratch.buffer)

/** A view of the scratch buffer, valid until the next call. */
function encodeHeader(entry: Entry): Uint8Array {
  let longest = FIXED_HEADER_BYTES + 10 + 2 * entry.epoch.length
  for (const tag of entry.tags) longest += 5 + 2 * tag.length
  if (longest > scratch.length) {
    scratch = new Uint8Array(longest * 2)
    scratchView = new DataView(scratch.buffer)
  }
  scratchView.setFloat64(0, entry.createdAt, true)
  scratchView.setFloat64(8, entry.ttl, true)
  scratchView.setFloat64(16, entry.grace, true)
  scratchView.setFloat64(24, entry.asOf, true)
  let at = writeText(FIXED_HEADER_BYTES, entry.epoch)
  at = writeVarint(at, entry.tags.length)
  for (const tag of entry.tags) at = writeText(at, tag)
  return scratch.subarray(0, at)
}

function writeText(at: number, text: string): number {
  const start = writeVarint(at, text.length * 2)
  let next = start
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0xff) return writeWideText(at, text)
    scratch[next++] = unit
  }
  return next
}

function writeWideText(at: number, text: string): number {
  let next = writeVarint(at, text.length * 2 + 1)
  for (let i = 0; i < text.length; i++, next += 2) scratchView.setUint16(next, text.charCodeAt(i), true)
  return next
}

function writeVarint(at: number, value: number): number {
  let rest = value
  let next = at
  while (rest >= 0x80) {
    scratch[next++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  scratch[next++] = rest
  return next
}

function decodeHeader(bytes: Uint8Array, view: DataView, end: number): Omit<Entry, 'value' | 'expired'> {
  const createdAt = view.getFloat64(PREFIX_BYTES, true)
  const ttl = view.getFloat64(PREFIX_BYTES + 8, true)
  const grace = view.getFloat64(PREFIX_BYTES + 16, true)
  const asOf = view.getFloat64(PREFIX_BYTES + 24, true)
  if (!Number.isFinite(createdAt) || !(ttl >= 0) || !(grace >= 0) || !(Number.isSafeInteger(asOf) && asOf >= 0)) {
    throw new RangeError(`its times are impossible: createdAt ${createdAt}, ttl ${ttl}, grace ${grace}, asOf ${asOf}`)
  }
  const reader = { bytes, view, at: PREFIX_BYTES + FIXED_HEADER_BYTES, end }
  const epoch = readText(reader)
  const count = readVarint(reader)
  if (count > end - reader.at) throw new RangeError(`the header cannot hold ${count} tags`)
  const tags: string[] = []
  for (let i = 0; i < count; i++) tags.push(readText(reader))
  if (reader.at !== end) throw new RangeError('the header is longer than its content')
  return { createdAt, ttl, grace, tags, epoch, asOf }
}

interface HeaderReader {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number
  readonly end: number
}

function readText(reader: HeaderReader): string {
  const described = readVarint(reader)
  const wide = described % 2 === 1
  const length = Math.floor(described / 2)
  const { bytes, view, at } = reader
  reader.at += wide ? length * 2 : length
  if (reader.at > reader.end) throw new RangeError('a text of the header is longer than the header')
  let text = ''
  for (let i = 0; i < length; i++) text += String.fromCharCode(wide ? view.getUint16(at + i * 2, true) : bytes[at + i]!)
  return text
}

function readVarint(reader: HeaderReader): number {
  let value = 0
  for (let scale = 1; scale <= 0x80 ** 4; scale *= 0x80) {
    if (reader.at >= reader.end) break
    const byte = reader.bytes[reader.at++]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
  throw new RangeError('a number of the header does not end')
}
