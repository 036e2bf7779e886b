import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sizeOf } from '../memory/size.js'
import { records } from './records.js'

const serializer = records()

function counted(value: unknown): number {
  serializer.deserialize(new Uint8Array(serializer.serialize(value)))
  return serializer.heapBytes ?? Number.NaN
}

describe('the bytes that are counted while decoding', () => {
  const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `row ${id}`, score: id / 3, tags: ['a', 'b'] }))
  it.each<[string, unknown]>([
    ['records', rows],
    ['one long text', 'x'.repeat(10_000)],
    ['long texts', Array.from({ length: 50 }, (_, at) => `${at}: ${'text '.repeat(40)}`)],
    ['wide texts', Array.from({ length: 50 }, (_, at) => `${at}: ${'żółw '.repeat(40)}`)],
    ['numbers', Array.from({ length: 1_000 }, (_, at) => at / 7)],
    ['fractions that objects hold', Array.from({ length: 50 }, (_, at) => ({ x: at / 7, y: at / 11, z: at / 13 }))],
    ['bytes', { picture: new Uint8Array(5_000) }],
    ['a table', Object.fromEntries(rows.map((row) => [`row${row.id}`, row]))],
    ['a map', new Map(rows.map((row) => [row.id, row]))],
  ])('are about those that the memory tier calculates: %s', (_name, value) => {
    const ratio = counted(value) / sizeOf(value)
    expect(ratio).toBeGreaterThan(0.7)
    expect(ratio).toBeLessThan(1.5)
  })

  it('grow with the value, whatever it is', () => {
    const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(counted([a, b, 'more'])).toBeGreaterThanOrEqual(counted([a]))
        expect(counted([a])).toBeGreaterThan(0)
      }),
    )
  })
})
