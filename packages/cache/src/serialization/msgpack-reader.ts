import { BINARY_KINDS, ERROR_KINDS, EXTENSION, MAX_DEPTH } from './extension-types.js'
import { PropertyNames } from './property-names.js'

/**
 * Reads one value. It trusts nothing: every length is checked against the bytes that are left before anything is
 * allocated, nesting is bounded, and nothing is called or constructed by a name that the bytes contain.
 */
export class MsgpackReader {
  private bytes: Buffer = Buffer.alloc(0)
  private position = 0
  private end = 0
  private depth = 0
  private readonly names = new PropertyNames()

  read(bytes: Uint8Array): unknown {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.position = 0
    this.end = bytes.length
    this.depth = 0
    const value = this.any()
    if (this.position !== this.end) throw new RangeError(`${this.end - this.position} bytes follow the value`)
    this.bytes = EMPTY
    return value
  }

  private any(): unknown {
    this.need(1)
    const token = this.bytes[this.position++]!
    if (token < 0x80) return token
    if (token < 0x90) return this.record(token & 0x0f)
    if (token < 0xa0) return this.array(token & 0x0f)
    if (token < 0xc0) return this.text(token & 0x1f)
    if (token >= 0xe0) return token - 0x100
    return this.tagged(token)
  }

  private tagged(token: number): unknown {
    switch (token) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.binary(this.uint8())
      case 0xc5:
        return this.binary(this.uint16())
      case 0xc6:
        return this.binary(this.uint32())
      case 0xc9:
        return this.extension(this.uint32())
      case 0xcb:
        return this.float64()
      case 0xcc:
        return this.uint8()
      case 0xcd:
        return this.uint16()
      case 0xce:
        return this.uint32()
      case 0xd2:
        return this.bytes.readInt32BE(this.advance(4))
      case 0xd3:
        return this.bytes.readBigInt64BE(this.advance(8))
      case 0xd4:
        return this.extension(1)
      case 0xd7:
        return this.extension(8)
      case 0xd9:
        return this.text(this.uint8())
      case 0xda:
        return this.text(this.uint16())
      case 0xdb:
        return this.text(this.uint32())
      case 0xdc:
        return this.array(this.uint16())
      case 0xdd:
        return this.array(this.uint32())
      case 0xde:
        return this.record(this.uint16())
      case 0xdf:
        return this.record(this.uint32())
      default:
        throw new RangeError(`unknown token 0x${token.toString(16)}`)
    }
  }

  private array(length: number): unknown[] {
    this.need(length)
    this.enter()
    // Not allocated ahead: nested heads that each claim all the bytes that are left would add up.
    const values: unknown[] = []
    for (let i = 0; i < length; i++) values.push(this.any())
    this.depth--
    return values
  }

  private record(length: number): Record<string, unknown> {
    this.need(length * 2)
    this.enter()
    const record: Record<string, unknown> = {}
    for (let i = 0; i < length; i++) {
      const name = this.propertyName()
      // Assigning to `__proto__` would set the prototype; as JSON.parse does, make it a property like any other.
      if (name === '__proto__') define(record, name, this.any())
      else record[name] = this.any()
    }
    this.depth--
    return record
  }

  private propertyName(): string {
    this.need(1)
    const token = this.bytes[this.position]!
    if (token >= 0xa0 && token < 0xc0) {
      const length = token & 0x1f
      this.position++
      return this.names.at(this.bytes, this.advance(length), length)
    }
    const name = this.any()
    if (typeof name !== 'string') throw new TypeError(`a property name is of type ${typeof name}`)
    return name
  }

  private text(length: number): string {
    const start = this.advance(length)
    return length === 0 ? '' : this.bytes.toString('utf8', start, start + length)
  }

  /** A copy: the bytes that were read may belong to a large reply, or be overwritten. */
  private binary(length: number): Uint8Array {
    const start = this.advance(length)
    return new Uint8Array(this.bytes.subarray(start, start + length))
  }

  private extension(length: number): unknown {
    const type = this.uint8()
    this.need(length)
    const end = this.position + length
    const value = this.extended(type, length, end)
    if (this.position !== end) throw new RangeError(`extension ${type} does not end where it should`)
    return value
  }

  private extended(type: number, length: number, end: number): unknown {
    switch (type) {
      case EXTENSION.undefined:
        this.advance(length)
        return undefined
      case EXTENSION.date:
        return new Date(this.float64())
      case EXTENSION.bigint:
        return this.bigint(length)
      case EXTENSION.map:
        return this.map(end)
      case EXTENSION.set:
        return this.set(end)
      case EXTENSION.error:
        return this.error()
      case EXTENSION.regexp:
        return new RegExp(this.string(), this.string())
      case EXTENSION.utf16: {
        const start = this.advance(length)
        return this.bytes.toString('utf16le', start, start + length)
      }
      case EXTENSION.binary:
        return this.typedBinary(length)
      default:
        throw new RangeError(`unknown extension ${type}`)
    }
  }

  private bigint(length: number): bigint {
    const negative = this.uint8() === 1
    const start = this.advance(length - 1)
    const magnitude = BigInt(`0x${this.bytes.toString('hex', start, start + length - 1) || '0'}`)
    return negative ? -magnitude : magnitude
  }

  private map(end: number): Map<unknown, unknown> {
    this.enter()
    const map = new Map<unknown, unknown>()
    while (this.position < end) {
      const key = this.any()
      map.set(key, this.any())
    }
    this.depth--
    return map
  }

  private set(end: number): Set<unknown> {
    this.enter()
    const set = new Set<unknown>()
    while (this.position < end) set.add(this.any())
    this.depth--
    return set
  }

  private error(): Error {
    this.enter()
    const kindName = this.string()
    const name = this.string()
    const message = this.string()
    const stack = this.any()
    const own = this.any()
    this.depth--
    const kind = ERROR_KINDS.find((one) => one === kindName)
    if (kind === undefined || (typeof stack !== 'string' && stack !== undefined)) throw new TypeError('no error')
    if (typeof own !== 'object' || own === null) throw new TypeError('no properties of an error')
    const error: Error = kind === 'AggregateError' ? new AggregateError([], message) : new globalThis[kind](message)
    if (error.name !== name) hide(error, 'name', name)
    hide(error, 'stack', stack)
    for (const [property, value] of Object.entries(own)) {
      if (property === 'cause' || property === 'errors' || property === 'message' || property === 'stack')
        hide(error, property, value)
      else define(error, property, value)
    }
    return error
  }

  private string(): string {
    const value = this.any()
    if (typeof value !== 'string') throw new TypeError(`expected a string, got ${typeof value}`)
    return value
  }

  private typedBinary(length: number): unknown {
    const kind = BINARY_KINDS[this.uint8()]
    if (kind === undefined) throw new RangeError('unknown kind of bytes')
    const { buffer } = this.binary(length - 1)
    return FROM_BYTES[kind](buffer as ArrayBuffer)
  }

  private uint8(): number {
    return this.bytes[this.advance(1)]!
  }

  private uint16(): number {
    return this.bytes.readUInt16BE(this.advance(2))
  }

  private uint32(): number {
    return this.bytes.readUInt32BE(this.advance(4))
  }

  private float64(): number {
    return this.bytes.readDoubleBE(this.advance(8))
  }

  /** Steps over `length` bytes and returns where they begin. */
  private advance(length: number): number {
    const start = this.position
    this.need(length)
    this.position = start + length
    return start
  }

  private need(length: number): void {
    if (length < 0 || length > this.end - this.position) throw new RangeError('the value ends too early')
  }

  private enter(): void {
    if (++this.depth > MAX_DEPTH) throw new RangeError(`the value is nested deeper than ${MAX_DEPTH}`)
  }
}

const EMPTY = Buffer.alloc(0)

const FROM_BYTES: Readonly<Record<(typeof BINARY_KINDS)[number], (buffer: ArrayBuffer) => unknown>> = {
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

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true })
}
