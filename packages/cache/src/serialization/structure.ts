import { createHash } from 'node:crypto'
import { ObjectReader } from './object-reader.js'

/** Bytes of a structure's id: 128 bits of SHA-256, so that nobody can make two structures with one id. */
export const ID_BYTES = 16
/** Objects with more properties are dictionaries: their names are data. */
export const MAX_NAMES = 128
/** Longest content of a structure, in bytes. */
export const MAX_CONTENT_BYTES = 16_384
const CONTENT_VERSION = 1

/**
 * The property names of an object, in order: what JSON repeats for each object, and what a reader must know to build
 * it. A structure is its content: its id is a digest of its names, so that it never changes, need not be agreed upon,
 * and cannot be mistaken for another one, whoever defined it, in which order, and whatever was lost in between.
 *
 * Content: a version byte (1), then each name as a varint of `2 * length + wide` and its code units, in one byte each
 * or two when wide.
 */
export class Structure extends ObjectReader {
  readonly content: Uint8Array
  /** Index in the table of the value that is being written, if `stamp` is that value's. */
  index = 0
  stamp = 0
  /** Values that it was written for. */
  uses = 0
  /** Log epoch and wall time for which it is known to lie in the remote tier, and when it was put there last. */
  keptIn = ''
  keptUntil = 0
  keptAt = 0
  /** It is on its way there. */
  underWay = false
  #id: Buffer | undefined

  constructor(names: readonly string[], content = contentOf(names)) {
    super(names)
    this.content = content
  }

  get id(): Buffer {
    this.#id ??= digestOf(this.content)
    return this.#id
  }
}

export function digestOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, ID_BYTES)
}

/** Throws for what no structure has as its content. */
export function structureOf(content: Uint8Array): Structure {
  return new Structure(namesOf(content), Uint8Array.from(content))
}

function contentOf(names: readonly string[]): Uint8Array {
  const bytes: number[] = [CONTENT_VERSION]
  for (const name of names) {
    const units = Array.from({ length: name.length }, (_, at) => name.charCodeAt(at))
    const wide = units.some((unit) => unit > 0xff)
    let described = name.length * 2 + (wide ? 1 : 0)
    for (; described >= 0x80; described = Math.floor(described / 0x80)) bytes.push((described % 0x80) | 0x80)
    bytes.push(described)
    for (const unit of units) {
      bytes.push(unit & 0xff)
      if (wide) bytes.push(unit >> 8)
    }
  }
  return Uint8Array.from(bytes)
}

function namesOf(content: Uint8Array): string[] {
  if (content.length > MAX_CONTENT_BYTES) throw new RangeError(`a structure has ${content.length} bytes`)
  if (content[0] !== CONTENT_VERSION) throw new RangeError(`a structure of version ${content[0]}`)
  const names = new Set<string>()
  let at = 1
  while (at < content.length) {
    let described = 0
    for (let scale = 1; ; scale *= 0x80) {
      const byte = content[at++]
      if (byte === undefined || scale > 0x4000) throw new RangeError('a structure ends within a name')
      described += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    const wide = described % 2
    const length = (described - wide) / 2
    if (length * (1 + wide) > content.length - at) throw new RangeError('a structure ends within a name')
    let name = ''
    for (let unit = 0; unit < length; unit++, at += 1 + wide)
      name += String.fromCharCode(content[at]! | (wide ? content[at + 1]! << 8 : 0))
    if (names.has(name)) throw new RangeError('a structure has the same name twice')
    names.add(name)
    if (names.size > MAX_NAMES) throw new RangeError(`a structure has more than ${MAX_NAMES} names`)
  }
  return [...names]
}
