import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import { CacheError, reasonOf } from '../errors.js'
import type { Structure } from './structure.js'
import { StructureTable } from './structure-table.js'
import { BINARY_KINDS, ERROR_KINDS, MAX_DEPTH, TEXT, TOKEN, WIDE } from './tokens.js'

const INITIAL_BYTES = 8_192
/** A buffer that one huge value made larger than this is given back. */
const KEPT_BYTES = 1_048_576
/** Structures in the table of one value; further objects are dictionaries. */
const MAX_TABLE = 1_024
/** Room that is there before each value, so that small ones need not ask. */
const SLACK = 16

/** Says of a structure whether readers find it in the remote tier; one that they do not is written into the value. */
export type IsShared = (structure: Structure) => boolean

/**
 * Writes one value after the other into a buffer that it reuses: tokens, then the table of structures, then the
 * characters of all strings as one text, then the lengths of the latter two and a byte that says how text and lengths
 * are written. A reader makes one string of the text and cuts it; calling native code for each short string would cost
 * more than all else.
 */
export class RecordWriter {
  readonly #structures = new StructureTable()
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  #view = new DataView(this.#buffer.buffer)
  #position = 0
  #text = ''
  #table: Structure[] = []
  #stamp = 0
  /** Property names and indexes from the root to what is being written, for messages; `depth` of them are valid. */
  readonly #path: unknown[] = []
  #depth = 0

  /** The bytes of `value`, valid until the next call. */
  write(value: unknown, isShared: IsShared): Uint8Array {
    if (this.#buffer.length > KEPT_BYTES) this.#replaceBuffer(INITIAL_BYTES)
    this.#position = 0
    this.#depth = 0
    this.#text = ''
    this.#table = []
    this.#stamp++
    try {
      this.#any(value)
    } catch (error) {
      // A getter or a proxy of the caller's has thrown.
      throw error instanceof CacheError ? error : this.#refusal(`an error on reading it: ${reasonOf(error)}`, error)
    }
    this.#finish(isShared)
    return this.#buffer.subarray(0, this.#position)
  }

  #any(value: unknown): void {
    if (this.#position + SLACK > this.#buffer.length) this.#grow(SLACK)
    switch (typeof value) {
      case 'string':
        this.#string(value)
        break
      case 'number':
        this.#number(value)
        break
      case 'boolean':
        this.#buffer[this.#position++] = value ? TOKEN.true : TOKEN.false
        break
      case 'object':
        this.#object(value)
        break
      case 'undefined':
        this.#buffer[this.#position++] = TOKEN.undefined
        break
      case 'bigint':
        this.#bigint(value)
        break
      default:
        throw this.#refusal(typeof value === 'symbol' ? 'a symbol' : 'a function')
    }
  }

  #string(value: string): void {
    const { length } = value
    this.#text += value
    if (length < 0x20) this.#buffer[this.#position++] = TOKEN.shortString | length
    else if (length < 0x10000) this.#token16(TOKEN.string16, length)
    else this.#token32(TOKEN.string32, length)
  }

  #number(value: number): void {
    // Only +0 passes: -0 is written as a float.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= 0) {
        if (value <= TOKEN.lastSmallInteger) this.#buffer[this.#position++] = value
        else if (value < 0x100) {
          this.#buffer[this.#position++] = TOKEN.uint8
          this.#buffer[this.#position++] = value
        } else if (value < 0x10000) this.#token16(TOKEN.uint16, value)
        else this.#token32(TOKEN.int32, value)
      } else if (value >= -16) this.#buffer[this.#position++] = TOKEN.smallNegative | (-value - 1)
      else this.#token32(TOKEN.int32, value)
      return
    }
    if (value > 0 && value < 2 ** 48 && Number.isInteger(value)) {
      this.#token16(TOKEN.uint48, (value / 2 ** 32) | 0)
      this.#view.setUint32(this.#position, value, true)
      this.#position += 4
      return
    }
    this.#fraction(value)
  }

  #fraction(value: number): void {
    const hundredths = Math.round(value * 100)
    if (hundredths / 100 === value && (hundredths | 0) === hundredths && hundredths !== 0) {
      if ((hundredths << 16) >> 16 === hundredths) this.#token16(TOKEN.hundredths16, hundredths)
      else this.#token32(TOKEN.hundredths32, hundredths)
      return
    }
    if (Math.fround(value) === value) {
      this.#buffer[this.#position++] = TOKEN.float32
      this.#view.setFloat32(this.#position, value, true)
      this.#position += 4
      return
    }
    this.#float64(TOKEN.float64, value)
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#buffer[this.#position++] = TOKEN.bigint64
      this.#view.setBigInt64(this.#position, value, true)
      this.#position += 8
      return
    }
    const hex = (value < 0n ? -value : value).toString(16)
    const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
    this.#buffer[this.#position++] = TOKEN.bigint
    this.#token32(value < 0n ? 1 : 0, magnitude.length)
    this.#append(magnitude)
  }

  #object(value: object | null): void {
    if (value === null) {
      this.#buffer[this.#position++] = TOKEN.null
      return
    }
    if (this.#depth >= MAX_DEPTH) {
      throw this.#refusal(`a value nested deeper than ${MAX_DEPTH}, or one that contains itself`)
    }
    if (Array.isArray(value)) {
      this.#array(value)
      return
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) this.#record(value as Record<string, unknown>)
    else this.#special(value)
  }

  #array(values: readonly unknown[]): void {
    const { length } = values
    if (length < 0x10) this.#buffer[this.#position++] = TOKEN.shortArray | length
    else if (length < 0x10000) this.#token16(TOKEN.array16, length)
    else this.#token32(TOKEN.array32, length)
    const depth = this.#depth++
    for (let at = 0; at < length; at++) {
      this.#path[depth] = at
      this.#any(values[at])
    }
    this.#depth = depth
  }

  /** Own enumerable properties with string names. */
  #record(value: Record<string, unknown>): void {
    const names = Object.keys(value)
    const { length } = names
    const structure = this.#structures.find(names)
    const index = structure === undefined ? -1 : this.#indexOf(structure)
    if (index < 0) this.#token32(TOKEN.dictionary, length)
    else if (index < 0x20) this.#buffer[this.#position++] = TOKEN.object | index
    else this.#token16(TOKEN.object16, index)
    const depth = this.#depth++
    for (let at = 0; at < length; at++) {
      const name = names[at]!
      this.#path[depth] = name
      if (index < 0) this.#any(name)
      this.#any(value[name])
    }
    this.#depth = depth
  }

  /** Where a structure stands in the table of this value; -1 when that is full. */
  #indexOf(structure: Structure): number {
    if (structure.stamp === this.#stamp) return structure.index
    if (this.#table.length >= MAX_TABLE) return -1
    structure.stamp = this.#stamp
    structure.index = this.#table.length
    structure.uses++
    this.#table.push(structure)
    return structure.index
  }

  #special(value: object): void {
    if (types.isDate(value)) this.#float64(TOKEN.date, value.getTime())
    else if (types.isMap(value)) this.#entries(TOKEN.map, flatten(value), 2)
    else if (types.isSet(value)) this.#entries(TOKEN.set, value, 1)
    else if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) this.#bytes(value)
    else if (types.isRegExp(value)) this.#run(TOKEN.regexp, [value.source, value.flags])
    else if (types.isNativeError(value) || value instanceof Error) this.#error(value)
    else if (types.isBoxedPrimitive(value)) this.#any(value.valueOf())
    else this.#instance(value)
  }

  /**
   * Instances of a user's classes are stored by their fields. What the platform gives a tag of its own (promises, weak
   * maps, URLs, iterators) keeps its content elsewhere: its fields would silently lose it.
   */
  #instance(value: object): void {
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (tag !== 'Object') throw this.#refusal(`an object of type ${tag}`)
    this.#record(value as Record<string, unknown>)
  }

  /** A run of values whose number is filled in afterwards: a getter may change the collection meanwhile. */
  #entries(token: number, values: Iterable<unknown>, perEntry: number): void {
    this.#token32(token, 0)
    const countAt = this.#position - 4
    const count = this.#values(values, perEntry)
    this.#view.setUint32(countAt, count / perEntry, true)
  }

  #run(token: number, values: readonly unknown[]): void {
    this.#buffer[this.#position++] = token
    this.#values(values, 1)
  }

  #values(values: Iterable<unknown>, perEntry: number): number {
    const depth = this.#depth++
    let count = 0
    for (const value of values) {
      this.#path[depth] = Math.floor(count++ / perEntry)
      this.#any(value)
    }
    this.#depth = depth
    return count
  }

  #error(error: Error): void {
    const kind = ERROR_KINDS.find((one) => one !== 'Error' && error instanceof globalThis[one]) ?? 'Error'
    const inherited = !Object.hasOwn(error, 'name') && (ERROR_KINDS as readonly string[]).includes(error.name)
    // A subclass that did not set its name would otherwise come back as nothing but its base class.
    const name = inherited ? (error.constructor?.name ?? error.name) : error.name
    const own: { cause?: unknown; errors?: unknown } = { ...error }
    if (Object.hasOwn(error, 'cause')) own.cause = error.cause
    if (kind === 'AggregateError') own.errors = (error as AggregateError).errors
    this.#run(TOKEN.error, [kind, name, error.message, error.stack, own])
  }

  #bytes(value: ArrayBufferView | ArrayBuffer): void {
    const content = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value)
    const name = Buffer.isBuffer(value) ? 'Buffer' : Object.prototype.toString.call(value).slice(8, -1)
    const kind = (BINARY_KINDS as readonly string[]).indexOf(name)
    if (kind < 0) throw this.#refusal(`an object of type ${name}`)
    this.#buffer[this.#position++] = TOKEN.binary
    this.#token32(kind, content.length)
    this.#append(content)
  }

  #finish(isShared: IsShared): void {
    const tableAt = this.#position
    for (const structure of this.#table) this.#define(structure, isShared(structure))
    const tableBytes = this.#position - tableAt
    const textAt = this.#position
    const mode = this.#writeText()
    const textBytes = this.#position - textAt
    this.#reserve(9)
    if (tableBytes < 0x10000 && textBytes < 0x10000) {
      this.#view.setUint16(this.#position, tableBytes, true)
      this.#view.setUint16(this.#position + 2, textBytes, true)
      this.#buffer[this.#position + 4] = mode
      this.#position += 5
    } else {
      this.#view.setUint32(this.#position, tableBytes, true)
      this.#view.setUint32(this.#position + 4, textBytes, true)
      this.#buffer[this.#position + 8] = mode | WIDE
      this.#position += 9
    }
  }

  /** 0 and the id of a shared structure, or the length (uint16, never 0) and the content of another. */
  #define(structure: Structure, shared: boolean): void {
    this.#reserve(2)
    this.#view.setUint16(this.#position, shared ? 0 : structure.content.length, true)
    this.#position += 2
    this.#append(shared ? structure.id : structure.content)
  }

  /** UTF-8 that is as long as the text is ASCII, which reads fastest as Latin-1. */
  #writeText(): number {
    const text = this.#text
    this.#text = ''
    if (text === '') return TEXT.latin1
    const longest = text.length < 0x10000 ? text.length * 3 : Buffer.byteLength(text, 'utf8')
    this.#reserve(Math.max(longest, text.length))
    const written = this.#buffer.write(text, this.#position, 'utf8')
    if (written === text.length) {
      this.#position += written
      return TEXT.latin1
    }
    if (!/[^\0-\xff]/.test(text)) {
      this.#position += this.#buffer.write(text, this.#position, 'latin1')
      return TEXT.latin1
    }
    if ((text as string & WellFormed).isWellFormed()) {
      this.#position += written
      return TEXT.utf8
    }
    this.#reserve(text.length * 2)
    this.#position += this.#buffer.write(text, this.#position, 'utf16le')
    return TEXT.utf16
  }

  #token16(token: number, value: number): void {
    this.#buffer[this.#position++] = token
    this.#buffer[this.#position++] = value
    this.#buffer[this.#position++] = value >> 8
  }

  #token32(token: number, value: number): void {
    const buffer = this.#buffer
    buffer[this.#position++] = token
    buffer[this.#position++] = value
    buffer[this.#position++] = value >> 8
    buffer[this.#position++] = value >> 16
    buffer[this.#position++] = value >> 24
  }

  #float64(token: number, value: number): void {
    this.#buffer[this.#position++] = token
    this.#view.setFloat64(this.#position, value, true)
    this.#position += 8
  }

  #append(content: Uint8Array): void {
    this.#reserve(content.length)
    this.#buffer.set(content, this.#position)
    this.#position += content.length
  }

  #reserve(bytes: number): void {
    if (this.#position + bytes > this.#buffer.length) this.#grow(bytes)
  }

  #grow(bytes: number): void {
    const before = this.#buffer
    this.#replaceBuffer(Math.max(this.#position + bytes, before.length * 2))
    before.copy(this.#buffer, 0, 0, this.#position)
  }

  #replaceBuffer(bytes: number): void {
    this.#buffer = Buffer.allocUnsafeSlow(bytes)
    this.#view = new DataView(this.#buffer.buffer)
  }

  #refusal(what: string, cause?: unknown): CacheError {
    const deepest = Math.min(this.#depth, 20)
    let where = 'value'
    for (const step of this.#path.slice(0, deepest)) {
      where +=
        typeof step === 'number'
          ? `[${step}]`
          : /^[A-Za-z_$][\w$]*$/.test(String(step))
            ? `.${String(step)}`
            : `[${JSON.stringify(step)}]`
    }
    if (this.#depth > deepest) where += '…'
    return new CacheError('invalid-argument', `${where}: expected something that can be stored, got ${what}`, { cause })
  }
}

/** In Node 20, but not in the types of ES2023. */
interface WellFormed {
  isWellFormed(): boolean
}

function* flatten(map: ReadonlyMap<unknown, unknown>): Generator<unknown> {
  for (const [key, value] of map) {
    yield key
    yield value
  }
}
