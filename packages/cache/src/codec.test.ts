import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createCodec, STATE_EXPIRED, STATE_LIVE, STATE_OFFSET } from './codec.js'
import type { Entry } from './entry.js'
import { CacheError } from './errors.js'
import type { Codec } from './ports.js'
import { seededRandom } from './seeded-random.js'
import { brotli, checksum, deflate } from './serialization/compression.js'
import { defaultCodec } from './serialization/default-codec.js'
import { lz4 } from './serialization/lz4.js'
import { records } from './serialization/records.js'

const codec = immediate(defaultCodec())
const uncompressed = immediate(defaultCodec({ compressAbove: Number.POSITIVE_INFINITY }))

const entryOf = (value: unknown, changes: Partial<Entry> = {}): Entry => ({
  value,
  createdAt: 1_763_800_000_000,
  ttl: 300_000,
  grace: 0,
  tags: ['room:state', 'user:u1'],
  epoch: 'e1',
  asOf: 12,
  expired: false,
  ...changes,
})

const entries = fc.record({
  value: fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  createdAt: fc.integer({ min: 0, max: 8.64e15 }),
  ttl: fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
  grace: fc.double({ min: 0, noNaN: true }),
  tags: fc.array(fc.string({ unit: 'binary' })),
  epoch: fc.string(),
  asOf: fc.maxSafeNat(),
  expired: fc.boolean(),
  etag: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
  loadMs: fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
})

/** A codec that shares nothing, so that it never has to fetch anything. */
function immediate(inner: Codec) {
  return {
    encode: (entry: Entry) => inner.encode(entry),
    decode(bytes: Uint8Array): Entry {
      const entry = inner.decode(bytes)
      if (entry instanceof Promise) throw new Error('expected an entry at once')
      const { heapBytes, ...asWritten } = entry
      expect(heapBytes).toBeGreaterThanOrEqual(0)
      return asWritten
    },
  }
}

/** Decodes, expecting either an entry or the one error that a codec may throw. */
function decodeOrDamage(bytes: Uint8Array): Entry | CacheError {
  try {
    return codec.decode(bytes)
  } catch (error) {
    if (error instanceof CacheError && error.code === 'damaged-value') return error
    throw error
  }
}

function damageOf(bytes: Uint8Array): string {
  const outcome = decodeOrDamage(bytes)
  if (!(outcome instanceof CacheError)) throw new Error('expected damage to be found')
  return outcome.message
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  const seed = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[3]!
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, checksum(bytes.subarray(8), seed), true)
  return bytes
}

describe('an entry', () => {
  it('comes back as it was, whatever its value, times, tags and epoch are', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        expect(
          isDeepStrictEqual(withPlainPrototypes(codec.decode(codec.encode(entry))), withPlainPrototypes(entry)),
        ).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps an endless ttl', () => {
    const endless = entryOf(1, { ttl: Number.POSITIVE_INFINITY, grace: Number.POSITIVE_INFINITY })
    expect(codec.decode(codec.encode(endless))).toEqual(endless)
  })

  it('is expired once the state byte has been patched in place, and is otherwise the same', () => {
    const bytes = codec.encode(entryOf({ a: 1 }))
    expect(bytes[STATE_OFFSET]).toBe(STATE_LIVE)
    bytes[STATE_OFFSET] = STATE_EXPIRED
    expect(codec.decode(bytes)).toEqual(entryOf({ a: 1 }, { expired: true }))
  })

  it('is read from the middle of a larger buffer, and does not refer to it afterwards', () => {
    const bytes = codec.encode(entryOf({ picture: new Uint8Array([1, 2, 3]) }))
    const reply = Buffer.alloc(bytes.length + 7)
    reply.set(bytes, 5)
    const decoded = codec.decode(reply.subarray(5, 5 + bytes.length))
    reply.fill(0)
    expect(decoded).toEqual(entryOf({ picture: new Uint8Array([1, 2, 3]) }))
  })

  it('keeps hundreds of long tags', () => {
    const tags = Array.from({ length: 500 }, (_, i) => `tag:${'ż'.repeat(i)}`)
    expect(codec.decode(codec.encode(entryOf(0, { tags }))).tags).toEqual(tags)
  })
})

describe('compression', () => {
  const text = 'the same words again and again. '.repeat(100)

  it('makes a large value smaller', () => {
    expect(codec.encode(entryOf(text)).length).toBeLessThan(uncompressed.encode(entryOf(text)).length / 5)
    expect(codec.decode(codec.encode(entryOf(text))).value).toBe(text)
  })

  it('never makes an envelope larger than the raw one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 5_000 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer(),
        (length, range, seed) => {
          const random = seededRandom(seed)
          const bytes = Uint8Array.from({ length }, () => random() * range)
          expect(codec.encode(entryOf(bytes)).length).toBeLessThanOrEqual(uncompressed.encode(entryOf(bytes)).length)
        },
      ),
    )
  })

  it('leaves values below the threshold alone', () => {
    const short = defaultCodec({ compressAbove: 10_000 })
    expect(short.encode(entryOf(text))).toEqual(uncompressed.encode(entryOf(text)))
  })

  it('is understood by a codec that compresses with something else or not at all', () => {
    const writer = createCodec({ serializer: records(), checksum, compressors: [brotli] })
    expect(codec.decode(writer.encode(entryOf(text))).value).toBe(text)
    expect(uncompressed.decode(writer.encode(entryOf(text))).value).toBe(text)
  })

  it('is reported as damage by a codec that does not know the compressor', () => {
    const reader = createCodec({ serializer: records(), checksum, compressors: [brotli] })
    const bytes = createCodec({ serializer: records(), checksum, compressors: [deflate] }).encode(entryOf(text))
    expect(() => reader.decode(bytes)).toThrow('compressor 1 is unknown here, where there are brotli')
  })

  it('refuses a bomb before it is unpacked', () => {
    const bomb = defaultCodec({ maxBytes: 10_000_000 }).encode(entryOf('a'.repeat(5_000_000)))
    expect(bomb.length).toBeLessThan(50_000)
    const unpacked = vi.fn(lz4.decompress)
    const reader = createCodec({
      serializer: records(),
      checksum,
      compressors: [{ ...lz4, decompress: unpacked }],
      maxBytes: 1_000_000,
    })
    expect(() => reader.decode(bomb)).toThrow('the value has 5000014 bytes, more than 1000000')
    expect(unpacked).not.toHaveBeenCalled()
  })

  it('refuses a bomb that lies about its size', () => {
    const bytes = defaultCodec().encode(entryOf('a'.repeat(5_000_000)))
    const view = new DataView(bytes.buffer)
    view.setUint32(12 + view.getUint32(8, true), 100, true)
    expect(damageOf(withChecksum(bytes))).toContain('damaged value')
  })
})

describe('limits', () => {
  it('refuse a value that is too large to be stored', () => {
    expect(() => defaultCodec({ maxBytes: 100 }).encode(entryOf('a'.repeat(200)))).toThrow(
      'value: expected at most 100 bytes serialized, got 208',
    )
  })

  it.each([
    [{ compressAbove: -1 }, 'compressAbove'],
    [{ compressAbove: Number.NaN }, 'compressAbove'],
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ compressors: [{ ...deflate, id: 16 }] }, 'codec id'],
  ])('name the option that is wrong: %j', (options, name) => {
    expect(() => createCodec({ serializer: records(), checksum, ...options })).toThrow(name)
  })
})

describe('damage', () => {
  const valid = codec.encode(entryOf({ name: 'Ada', scores: [1, 2, 3], at: new Date(0), more: 'x'.repeat(50) }))
  const packed = codec.encode(entryOf(Array.from({ length: 60 }, (_, i) => ({ name: 'Ada', i, text: 'lorem ipsum' }))))

  it('is found wherever one bit has flipped; a flip in the state byte is damage or the other state', () => {
    for (const original of [valid, packed]) {
      const { expired: _, ...before } = codec.decode(original)
      for (let bit = 0; bit < original.length * 8; bit++) {
        const bytes = new Uint8Array(original)
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        const outcome = decodeOrDamage(bytes)
        if (outcome instanceof CacheError) continue
        expect(bit >> 3).toBe(STATE_OFFSET)
        const { expired: __, ...after } = outcome
        expect(after).toEqual(before)
      }
    }
  })

  it('is found wherever the bytes were cut off', () => {
    for (let length = 0; length < valid.length; length++) damageOf(valid.subarray(0, length))
  })

  it('is found when bytes follow', () => {
    damageOf(new Uint8Array([...valid, 0]))
  })

  it('is what arbitrary bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => damageOf(bytes).length > 0),
      { numRuns: 2_000 },
    )
  })

  it('of bytes with a forged checksum is found or harmless: no crash, no polluted prototype', () => {
    const forged = fc.tuple(
      fc.constantFrom(valid, packed, uncompressed.encode(entryOf(new Map([[new Error('x'), /y/]])))),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 8,
      }),
    )
    fc.assert(
      fc.property(forged, ([original, changes]) => {
        const bytes = new Uint8Array(original)
        for (const [place, byte] of changes) bytes[8 + Math.floor(place * (bytes.length - 8))] = byte
        decodeOrDamage(withChecksum(bytes))
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      { numRuns: 5_000 },
    )
  })

  it('names an unknown version', () => {
    const bytes = new Uint8Array(valid)
    bytes[1] = 1
    expect(damageOf(bytes)).toBe('damaged value: its version is 1, this library reads version 2')
  })

  it('names a serializer that this codec does not have', () => {
    const known = records()
    const other = createCodec({
      serializer: {
        id: 3,
        serialize: (value) => known.serialize(value),
        deserialize: (bytes, start) => known.deserialize(bytes, start),
      },
      checksum,
    })
    expect(damageOf(other.encode(entryOf(1)))).toContain('it was written by serializer 3, this codec has 2')
  })

  it.each([undefined, null, 'text', {}])('is what %o is', (bytes) => {
    expect(damageOf(bytes as unknown as Uint8Array)).toContain('expected a Uint8Array')
  })

  it('is found in a header that claims to be longer than the envelope', () => {
    const bytes = new Uint8Array(valid)
    new DataView(bytes.buffer).setUint32(8, 0xffff_ffff, true)
    expect(damageOf(withChecksum(bytes))).toContain('the header is longer than the envelope')
  })

  it.each([
    ['createdAt', { createdAt: Number.NaN }],
    ['ttl', { ttl: -1 }],
    ['grace', { grace: Number.NaN }],
    ['asOf', { asOf: 0.5 }],
    ['asOf', { asOf: -3 }],
  ])('is found in an impossible %s: %o', (_name, over) => {
    expect(damageOf(codec.encode(entryOf(1, over)))).toContain('impossible')
  })
})

/**
 * The codec gives every object an ordinary prototype; the generator also makes objects without one. And for Node two
 * invalid dates are not the same date.
 */
function withPlainPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, withPlainPrototypes)
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [withPlainPrototypes(k), withPlainPrototypes(v)]))
  if (value instanceof Set) return new Set([...value].map(withPlainPrototypes))
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? Symbol.for('an invalid date') : value
  const plain = {}
  for (const [name, one] of Object.entries(value)) {
    Object.defineProperty(plain, name, {
      value: withPlainPrototypes(one),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return plain
}
