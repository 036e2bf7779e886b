import { describe, expect, it } from 'vitest'
import type { MemoryEntry } from '../entry.js'
import { sizeOf, sizeOfEntry } from './size.js'

/** How far a calculated size is from the true one, as a share of it. */
const errorOf = (calculated: number, actual: number) => Math.abs(calculated - actual) / actual

describe('the size of a value', () => {
  it('counts 1 byte per character of a string, or 2 when one of them needs it, rounded up to words', () => {
    expect(sizeOf('')).toBe(16)
    expect(sizeOf('a'.repeat(1_000))).toBe(16 + 1_000)
    expect(sizeOf('é'.repeat(1_000))).toBe(16 + 1_000)
    expect(sizeOf('漢'.repeat(1_000))).toBe(16 + 2_000)
    expect(sizeOf(`${'a'.repeat(20)}漢`)).toBe(16 + 48)
    expect(sizeOf(`${'a'.repeat(999)}漢`)).toBe(16 + 2_000)
    for (const before of [0, 500_000, 999_999]) {
      expect(sizeOf(`${'a'.repeat(before)}漢${'a'.repeat(999_999 - before)}`)).toBe(16 + 2_000_000)
    }
  })

  it('counts nothing for what fits in the place that refers to it, and a box for other numbers', () => {
    expect([undefined, null, true, 0, -5, 2 ** 31 - 1, Symbol('s')].map(sizeOf)).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect([0.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY].map(sizeOf)).toEqual([16, 16, 16, 16])
    expect([0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 64n), 2n ** 1_000n].map(sizeOf)).toEqual([
      24, 24, 24, 24, 32, 144,
    ])
  })

  it('counts objects by their properties and arrays by their elements, with what they hold', () => {
    expect(sizeOf({})).toBe(24)
    expect(sizeOf({ a: 1, b: 2 })).toBe(24 + 16)
    expect(sizeOf({ a: 0.5, b: { c: 'text' } })).toBe(24 + 16 + 16 + (24 + 8 + 24))
    expect(sizeOf(Object.assign(Object.create(null), { a: 1 }))).toBe(32)
    expect(sizeOf([])).toBe(32)
    expect(sizeOf([1, 2, 3])).toBe(48 + 24)
    expect(sizeOf([1.5, 2.5])).toBe(48 + 16)
    expect(sizeOf([1.5, 'text'])).toBe(48 + 16 + 16 + 24)
    class Point {
      constructor(
        readonly x: number,
        readonly y: number,
      ) {}
    }
    expect(sizeOf(new Point(1, 2))).toBe(24 + 16)
  })

  it('counts the table, keys and values of Map and Set', () => {
    expect(sizeOf(new Map())).toBe(72 + 4 * 28)
    expect(sizeOf(new Map([['key', { a: 1 }]]))).toBe(72 + 4 * 28 + 24 + 32)
    expect(sizeOf(new Set([1, 2, 3, 4, 5]))).toBe(72 + 8 * 20)
  })

  it('counts the buffer of typed arrays once, and only the part of a shared pool that a view shows', () => {
    const buffer = new ArrayBuffer(100_000)
    expect(sizeOf(buffer)).toBe(100_096)
    expect(sizeOf(new SharedArrayBuffer(100_000))).toBe(100_096)
    expect(sizeOf(new Uint8Array(buffer))).toBe(96 + 100_096)
    expect(sizeOf([new Uint8Array(buffer), new DataView(buffer), buffer])).toBe(48 + 24 + 96 + 96 + 100_096)
    expect(sizeOf(new Uint8Array(buffer, 0, 10))).toBe(96 + 100_096)
    expect(sizeOf(Buffer.from('a slice of the pool'))).toBe(96 + 19)
  })

  it('knows Date, RegExp, Error, functions and promises', () => {
    expect(sizeOf(new Date())).toBe(112)
    expect(sizeOf(/abc/)).toBe(56 + 24)
    expect(sizeOf(new Error('failed'))).toBe(384 + 24)
    expect(sizeOf(() => 1)).toBe(64)
    expect(sizeOf(Promise.resolve(1))).toBe(24)
  })

  it('counts shared references once and ends on circular ones', () => {
    const shared = { text: 'x'.repeat(1_000) }
    expect(sizeOf([shared, shared, shared])).toBe(sizeOf([shared]) + 16)
    const circular: Record<string, unknown> = { a: 1 }
    circular.self = circular
    circular.list = [circular, new Map([[circular, circular]])]
    expect(sizeOf(circular)).toBe(24 + 24 + (48 + 16) + (72 + 4 * 28))
  })

  it('counts keys that no other object has, and not the names of fields', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 26 }, (_, index) => [`field_${String.fromCharCode(97 + index)}`, 1]),
    )
    expect(sizeOf(fields)).toBe(24 + 26 * 8)
    const byId = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`user-${index + 10}`, 1]))
    expect(sizeOf(byId)).toBe(24 + 26 * (8 + 24 + 64))
    const byNumber = Object.fromEntries(Array.from({ length: 26 }, (_, index) => [index * 1_000, 1]))
    expect(sizeOf(byNumber)).toBe(24 + 26 * (8 + 24))
  })

  it('survives getters that throw, whatever is nested deep, and objects that make themselves as they are read', () => {
    const throwing = {
      get value(): string {
        throw new Error('not now')
      },
      other: 'x'.repeat(100),
    }
    expect(sizeOf(throwing)).toBe(24 + 16 + 120)
    let nested: unknown = 'bottom'
    for (let depth = 0; depth < 100_000; depth++) nested = { nested }
    expect(sizeOf(nested)).toBe(200 * 32)
    const endless = (): object => ({
      get left() {
        return endless()
      },
      get right() {
        return endless()
      },
    })
    expect(sizeOf(endless())).toBeGreaterThan(0)
  })
})

describe('the size of a large value', () => {
  it('is exact up to 2,048 nodes', () => {
    const skewed = Array.from({ length: 2_047 }, (_, index) => 'x'.repeat(index === 1_234 ? 10_000 : 0))
    expect(sizeOf(skewed)).toBe(48 + 2_047 * 8 + 2_046 * 16 + 10_016)
  })

  it('is exact for parts of equal size, however many', () => {
    const rows = Array.from({ length: 100_000 }, () => ({ id: 1, name: 'x'.repeat(40), position: [1.5, 2.5] }))
    expect(sizeOf(rows)).toBe(48 + 100_000 * (8 + 24 + 24 + 56 + 64))
    const byId = new Map(Array.from({ length: 100_000 }, (_, index) => [index, { text: 'x'.repeat(40) }]))
    expect(sizeOf(byId)).toBe(72 + 2 ** 17 * 28 + 100_000 * (24 + 8 + 56))
    expect(sizeOf(new Set(byId.keys()))).toBe(72 + 2 ** 17 * 20)
  })

  it('is within a few percent for parts whose sizes differ, also in a pattern', () => {
    const texts = Array.from({ length: 50_000 }, (_, index) => 'x'.repeat((index % 64) * 8))
    const actual = 48 + texts.reduce((sum, text) => sum + 8 + 16 + text.length, 0)
    expect(errorOf(sizeOf(texts), actual)).toBeLessThan(0.05)
    const table = Object.fromEntries(texts.map((text, index) => [`id-${index + 10_000}`, text]))
    const tableActual = 24 + 2 ** 17 * 24 + texts.reduce((sum, text) => sum + 24 + 16 + text.length, 0)
    expect(errorOf(sizeOf(table), tableActual)).toBeLessThan(0.05)
  })

  it('looks at all of a large array or object, not at its beginning alone', () => {
    const texts = Array.from({ length: 50_000 }, (_, index) => 'x'.repeat(Math.floor(index / 500) * 8))
    const actual = 48 + texts.reduce((sum, text) => sum + 8 + 16 + text.length, 0)
    expect(errorOf(sizeOf(texts), actual)).toBeLessThan(0.05)
    const fields = Object.fromEntries(texts.map((text, index) => [`id-${index + 10_000}`, text]))
    const tableActual = 24 + 2 ** 17 * 24 + texts.reduce((sum, text) => sum + 24 + 16 + text.length, 0)
    expect(errorOf(sizeOf(fields), tableActual)).toBeLessThan(0.05)
  })

  it('samples collections within collections', () => {
    const grid = Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => ['x'.repeat(40), 'y'.repeat(8)]))
    const row = 48 + 200 * (8 + 48 + 16 + 56 + 24)
    expect(errorOf(sizeOf(grid), 48 + 200 * (8 + row))).toBeLessThan(0.01)
  })

  it('costs a bounded number of visits', () => {
    let visits = 0
    const rows = Array.from({ length: 50_000 }, () => ({
      get value() {
        visits++
        return 1
      },
    }))
    sizeOf(rows)
    expect(visits).toBeLessThanOrEqual(2 * 2_048)
  })
})

describe('the size of an entry', () => {
  it('adds its key, its tags and what the tier needs to hold it', () => {
    const entry: MemoryEntry = {
      value: { a: 1 },
      createdAt: 0,
      tags: ['room:1', 'room:state'],
      epoch: '',
      asOf: 0,
      freshUntil: 0,
      staleUntil: 0,
      grace: 0,
      refreshAt: 0,
      judgedAt: 0,
      confirmedAt: 0,
      generation: 0,
      retryAt: 0,
    }
    expect(sizeOfEntry('room:state:1', entry)).toBe(304 + 32 + 32 + (8 + 24) + (8 + 32))
  })
})
