import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteCount, type Duration, milliseconds, type Size } from './units.js'

describe('a duration', () => {
  it.each([
    [0, 0],
    [1_500, 1_500],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5m', 90_000],
    ['6h', 21_600_000],
    ['7d', 604_800_000],
    [' 5 S ', 5_000],
  ])('%j is %d milliseconds', (duration, expected) => {
    expect(milliseconds('ttl', duration as Duration)).toBe(expected)
  })

  it.each([
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    ['', '""'],
    ['5', '"5"'],
    ['-5s', '"-5s"'],
    ['5 weeks', '"5 weeks"'],
    ['1e3ms', '"1e3ms"'],
    ['5s5s', '"5s5s"'],
    ['5constructor', '"5constructor"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [5n, '5n'],
    [{}, 'an object of type Object'],
  ])('%s is refused with the name of the option, what it got and what it wants', (duration, shown) => {
    expect(() => milliseconds('defaults.ttl', duration as Duration)).toThrow(
      expect.objectContaining({
        code: 'invalid-option',
        message: `defaults.ttl: expected a duration (a number of milliseconds, or a string such as '250ms', '5s', '5m', '1h', '7d'), got ${shown}`,
      }),
    )
  })
})

describe('a size', () => {
  it.each([
    [0, 0],
    [10, 10],
    ['512b', 512],
    ['64kb', 65_536],
    ['1.5MB', 1_572_864],
    ['2GB', 2_147_483_648],
  ])('%j is %d bytes', (size, expected) => {
    expect(byteCount('maxBytes', size as Size)).toBe(expected)
  })

  it.each([[-1], [Number.NaN], ['5'], ['5tb'], ['5ms'], [true]])('%s is refused', (size) => {
    expect(() => byteCount('memory.maxBytes', size as Size)).toThrow(/^memory\.maxBytes: expected a size .*, got /)
  })
})

it('a quantity with a unit is the number times the unit, whatever its case', () => {
  const amount = fc.oneof(
    fc.nat(1_000_000),
    fc.nat(10_000).map((hundredths) => hundredths / 100),
  )
  const durations = fc.constantFrom(['ms', 1], ['s', 1_000], ['m', 60_000], ['h', 3_600_000], ['D', 86_400_000])
  const sizes = fc.constantFrom(['b', 1], ['kb', 1_024], ['Mb', 1_024 ** 2], ['GB', 1_024 ** 3])
  fc.assert(
    fc.property(amount, durations, sizes, (count, [unit, ms], [sizeUnit, bytes]) => {
      expect(milliseconds('ttl', `${count}${unit}` as Duration)).toBe(count * Number(ms))
      expect(byteCount('size', `${count}${sizeUnit}` as Size)).toBe(count * Number(bytes))
    }),
  )
})
