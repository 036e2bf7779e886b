import { Buffer } from 'node:buffer'
import * as heap from './heap-bytes.js'
import { addProperty, defineProperty } from './object-reader.js'
import type { Structure } from './structure.js'
import type { TableReader } from './table-reader.js'
import { BINARY_KINDS, ERROR_KINDS, MAX_DEPTH, TEXT, TOKEN, WIDE } from './tokens.js'

/**
 * Reads one value. It trusts nothing: every length is checked against the bytes that are left before anything is
 * allocated, nesting is bounded, and nothing is called or constructed by a name that the bytes contain.
 */
export class RecordReader {
  readonly #tables: TableReader
  #bytes: Buffer = EMPTY
  #position = 0
  #end = 0
  #depth = 0
  #text = ''
  #textAt = 0
  #table: readonly Structure[] = []
  #heapBytes = 0
  /** Strings from this length on are cut from the text without copying it, so that they keep it alive. */
  #keepsText = false
  #unitBytes = 1

  constructor(tables: TableReader) {
    this.#tables = tables
  }

  /** What the value that was read last takes on the heap, in bytes. Counted on the way, which costs nearly nothing. */
  get heapBytes(): number {
    return this.#heapBytes
  }

  /** Throws a `MissingStructures` when the value refers to structures that have to be fetched before. */
  read(bytes: Uint8Array, start = 0): unknown {
    this.#open(bytes, start)
    const value = this.value()
    if (this.#position !== this.#end) throw new RangeError(`${this.#end - this.#position} bytes follow the value`)
    if (this.#textAt !== this.#text.length) throw new RangeError('characters follow the value')
    if (this.#keepsText) this.#heapBytes += heap.ofText(this.#text.length, this.#unitBytes)
    this.#bytes = EMPTY
    this.#text = ''
    return value
  }

  /** Finds the three parts by the lengths at the end. */
  #open(bytes: Uint8Array, start: number): void {
    const { byteLength } = bytes
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, byteLength)
    if (byteLength < start + 5) throw new RangeError('the value ends too early')
    const last = bytes[byteLength - 1]!
    const wide = (last & WIDE) !== 0
    const trailer = byteLength - (wide ? 9 : 5)
    if (trailer < start) throw new RangeError('the value ends too early')
    const textAt = trailer - (wide ? this.#uint32At(trailer + 4) : this.#uint16At(trailer + 2))
    const tableAt = textAt - (wide ? this.#uint32At(trailer) : this.#uint16At(trailer))
    if (tableAt < start) throw new RangeError('the value ends too early')
    this.#position = start
    this.#depth = 0
    this.#textAt = 0
    this.#heapBytes = 0
    this.#keepsText = false
    this.#unitBytes = (last & ~WIDE) === TEXT.latin1 ? 1 : 2
    this.#end = tableAt
    this.#table = this.#tables.read(this.#bytes, tableAt, textAt)
    this.#text = textAt === trailer ? '' : this.#bytes.toString(encodingOf(last & ~WIDE), textAt, trailer)
  }

  /** The next value. */
  value(): unknown {
    if (this.#position >= this.#end) throw new RangeError('the value ends too early')
    const token = this.#bytes[this.#position++]!
    if (token <= TOKEN.lastSmallInteger) return token
    if (token < TOKEN.object) return this.#string(token & 0x1f)
    if (token < TOKEN.shortArray) return this.#object(token & 0x1f)
    if (token < TOKEN.smallNegative) return this.#array(token & 0x0f)
    if (token < TOKEN.null) return -1 - (token & 0x0f)
    return this.#tagged(token)
  }

  #tagged(token: number): unknown {
    switch (token) {
      case TOKEN.null:
        return null
      case TOKEN.undefined:
        return undefined
      case TOKEN.false:
        return false
      case TOKEN.true:
        return true
      case TOKEN.uint8:
        return this.#bytes[this.#advance(1)]!
      case TOKEN.uint16:
        return this.#uint16()
      case TOKEN.int32:
        return this.#uint32() | 0
      case TOKEN.string16:
        return this.#string(this.#uint16())
      case TOKEN.string32:
        return this.#string(this.#uint32())
      case TOKEN.array16:
        return this.#array(this.#uint16())
      case TOKEN.array32:
        return this.#array(this.#uint32())
      case TOKEN.object16:
        return this.#object(this.#uint16())
      case TOKEN.dictionary:
        return this.#dictionary(this.#uint32())
      default:
        return token >= TOKEN.uint48 && token <= TOKEN.float64 ? this.#boxedNumber(token) : this.#special(token)
    }
  }

  /** Numbers that V8 keeps in an object of their own. */
  #boxedNumber(token: number): number {
    this.#heapBytes += heap.BOXED_NUMBER
    switch (token) {
      case TOKEN.uint48:
        return this.#uint16() * 2 ** 32 + this.#uint32()
      case TOKEN.hundredths16:
        return ((this.#uint16() << 16) >> 16) / 100
      case TOKEN.hundredths32:
        return (this.#uint32() | 0) / 100
      case TOKEN.float32:
        return this.#aligned(4).getFloat32(0, true)
      default:
        return this.#float64()
    }
  }

  #special(token: number): unknown {
    this.#heapBytes += heap.SPECIAL
    switch (token) {
      case TOKEN.date:
        return new Date(this.#float64())
      case TOKEN.bigint64:
        return this.#aligned(8).getBigInt64(0, true)
      case TOKEN.bigint:
        return this.#bigint()
      case TOKEN.map:
        return this.#map(this.#uint32())
      case TOKEN.set:
        return this.#set(this.#uint32())
      case TOKEN.error:
        return this.#error()
      case TOKEN.regexp:
        return new RegExp(this.#text16(), this.#text16())
      case TOKEN.binary:
        return this.#binary()
      default:
        throw new RangeError(`unknown token 0x${token.toString(16)}`)
    }
  }

  #string(length: number): string {
    const start = this.#textAt
    const end = start + length
    if (end > this.#text.length) throw new RangeError('a string is longer than the text')
    this.#textAt = end
    if (length < heap.SHORTEST_SLICE) this.#heapBytes += heap.ofText(length, this.#unitBytes)
    else {
      this.#heapBytes += heap.SLICE
      this.#keepsText = true
    }
    return substring.call(this.#text, start, end)
  }

  #array(length: number): unknown[] {
    this.#need(length)
    this.#enter()
    const values = vacant(length)
    const before = this.#heapBytes
    for (let at = 0; at < length; at++) values[at] = this.value()
    this.#depth--
    // An array of numbers alone holds them unboxed.
    const numbersOnly = this.#heapBytes - before <= length * heap.BOXED_NUMBER && typeof values[0] === 'number'
    this.#heapBytes = (numbersOnly ? before : this.#heapBytes) + heap.ofArray(length)
    return values
  }

  #object(index: number): Record<string, unknown> {
    const structure = this.#table[index]
    if (structure === undefined) throw new RangeError(`the value has no structure ${index}`)
    this.#enter()
    this.#heapBytes += heap.ofObject(structure.names.length)
    const object = structure.read(this)
    this.#depth--
    return object
  }

  #dictionary(length: number): Record<string, unknown> {
    this.#need(length * 2)
    this.#enter()
    this.#heapBytes += heap.ofObject(length)
    const object: Record<string, unknown> = {}
    for (let at = 0; at < length; at++) {
      const name = this.#text16()
      addProperty(object, name, this.value())
    }
    this.#depth--
    return object
  }

  #bigint(): bigint {
    const negative = this.#bytes[this.#advance(1)] === 1
    const length = this.#uint32()
    const start = this.#advance(length)
    this.#heapBytes += length
    const magnitude = BigInt(`0x${this.#bytes.toString('hex', start, start + length) || '0'}`)
    return negative ? -magnitude : magnitude
  }

  #map(size: number): Map<unknown, unknown> {
    this.#need(size * 2)
    this.#enter()
    this.#heapBytes += size * heap.MAP_ENTRY
    const map = new Map<unknown, unknown>()
    for (let at = 0; at < size; at++) {
      const key = this.value()
      map.set(key, this.value())
    }
    this.#depth--
    return map
  }

  #set(size: number): Set<unknown> {
    this.#need(size)
    this.#enter()
    this.#heapBytes += size * heap.SET_ENTRY
    const set = new Set<unknown>()
    for (let at = 0; at < size; at++) set.add(this.value())
    this.#depth--
    return set
  }

  #error(): Error {
    this.#enter()
    const kindName = this.#text16()
    const name = this.#text16()
    const message = this.#text16()
    const stack = this.value()
    const own = this.value()
    this.#depth--
    const kind = ERROR_KINDS.find((one) => one === kindName)
    if (kind === undefined || (typeof stack !== 'string' && stack !== undefined)) throw new TypeError('no error')
    if (typeof own !== 'object' || own === null) throw new TypeError('no properties of an error')
    const error: Error = kind === 'AggregateError' ? new AggregateError([], message) : new globalThis[kind](message)
    if (error.name !== name) hide(error, 'name', name)
    hide(error, 'stack', stack)
    for (const [property, value] of Object.entries(own)) {
      if (property === 'cause' || property === 'errors' || property === 'message' || property === 'stack')
        hide(error, property, value)
      else defineProperty(error, property, value)
    }
    return error
  }

  #text16(): string {
    const value = this.value()
    if (typeof value !== 'string') throw new TypeError(`expected a string, got ${typeof value}`)
    return value
  }

  /** A copy: the bytes that were read may belong to a large reply, or be overwritten. */
  #binary(): unknown {
    const kind = BINARY_KINDS[this.#bytes[this.#advance(1)]!]
    if (kind === undefined) throw new RangeError('unknown kind of bytes')
    const length = this.#uint32()
    const start = this.#advance(length)
    this.#heapBytes += length
    return FROM_BYTES[kind](new Uint8Array(this.#bytes.subarray(start, start + length)).buffer)
  }

  #uint16(): number {
    return this.#uint16At(this.#advance(2))
  }

  #uint32(): number {
    return this.#uint32At(this.#advance(4))
  }

  #float64(): number {
    return this.#aligned(8).getFloat64(0, true)
  }

  #uint16At(at: number): number {
    return this.#bytes[at]! | (this.#bytes[at + 1]! << 8)
  }

  #uint32At(at: number): number {
    const bytes = this.#bytes
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  }

  /**
   * The next bytes, copied to where one view can read them: a view for each value would cost more than most values have
   * to read.
   */
  #aligned(length: number): DataView {
    const start = this.#advance(length)
    for (let at = 0; at < length; at++) SCRATCH[at] = this.#bytes[start + at]!
    return SCRATCH_VIEW
  }

  /** Steps over `length` bytes and returns where they begin. */
  #advance(length: number): number {
    const start = this.#position
    this.#need(length)
    this.#position = start + length
    return start
  }

  #need(length: number): void {
    if (length > this.#end - this.#position) throw new RangeError('the value ends too early')
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) throw new RangeError(`the value is nested deeper than ${MAX_DEPTH}`)
  }
}

/** Arrays of up to this many elements are allocated at once; nested as deeply as allowed, that is 16 MB. */
const AHEAD = 4_096
/** Shorter ones are copied whole, which takes less time than a part of a longer one. */
const SHORT = 32
/**
 * Arrays are copied, since V8 puts those of a literal or of `new Array` into the old space at times: see
 * object-reader.ts.
 */
const VACANT: readonly unknown[] = new Array<unknown>(AHEAD)
const SHORT_VACANT = Array.from({ length: SHORT }, (_, length) => VACANT.slice(0, length))

/**
 * An array to be filled. Long ones are not allocated ahead: nested heads that each claim all the bytes that are left
 * would add up.
 */
function vacant(length: number): unknown[] {
  return length < SHORT ? SHORT_VACANT[length]!.slice() : VACANT.slice(0, length <= AHEAD ? length : 0)
}

/** Not looked up in the string: see hash.ts. */
const { substring } = String.prototype
const EMPTY = Buffer.alloc(0)
const SCRATCH = new Uint8Array(8)
const SCRATCH_VIEW = new DataView(SCRATCH.buffer)

const FROM_BYTES: Readonly<Record<(typeof BINARY_KINDS)[number], (buffer: ArrayBuffer) => unknown>> = {
  Uint8Array: (buffer) => new Uint8Array(buffer),
  ArrayBuffer: (buffer) => buffer,
  DataView: (buffer) => new DataView(buffer),
  Buffer: (buffer) => Buffer.from(buffer),
  Int8Array: (buffer) => new Int8Array(buffer),
  Uint8ClampedArray: (buffer) => new Uint8ClampedArray(buffer),
  Int16Array: (buffer) => new Int16Array(buffer),
  Uint16Array: (buffer) => new Uint16Array(buffer),
  Int32Array: (buffer) => new Int32Array(buffer),
  Uint32Array: (buffer) => new Uint32Array(buffer),
  Float32Array: (buffer) => new Float32Array(buffer),
  Float64Array: (buffer) => new Float64Array(buffer),
  BigInt64Array: (buffer) => new BigInt64Array(buffer),
  BigUint64Array: (buffer) => new BigUint64Array(buffer),
}

function encodingOf(mode: number): 'latin1' | 'utf8' | 'utf16le' {
  if (mode === TEXT.latin1) return 'latin1'
  if (mode === TEXT.utf8) return 'utf8'
  if (mode === TEXT.utf16) return 'utf16le'
  throw new RangeError(`unknown text ${mode}`)
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true })
}
