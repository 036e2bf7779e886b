import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CacheError } from '../errors.js'
import { records } from './records.js'
import { MAX_DEPTH } from './tokens.js'

const serializer = records()
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

  it('objects of many structures, more than are remembered, also when they are written again', () => {
    const value = Array.from({ length: 5_000 }, (_, i) => ({ [i.toString(36)]: i, [`${i}`]: { same: i } }))
    expect(roundTrip(value)).toStrictEqual(value)
    expect(roundTrip(value)).toStrictEqual(value)
  })

  it('objects whose names, joined in any way, look like those of another', () => {
    const value = [{ a: 1, b: 2 }, { 'a\0b': 1 }, { a: 3, '': 4 }, { 'a\0': 5 }, {}, { '': 6 }, { 'a,b': 7 }]
    expect(roundTrip(value)).toStrictEqual(value)
  })

  it('objects that have been read so often that their reader is compiled', () => {
    const hostile = { '"]: alert(1), ["': 1, "'`\\${x}": 2, '\u2028': 3, '\ud800': 4, '*/': 5, 7: 8 }
    const row = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}')
    const value = Array.from({ length: 200 }, (_, id) => ({ id, hostile, row }))
    for (let time = 0; time < 3; time++) expect(roundTrip(value)).toStrictEqual(value)
    expect(Object.keys((roundTrip(value) as typeof value)[0]?.row ?? {})).toEqual(Object.keys(row))
  })

  it('objects with a name that all objects inherit and that cannot be assigned, as where prototypes are frozen', () => {
    Object.defineProperty(Object.prototype, 'inherited', { value: 0, writable: false, configurable: true })
    try {
      const value = Array.from({ length: 100 }, (_, id) =>
        Object.defineProperty({ id }, 'inherited', { value: 1, enumerable: true }),
      )
      const back = roundTrip(value) as { inherited: number }[]
      expect(back.map((one) => Object.entries(one))).toEqual(value.map((one) => Object.entries(one)))
    } finally {
      Reflect.deleteProperty(Object.prototype, 'inherited')
    }
  })

  it('decimal fractions that are written as hundredths, and those that only look like it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.double(),
            fc.integer().map((n) => n / 100),
            fc.integer().map((n) => n / 10),
            fc.float(),
            fc.maxSafeInteger(),
          ),
        ),
        (numbers) => {
          expect(roundTrip(numbers)).toStrictEqual(numbers)
        },
      ),
    )
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
    const forged = tokens(...new Array(MAX_DEPTH + 1).fill(0xc1), 0xc0)
    expect(() => serializer.deserialize(forged)).toThrow('deeper than 500')
  })
})

describe('forged bytes', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', Uint8Array.of(), 'ends too early'],
    ['lengths beyond the bytes', Uint8Array.of(1, 255, 255, 255, 255, 0), 'ends too early'],
    ['long lengths without room for them', Uint8Array.of(1, 0, 0, 0, 0, 4), 'ends too early'],
    ['a text of unknown kind', Uint8Array.of(0x81, 97, 0, 0, 1, 0, 3), 'unknown text 3'],
    ['an array that claims 4 billion elements', tokens(0xef, 0xff, 0xff, 0xff, 0xff, 1), 'ends too early'],
    ['a dictionary that claims 4 billion names', tokens(0xf1, 0xff, 0xff, 0xff, 0xff, 0x81), 'ends too early'],
    ['a map that claims 4 billion entries', tokens(0xf5, 0xff, 0xff, 0xff, 0xff, 1), 'ends too early'],
    ['a set that claims 4 billion elements', tokens(0xf6, 0xff, 0xff, 0xff, 0xff, 1), 'ends too early'],
    ['a string longer than the text', tokens(0xed, 0x7f, 0xff, 0xff, 0xff), 'a string is longer than the text'],
    ['a binary longer than the bytes', tokens(0xf9, 0, 0x7f, 0xff, 0xff, 0xff, 1), 'ends too early'],
    ['a bigint longer than the bytes', tokens(0xf4, 0, 0xff, 0xff, 0xff, 0xff), 'ends too early'],
    ['a float that is cut off', tokens(0xeb, 0, 0), 'ends too early'],
    ['a map without the last value', tokens(0xf5, 1, 0, 0, 0, 1), 'ends too early'],
    ['a token that is never used', tokens(0xff), 'unknown token 0xff'],
    ['a structure that is not in the table', tokens(0xa0), 'the value has no structure 0'],
    ['a property name that is a number', tokens(0xf1, 1, 0, 0, 0, 1, 1), 'expected a string, got number'],
    ['a binary of unknown kind', tokens(0xf9, 200, 0, 0, 0, 0), 'unknown kind of bytes'],
    ['a typed array of a broken length', tokens(0xf9, 6, 1, 0, 0, 0, 0), 'multiple of 2'],
    ['a regular expression that is none', withText('(', 0xf8, 0x81, 0x80), 'Invalid regular expression'],
    ['an error that is none', tokens(0xf7, 0x80, 0x80, 0x80, 0x80, 1), 'no error'],
    ['two values', tokens(1, 2), '1 bytes follow the value'],
    ['characters that belong to nothing', withText('a', 1), 'characters follow the value'],
    ['a table that is cut off', withTable([40, 0, 1], 0xa0), 'the table ends too early'],
    ['an id that is cut off', withTable([0, 0, 1, 2, 3], 0xa0), 'the table ends too early'],
    ['a structure of another version', withTable([1, 0, 9], 0xa0), 'a structure of version 9'],
    ['a structure that ends within a name', withTable([2, 0, 1, 8], 0xa0), 'ends within a name'],
    ['a structure with a name that does not end', withTable([2, 0, 1, 0xff], 0xa0), 'ends within a name'],
    ['a structure with a name twice', withTable([5, 0, 1, 2, 97, 2, 97], 0xa0, 1, 1), 'the same name twice'],
  ])('are refused: %s', (_name, bytes, message) => {
    expect(() => serializer.deserialize(bytes)).toThrow(message)
    expect(roundTrip('still usable')).toBe('still usable')
  })

  it('name no constructor: an error of kind Function is refused', () => {
    const bytes = new Uint8Array(serializer.serialize(new EvalError('return 1')))
    const at = Buffer.from(bytes).indexOf('EvalError')
    bytes.set(Buffer.from('Functions'), at)
    expect(() => serializer.deserialize(bytes)).toThrow('no error')
  })

  it('are a value or an error, however they were changed, and change no prototype', () => {
    const originals = [
      { a: [1, 'two', { b: 3.5, c: [null, true, undefined] }], d: new Map([['k', new Set([1n])]]) },
      [new Date(0), /x/g, new RangeError('r', { cause: 1 }), new Float64Array(2), 2n ** 70n, -0.25],
      Array.from({ length: 20 }, (_, at) => ({ id: at, name: `żółw ${at}`, at: { x: at / 3, y: 2 ** 40 } })),
      { ['__proto__']: { polluted: 1 }, constructor: { prototype: 1 } },
    ].map((value) => new Uint8Array(serializer.serialize(value)))
    const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
    const changes = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 })
    const mutated = fc.tuple(fc.constantFrom(...originals), changes).map(([original, replaced]) => {
      const bytes = new Uint8Array(original)
      for (const [at, byte] of replaced) bytes[Math.floor(at * bytes.length)] = byte
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        try {
          serializer.deserialize(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
        expect(Object.keys(Object.prototype)).toEqual([])
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      }),
      { numRuns: 8_000 },
    )
  })
})

/** A value without structures and strings, from its tokens. */
function tokens(...all: number[]): Uint8Array {
  return Uint8Array.of(...all, 0, 0, 0, 0, 0)
}

function withText(text: string, ...tokens: number[]): Uint8Array {
  return Uint8Array.of(...tokens, ...Buffer.from(text, 'latin1'), 0, 0, text.length, 0, 0)
}

function withTable(table: readonly number[], ...tokens: number[]): Uint8Array {
  return Uint8Array.of(...tokens, ...table, table.length, 0, 0, 0, 0)
}
