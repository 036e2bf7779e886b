import { type EntryHead, StoredEntry } from './entry.js'

/*
 * The header of a stored entry: createdAt, ttl, grace, asOf; epoch; number of tags; tags; then, if there are any, the
 * etag, or the byte 1 when there is none, and the duration of the load.
 *
 * A number is a varint of twice its value when it is whole, or the byte 1 and a float64. A text is a varint of
 * `2 * length + wide` and its code units, in one byte each or two when wide: exact for every JavaScript string, lone
 * surrogates included. Numbers are little-endian.
 */

const FLOAT = 1
/** A wide text without characters, which is otherwise not written. */
const NO_TEXT = 1
/** Varints are read up to 2^56; what is written stays below. */
const MAX_WHOLE = 2 ** 52

let scratch = new Uint8Array(1_024)
let scratchView = new DataView(scratch.buffer)

/** The header's bytes: a view of a scratch buffer, valid until the next call. */
export function encodeHeader(entry: EntryHead): Uint8Array {
  let longest = 80 + 2 * entry.epoch.length + 2 * (entry.etag?.length ?? 0)
  for (const tag of entry.tags) longest += 8 + 2 * tag.length
  if (longest > scratch.length) {
    scratch = new Uint8Array(longest * 2)
    scratchView = new DataView(scratch.buffer)
  }
  let at = writeNumber(0, entry.createdAt)
  at = writeNumber(at, entry.ttl)
  at = writeNumber(at, entry.grace)
  at = writeNumber(at, entry.asOf)
  at = writeText(at, entry.epoch)
  at = writeVarint(at, entry.tags.length)
  for (const tag of entry.tags) at = writeText(at, tag)
  if (entry.etag !== undefined || entry.loadMs !== undefined) {
    at = entry.etag === undefined ? writeVarint(at, NO_TEXT) : writeText(at, entry.etag)
    if (entry.loadMs !== undefined) at = writeNumber(at, entry.loadMs)
  }
  return scratch.subarray(0, at)
}

function writeNumber(at: number, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < MAX_WHOLE && !Object.is(value, -0))
    return writeVarint(at, value * 2)
  scratch[at] = FLOAT
  scratchView.setFloat64(at + 1, value, true)
  return at + 9
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

/**
 * Reads the header that lies between `start` and `end` into an entry whose value is yet to be decoded. Throws for what
 * is none, whatever the bytes are.
 */
export function decodeHeader(bytes: Uint8Array, start: number, end: number): StoredEntry {
  reader.bytes = bytes
  reader.at = start
  reader.end = end
  const createdAt = readNumber()
  const ttl = readNumber()
  const grace = readNumber()
  const asOf = readNumber()
  if (!Number.isFinite(createdAt) || !(ttl >= 0) || !(grace >= 0) || !(Number.isSafeInteger(asOf) && asOf >= 0)) {
    throw new RangeError(`its times are impossible: createdAt ${createdAt}, ttl ${ttl}, grace ${grace}, asOf ${asOf}`)
  }
  const epoch = readText()
  const tags = readTags()
  const etag = reader.at < end ? readEtag() : undefined
  const loadMs = reader.at < end ? readNumber() : undefined
  reader.bytes = NOTHING
  if (reader.at !== end) throw new RangeError('the header is longer than its content')
  return new StoredEntry<unknown>(undefined, { createdAt, ttl, grace }, tags, { epoch, seq: asOf }, etag, loadMs)
}

const NOTHING: Uint8Array = new Uint8Array(0)
/** One for all: headers are read one after the other, each to its end. */
const reader = { bytes: NOTHING, at: 0, end: 0 }

function readNumber(): number {
  if (reader.at < reader.end && reader.bytes[reader.at] === FLOAT) {
    const at = reader.at + 1
    reader.at += 9
    if (reader.at > reader.end) throw new RangeError('the header ends within a number')
    return new DataView(reader.bytes.buffer, reader.bytes.byteOffset + at, 8).getFloat64(0, true)
  }
  const doubled = readVarint()
  if (doubled % 2 !== 0) throw new RangeError('a number of the header is neither whole nor a float')
  return doubled / 2
}

function readVarint(): number {
  const { bytes } = reader
  let value = 0
  for (let scale = 1; scale <= 0x80 ** 7; scale *= 0x80) {
    if (reader.at >= reader.end) break
    const byte = bytes[reader.at++]!
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
  throw new RangeError('a number of the header does not end')
}

/**
 * The same array for the same tags, where that is known: the values of one kind have mostly the same. It is frozen,
 * since it is shared; what reads it often counts through it, for V8 iterates over frozen arrays slowly.
 */
function readTags(): readonly string[] {
  const count = readVarint()
  if (count > reader.end - reader.at) throw new RangeError(`the header cannot hold ${count} tags`)
  if (count === 0) return NO_TAGS
  const first = readText()
  if (count === 1) return oneTag(first)
  const tags = [first]
  for (let i = 1; i < count; i++) tags.push(readText())
  return tags
}

const NO_TAGS: readonly string[] = Object.freeze([])
const keptTags = new Array<readonly string[]>(64).fill(NO_TAGS)

/** A direct-mapped cache, by the length and the end of the tag. */
function oneTag(tag: string): readonly string[] {
  const slot = (tag.length * 7 + charCodeAt.call(tag, tag.length - 1)) & 63
  const known = keptTags[slot]!
  if (known[0] === tag) return known
  const tags = Object.freeze([tag])
  keptTags[slot] = tags
  return tags
}

function readEtag(): string | undefined {
  if (reader.bytes[reader.at] !== NO_TEXT) return readText()
  reader.at++
  return undefined
}

function readText(): string {
  const described = readVarint()
  const wide = described % 2 === 1
  const length = Math.floor(described / 2)
  const { bytes, at } = reader
  reader.at += wide ? length * 2 : length
  if (!(reader.at <= reader.end)) throw new RangeError('a text of the header is longer than the header')
  if (!wide && length > 0 && length <= KEPT_TEXT_BYTES) return keptText(bytes, at, length)
  let text = ''
  for (let i = 0; i < length; i++)
    text += String.fromCharCode(wide ? bytes[at + i * 2]! | (bytes[at + i * 2 + 1]! << 8) : bytes[at + i]!)
  return text
}

/** Not looked up in the string: see hash.ts. */
const { charCodeAt } = String.prototype
const KEPT_TEXTS = 256
const KEPT_TEXT_BYTES = 64
const kept = new Array<string>(KEPT_TEXTS).fill('')

/**
 * A text of one byte for each unit, from a direct-mapped cache: epochs, definitions and most tags repeat, and finding
 * one again costs less than building it. Equal texts are the same string, which compares in no time.
 */
function keptText(bytes: Uint8Array, start: number, length: number): string {
  const last = start + length - 1
  const slot =
    (length * 31 + bytes[start]! * 7 + bytes[last]! * 131 + bytes[start + (length >> 1)]! * 17) & (KEPT_TEXTS - 1)
  const known = kept[slot]!
  if (known.length === length) {
    let i = 0
    while (i < length && charCodeAt.call(known, i) === bytes[start + i]) i++
    if (i === length) return known
  }
  let text = ''
  for (let i = start; i <= last; i++) text += String.fromCharCode(bytes[i]!)
  kept[slot] = text
  return text
}
