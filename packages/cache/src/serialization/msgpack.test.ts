import { describe, expect, it } from 'vitest'
import { CacheError } from '../errors.js'
import { MAX_DEPTH } from './extension-types.js'
import { msgpack } from './msgpack.js'

const serializer = msgpack()
const roundTrip = (value: unknown) => serializer.deserialize(new Uint8Array(serializer.serialize(value)))

function nested(depth: number): unknown {
  let value: unknown = []
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

describe('a value comes back as what it was', () => {
  const values: Record<string, unknown> = {
    null: null,
    undefined: undefined,
    'nested undefined': { a: undefined, b: [undefined] },
    booleans: [true, false],
    'small integers': [
      0,
      1,
      127,
      128,
      255,
      256,
      65_535,
      65_536,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32,
      -1,
      -32,
      -33,
      -(2 ** 31),
    ],
    'large and broken numbers': [
      2 ** 53,
      0.1,
      Number.MAX_VALUE,
      Number.MIN_VALUE,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ],
    'negative zero': [-0, { zero: -0 }],
    bigints: [
      0n,
      -1n,
      2n ** 63n - 1n,
      2n ** 63n,
      -(2n ** 63n),
      -(2n ** 63n) - 1n,
      2n ** 64n,
      3n ** 1_000n,
      -(3n ** 1_000n),
    ],
    'strings of every head': [
      '',
      'a',
      'a'.repeat(31),
      'a'.repeat(32),
      'a'.repeat(255),
      'a'.repeat(256),
      'a'.repeat(70_000),
    ],
    'strings whose bytes need a longer head than their length': ['é'.repeat(31), 'é'.repeat(255), '漢'.repeat(60_000)],
    'strings beyond ASCII': ['é', 'zażółć gęślą jaźń'.repeat(9), '🎲'.repeat(40), '漢字'.repeat(40_000), '\0'],
    'lone surrogates': ['\ud800', 'a\udc00b', `${'x'.repeat(100)}\ud83d`, { '\udfff': 1 }],
    date: [new Date(0), new Date(1_763_800_000_123), new Date(-1)],
    'regular expression': [/a+\/b/giu, /^\s*$/],
    map: new Map<unknown, unknown>([
      [1, 'a'],
      ['1', 'b'],
      [{ k: 1 }, new Map()],
    ]),
    set: new Set([1, '1', null, undefined]),
    'array buffer': new Uint8Array([1, 2, 3]).buffer,
    'data view': new DataView(new Uint8Array([9, 8, 7]).buffer, 1),
    buffer: Buffer.from('hello'),
    'typed arrays': [
      new Int8Array([-1]),
      new Uint8Array([255]),
      new Uint8ClampedArray([255]),
      new Int16Array([-2]),
      new Uint16Array([65_535]),
      new Int32Array([-3]),
      new Uint32Array([4e9]),
      new Float32Array([1.5]),
      new Float64Array([Math.PI]),
      new BigInt64Array([-1n]),
      new BigUint64Array([2n ** 64n - 1n]),
      new Uint8Array(300),
      new Uint8Array(70_000),
    ],
    'part of a larger typed array': new Uint16Array([1, 2, 3, 4]).subarray(1, 3),
    'an object of 70,000 properties': Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i])),
    'an array of 70,000 elements': Array.from({ length: 70_000 }, (_, i) => i),
  }

  it.each(Object.entries(values))('%s', (_name, value) => {
    const back = roundTrip(value)
    expect(back).toStrictEqual(value)
    expect(Object.prototype.toString.call(back)).toBe(Object.prototype.toString.call(value))
  })

  it('an invalid date', () => {
    expect((roundTrip(new Date(Number.NaN)) as Date).getTime()).toBeNaN()
  })

  it('properties named like parts of the prototype, without touching any prototype', () => {
    const value = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}',
    )
    const back = roundTrip(value) as object
    expect(Object.entries(back)).toStrictEqual(Object.entries(value))
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('a Buffer is a Buffer again, and a plain Uint8Array is not', () => {
    expect(Buffer.isBuffer(roundTrip(Buffer.from('a')))).toBe(true)
    expect(Buffer.isBuffer(roundTrip(new Uint8Array(1)))).toBe(false)
  })

  it('names that share a slot of the cache of names stay apart', () => {
    const value = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [i.toString(36), i]))
    expect(roundTrip(value)).toStrictEqual(value)
    expect(roundTrip(value)).toStrictEqual(value)
  })

  it('a value that a getter serializes while another is being written', () => {
    const inner = { big: 'x'.repeat(20_000) }
    const outer = {
      before: 1,
      get bytes() {
        return Buffer.from(serializer.serialize(inner))
      },
      after: 2,
    }
    const back = roundTrip(outer) as typeof outer
    expect(back).toMatchObject({ before: 1, after: 2 })
    expect(serializer.deserialize(back.bytes)).toStrictEqual(inner)
  })
})

describe('an error comes back', () => {
  it('with its class, message, stack, cause and own properties', () => {
    const error = Object.assign(new RangeError('too far', { cause: new TypeError('deep') }), {
      code: 'E_FAR',
      at: new Date(1),
    })
    const back = roundTrip(error) as typeof error
    expect(back).toBeInstanceOf(RangeError)
    expect(back).toMatchObject({
      name: 'RangeError',
      message: 'too far',
      code: 'E_FAR',
      at: new Date(1),
      stack: error.stack,
    })
    expect(back.cause).toBeInstanceOf(TypeError)
    expect(Object.keys(back)).toEqual(['code', 'at'])
  })

  it('with the name of its subclass, whether that set a name or not', () => {
    class RoomNotFound extends Error {}
    class Named extends Error {
      override readonly name = 'NamedError'
    }
    expect(roundTrip(new RoomNotFound('r1'))).toMatchObject({ name: 'RoomNotFound', message: 'r1' })
    expect(roundTrip(new Named('x'))).toMatchObject({ name: 'NamedError' })
    expect(roundTrip(new CacheError('closed', 'x', { key: 'k' }))).toMatchObject({
      name: 'CacheError',
      code: 'closed',
      key: 'k',
    })
  })

  it('with all the errors of an AggregateError', () => {
    const back = roundTrip(new AggregateError([new SyntaxError('a'), 'b'], 'both')) as AggregateError
    expect(back).toBeInstanceOf(AggregateError)
    expect(back.errors).toEqual([new SyntaxError('a'), 'b'])
    expect(back.errors[0]).toBeInstanceOf(SyntaxError)
  })

  it('without a cause when it had none', () => {
    expect('cause' in (roundTrip(new Error('x')) as Error)).toBe(false)
  })
})

describe('what has no form of its own', () => {
  it('instances of classes become plain objects of their fields', () => {
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
      get length() {
        return Math.hypot(this.x, this.y)
      }
    }
    expect(roundTrip(new Point(3, 4))).toStrictEqual({ x: 3, y: 4 })
  })

  it('objects without a prototype become ordinary ones, and boxed primitives plain ones', () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 })
    expect(roundTrip([Object(1), Object('s'), Object(2n)])).toStrictEqual([1, 's', 2n])
  })

  it('holes of an array become undefined, and symbol properties are left out', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    expect(roundTrip([1, , 3])).toStrictEqual([1, undefined, 3])
    expect(roundTrip({ a: 1, [Symbol('hidden')]: 2 })).toStrictEqual({ a: 1 })
  })

  it.each<[string, unknown, string]>([
    [
      'a function',
      { rooms: [{ onClick: () => 1 }] },
      'value.rooms[0].onClick: expected something that can be stored, got a function',
    ],
    ['a symbol', { 'odd name': Symbol('s') }, 'value["odd name"]: expected something that can be stored, got a symbol'],
    [
      'a promise',
      [Promise.resolve()],
      'value[0]: expected something that can be stored, got an object of type Promise',
    ],
    ['a URL', new URL('http://localhost'), 'value: expected something that can be stored, got an object of type URL'],
    [
      'a weak map',
      { a: new WeakMap() },
      'value.a: expected something that can be stored, got an object of type WeakMap',
    ],
    [
      'shared memory',
      new SharedArrayBuffer(1),
      'value: expected something that can be stored, got an object of type SharedArrayBuffer',
    ],
    [
      'a function in a map',
      new Map([['k', () => 1]]),
      'value[0]: expected something that can be stored, got a function',
    ],
  ])('%s is refused with an error that says where it is', (_name, value, message) => {
    expect(() => serializer.serialize(value)).toThrow(new CacheError('invalid-argument', message))
    expect(roundTrip('still usable')).toBe('still usable')
  })

  it('a value that contains itself is refused', () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    expect(() => serializer.serialize(loop)).toThrow('contains itself')
  })

  it('nesting is allowed to the limit and refused beyond, in both directions', () => {
    expect(roundTrip(nested(MAX_DEPTH))).toStrictEqual(nested(MAX_DEPTH))
    expect(() => serializer.serialize(nested(MAX_DEPTH + 1))).toThrow('deeper than 500')
    const forged = new Uint8Array(MAX_DEPTH + 2).fill(0x91)
    forged[MAX_DEPTH + 1] = 0x90
    expect(() => serializer.deserialize(forged)).toThrow('deeper than 500')
  })
})

describe('forged bytes', () => {
  const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes)

  it.each<[string, Uint8Array, string]>([
    ['nothing', bytesOf(), 'ends too early'],
    ['an array that claims 4 billion elements', bytesOf(0xdd, 0xff, 0xff, 0xff, 0xff, 1), 'ends too early'],
    ['an object that claims 4 billion properties', bytesOf(0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61), 'ends too early'],
    ['a text longer than the bytes', bytesOf(0xdb, 0x7f, 0xff, 0xff, 0xff, 0x61), 'ends too early'],
    ['a binary longer than the bytes', bytesOf(0xc6, 0x7f, 0xff, 0xff, 0xff, 0x61), 'ends too early'],
    ['an extension longer than the bytes', bytesOf(0xc9, 0x7f, 0xff, 0xff, 0xff, 3), 'ends too early'],
    ['a bigint without a sign', bytesOf(0xc9, 0, 0, 0, 0, 2), 'ends too early'],
    ['an unknown extension', bytesOf(0xd4, 99, 0), 'unknown extension 99'],
    ['an extension that ends early', bytesOf(0xd4, 4, 0x91, 1), 'extension 4 does not end where it should'],
    ['a map without the last value', bytesOf(0xd4, 3, 0xa0), 'ends too early'],
    ['a token that is never used', bytesOf(0xc1), 'unknown token 0xc1'],
    ['a property name that is a number', bytesOf(0x81, 1, 1), 'a property name is of type number'],
    ['a binary of unknown kind', bytesOf(0xd4, 8, 200), 'unknown kind of bytes'],
    ['a typed array of a broken length', bytesOf(0xc9, 0, 0, 0, 2, 8, 5, 0), 'multiple of 2'],
    ['a regular expression that is none', bytesOf(0xc9, 0, 0, 0, 3, 6, 0xa1, 0x28, 0xa0), 'Invalid regular expression'],
    ['an error that is none', bytesOf(0xc9, 0, 0, 0, 5, 5, 0xa0, 0xa0, 0xa0, 0xa0, 0x80), 'no error'],
    ['two values', bytesOf(1, 2), '1 bytes follow the value'],
  ])('are refused: %s', (_name, bytes, message) => {
    expect(() => serializer.deserialize(bytes)).toThrow(message)
    expect(roundTrip('still usable')).toBe('still usable')
  })

  it('name no constructor: an error of kind Function is refused', () => {
    const bytes = new Uint8Array(serializer.serialize(new EvalError('return 1')))
    const at = Buffer.from(bytes).indexOf('EvalError')
    bytes.set(Buffer.from('Functions'), at)
    expect(() => serializer.deserialize(bytes)).toThrow()
  })
})
