import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lz4 } from './lz4.js'

const compressed = (bytes: Uint8Array) => Uint8Array.from(lz4.compress(bytes))
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(30)), { maxLength: 60 })
  .map((runs) => Buffer.concat(runs.flatMap(([bytes, times]) => new Array<Uint8Array>(times).fill(bytes))))

describe('LZ4', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(fc.oneof(repetitive, fc.uint8Array({ maxLength: 500 })), (bytes) => {
        const back = lz4.decompress(compressed(bytes), bytes.length)
        expect(Buffer.compare(Buffer.from(back), Buffer.from(bytes))).toBe(0)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['less than a match', 12],
    ['a run that takes several bytes of length', 100_000],
    ['more than a match can reach back', 300_000],
  ])('gives back %s', (_name, length) => {
    const zeros = new Uint8Array(length)
    const mixed = Uint8Array.from({ length }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 24) ^ (at >> 9))
    for (const bytes of [zeros, mixed]) expect(lz4.decompress(compressed(bytes), length)).toEqual(bytes)
  })

  it('reads what the reference implementation has written', () => {
    const text = 'abcabcabcabcabcabcabcabcabcabcabcabcabc'
    const reference = Uint8Array.of(0x3f, 0x61, 0x62, 0x63, 3, 0, 12, 0x50, 0x62, 0x63, 0x61, 0x62, 0x63)
    expect(Buffer.from(lz4.decompress(reference, text.length)).toString('latin1')).toBe(text)
  })

  it('makes a text smaller, and what is random hardly larger', () => {
    const text = Buffer.from('{"id":"token-17","kind":"monster","owner":"user-3"}'.repeat(40))
    expect(compressed(text).length).toBeLessThan(text.length / 10)
    const random = Uint8Array.from({ length: 5_000 }, (_, at) => Math.imul(at * at + 1, 2_246_822_519) >>> 24)
    expect(compressed(random).length).toBeLessThanOrEqual(random.length + random.length / 255 + 16)
  })

  it.each<[string, number[], number]>([
    ['nothing', [], 10],
    ['literals that are not there', [0x50, 1, 2], 10],
    ['more literals than there is room', [0x30, 1, 2, 3], 2],
    ['a length without an end', [0xf0, 255, 255], 10_000],
    ['a match without a distance', [0x10, 1, 7], 10],
    ['a match before the beginning', [0x10, 1, 2, 0, 0x00], 10],
    ['a match of distance 0', [0x10, 1, 0, 0, 0x00], 10],
    ['a match beyond the room', [0x1f, 1, 1, 0, 200, 0x00], 50],
    ['a bomb that claims more than its bytes can hold', [0x00, 0x00], 60_000_000],
  ])('refuses %s', (_name, bytes, room) => {
    expect(() => lz4.decompress(Uint8Array.from(bytes), room)).toThrow(RangeError)
  })

  it('leaves its bounds for no bytes whatsoever', () => {
    const valid = compressed(Buffer.from('abcdabcdabcd'.repeat(30)))
    const mutated = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 5 }).map((changes) => {
      const bytes = new Uint8Array(valid)
      for (const [at, byte] of changes) bytes[at] = byte
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), fc.nat(500), (bytes, room) => {
        try {
          expect(lz4.decompress(bytes, room).length).toBeLessThanOrEqual(room)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})
