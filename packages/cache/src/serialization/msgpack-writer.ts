import { types } from 'node:util'
import { CacheError } from '../errors.js'
import { BINARY_KINDS, ERROR_KINDS, EXTENSION, MAX_DEPTH } from './extension-types.js'

const INITIAL_BYTES = 8_192
/** A buffer that one huge value made larger than this is given back. */
const KEPT_BYTES = 1_048_576

/** Writes one value after the other into a buffer that it reuses. */
export class MsgpackWriter {
  private buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  private position = 0
  /** Property names and indexes from the root to what is being written, for messages; `depth` of them are valid. */
  private readonly path: unknown[] = []
  private depth = 0

  /** The bytes of `value`, valid until the next call. */
  write(value: unknown): Uint8Array {
    if (this.buffer.length > KEPT_BYTES) this.buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
    this.position = 0
    this.depth = 0
    this.any(value)
    return this.buffer.subarray(0, this.position)
  }

  private any(value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.string(value)
        break
      case 'number':
        this.number(value)
        break
      case 'boolean':
        this.reserve(1)
        this.buffer[this.position++] = value ? 0xc3 : 0xc2
        break
      case 'object':
        this.object(value)
        break
      case 'undefined':
        this.reserve(3)
        this.head(0xd4, EXTENSION.undefined << 8, 2)
        break
      case 'bigint':
        this.bigint(value)
        break
      default:
        throw this.refusal(typeof value === 'symbol' ? 'a symbol' : 'a function')
    }
  }

  private number(value: number): void {
    this.reserve(9)
    const { buffer } = this
    // Only +0 passes: -0 is told apart below and written as a float.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= 0) {
        if (value < 0x80) buffer[this.position++] = value
        else if (value < 0x100) this.head(0xcc, value, 1)
        else if (value < 0x10000) this.head(0xcd, value, 2)
        else this.head(0xce, value, 4)
      } else if (value >= -0x20) {
        buffer[this.position++] = 0x100 + value
      } else {
        buffer[this.position++] = 0xd2
        this.position = buffer.writeInt32BE(value, this.position)
      }
      return
    }
    buffer[this.position++] = 0xcb
    this.position = buffer.writeDoubleBE(value, this.position)
  }

  private bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.reserve(9)
      this.buffer[this.position++] = 0xd3
      this.position = this.buffer.writeBigInt64BE(value, this.position)
      return
    }
    const hex = (value < 0n ? -value : value).toString(16)
    const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
    this.binary(EXTENSION.bigint, value < 0n ? 1 : 0, magnitude)
  }

  private string(value: string): void {
    const { length } = value
    if (length < 0x20) {
      // A call into native code costs more than a few characters written here.
      this.reserve(1 + length)
      const { buffer } = this
      let next = this.position + 1
      let i = 0
      for (; i < length; i++) {
        const unit = value.charCodeAt(i)
        if (unit >= 0x80) break
        buffer[next++] = unit
      }
      if (i === length) {
        buffer[this.position] = 0xa0 | length
        this.position = next
        return
      }
    }
    this.longString(value)
  }

  private longString(value: string): void {
    if (!(value as string & WellFormed).isWellFormed()) {
      this.extension(EXTENSION.utf16, Buffer.from(value, 'utf16le'))
      return
    }
    const bytes = value.length < 1_024 ? value.length * 3 : Buffer.byteLength(value, 'utf8')
    this.reserve(5 + bytes)
    // Guess the head from the length, write the text behind it, and move the text if the guess was too small.
    const guess = stringHeadBytes(value.length)
    const written = this.buffer.write(value, this.position + guess, 'utf8')
    const needed = stringHeadBytes(written)
    if (needed !== guess) {
      this.buffer.copyWithin(this.position + needed, this.position + guess, this.position + guess + written)
    }
    if (written < 0x20) this.buffer[this.position++] = 0xa0 | written
    else if (written < 0x100) this.head(0xd9, written, 1)
    else if (written < 0x10000) this.head(0xda, written, 2)
    else this.head(0xdb, written, 4)
    this.position += written
  }

  private object(value: object | null): void {
    if (value === null) {
      this.reserve(1)
      this.buffer[this.position++] = 0xc0
      return
    }
    if (this.depth >= MAX_DEPTH) {
      throw this.refusal(`a value nested deeper than ${MAX_DEPTH}, or one that contains itself`)
    }
    if (Array.isArray(value)) {
      this.array(value)
      return
    }
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) this.record(value)
    else this.special(value)
  }

  private array(values: readonly unknown[]): void {
    const { length } = values
    this.reserve(5)
    if (length < 0x10) this.buffer[this.position++] = 0x90 | length
    else if (length < 0x10000) this.head(0xdc, length, 2)
    else this.head(0xdd, length, 4)
    const depth = this.depth++
    for (let i = 0; i < length; i++) {
      this.path[depth] = i
      this.any(values[i])
    }
    this.depth = depth
  }

  /** Own enumerable properties with string names. */
  private record(value: object): void {
    const keys = Object.keys(value)
    const { length } = keys
    this.reserve(5)
    if (length < 0x10) this.buffer[this.position++] = 0x80 | length
    else if (length < 0x10000) this.head(0xde, length, 2)
    else this.head(0xdf, length, 4)
    const depth = this.depth++
    for (let i = 0; i < length; i++) {
      const key = keys[i]!
      this.path[depth] = key
      this.string(key)
      this.any((value as Record<string, unknown>)[key])
    }
    this.depth = depth
  }

  private special(value: object): void {
    if (types.isDate(value)) this.date(value)
    else if (types.isMap(value)) this.collection(EXTENSION.map, flatten(value))
    else if (types.isSet(value)) this.collection(EXTENSION.set, value)
    else if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) this.bytes(value)
    else if (types.isRegExp(value)) this.collection(EXTENSION.regexp, [value.source, value.flags])
    else if (types.isNativeError(value) || value instanceof Error) this.error(value)
    else if (types.isBoxedPrimitive(value)) this.any(value.valueOf())
    else this.instance(value)
  }

  /**
   * Instances of a user's classes are stored by their fields. What the platform gives a tag of its own (promises, weak
   * maps, URLs, iterators) keeps its content elsewhere: its fields would silently lose it.
   */
  private instance(value: object): void {
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (tag !== 'Object') throw this.refusal(`an object of type ${tag}`)
    this.record(value)
  }

  private date(value: Date): void {
    this.reserve(10)
    this.buffer[this.position++] = 0xd7
    this.buffer[this.position++] = EXTENSION.date
    this.position = this.buffer.writeDoubleBE(value.getTime(), this.position)
  }

  /** An extension whose content is a run of values; its length is filled in afterwards. */
  private collection(type: number, values: Iterable<unknown>): void {
    this.reserve(6)
    const start = this.position
    this.position += 6
    const depth = this.depth++
    let index = 0
    for (const value of values) {
      this.path[depth] = type === EXTENSION.map ? index >> 1 : index
      index++
      this.any(value)
    }
    this.depth = depth
    const { buffer } = this
    buffer[start] = 0xc9
    buffer.writeUInt32BE(this.position - start - 6, start + 1)
    buffer[start + 5] = type
  }

  private error(error: Error): void {
    const kind = ERROR_KINDS.find((one) => one !== 'Error' && error instanceof globalThis[one]) ?? 'Error'
    const inherited = !Object.hasOwn(error, 'name') && (ERROR_KINDS as readonly string[]).includes(error.name)
    // A subclass that did not set its name would otherwise come back as nothing but its base class.
    const name = inherited ? (error.constructor?.name ?? error.name) : error.name
    const own: { cause?: unknown; errors?: unknown } = { ...error }
    if (Object.hasOwn(error, 'cause')) own.cause = error.cause
    if (kind === 'AggregateError') own.errors = (error as AggregateError).errors
    this.collection(EXTENSION.error, [kind, name, error.message, error.stack, own])
  }

  private bytes(value: ArrayBufferView | ArrayBuffer): void {
    const content = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value)
    const name = Buffer.isBuffer(value) ? 'Buffer' : Object.prototype.toString.call(value).slice(8, -1)
    if (name !== 'Uint8Array') {
      const kind = (BINARY_KINDS as readonly string[]).indexOf(name)
      if (kind < 0) throw this.refusal(`an object of type ${name}`)
      this.binary(EXTENSION.binary, kind, content)
      return
    }
    this.reserve(5 + content.length)
    if (content.length < 0x100) this.head(0xc4, content.length, 1)
    else if (content.length < 0x10000) this.head(0xc5, content.length, 2)
    else this.head(0xc6, content.length, 4)
    this.append(content)
  }

  private binary(type: number, first: number, content: Uint8Array): void {
    this.reserve(7 + content.length)
    this.head(0xc9, content.length + 1, 4)
    this.buffer[this.position++] = type
    this.buffer[this.position++] = first
    this.append(content)
  }

  private extension(type: number, content: Uint8Array): void {
    this.reserve(6 + content.length)
    this.head(0xc9, content.length, 4)
    this.buffer[this.position++] = type
    this.append(content)
  }

  private append(content: Uint8Array): void {
    this.buffer.set(content, this.position)
    this.position += content.length
  }

  /** A token and a big-endian number of `bytes` bytes; room has been reserved. */
  private head(token: number, value: number, bytes: 1 | 2 | 4): void {
    const { buffer } = this
    buffer[this.position++] = token
    if (bytes === 4) {
      buffer[this.position++] = value >>> 24
      buffer[this.position++] = value >>> 16
    }
    if (bytes >= 2) buffer[this.position++] = value >>> 8
    buffer[this.position++] = value
  }

  private reserve(bytes: number): void {
    const needed = this.position + bytes
    if (needed <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, this.position)
    this.buffer = larger
  }

  private refusal(what: string): CacheError {
    const deepest = Math.min(this.depth, 20)
    let where = 'value'
    for (const step of this.path.slice(0, deepest)) {
      where +=
        typeof step === 'number'
          ? `[${step}]`
          : /^[A-Za-z_$][\w$]*$/.test(String(step))
            ? `.${String(step)}`
            : `[${JSON.stringify(step)}]`
    }
    if (this.depth > deepest) where += '…'
    return new CacheError('invalid-argument', `${where}: expected something that can be stored, got ${what}`)
  }
}

/** In Node 20, but not in the types of ES2023. */
interface WellFormed {
  isWellFormed(): boolean
}

function stringHeadBytes(bytes: number): 1 | 2 | 3 | 5 {
  return bytes < 0x20 ? 1 : bytes < 0x100 ? 2 : bytes < 0x10000 ? 3 : 5
}

function* flatten(map: ReadonlyMap<unknown, unknown>): Generator<unknown> {
  for (const [key, value] of map) {
    yield key
    yield value
  }
}
