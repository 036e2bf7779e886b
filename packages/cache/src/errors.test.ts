import { describe, expect, it } from 'vitest'
import { show } from './errors.js'

const VeryLong = class {}
Object.defineProperty(VeryLong, 'name', { value: 'C'.repeat(100) })

describe('show', () => {
  it.each([
    ['a text', 'x'.repeat(3_000)],
    ['escaped control characters', '\u0001'.repeat(40)],
    ['a bigint', 10n ** 100n],
    ['a symbol', Symbol('s'.repeat(100))],
    ['an object of a class', new VeryLong()],
  ])('takes at most 60 characters for %s, and says where it was cut', (_, value) => {
    expect(show(value)).toHaveLength(60)
    expect(show(value)).toMatch(/\.\.\.$/)
  })

  it('shows what is short as it is', () => {
    expect([show('a"b'), show(5n), show(Symbol('s')), show([1]), show({}), show(null)]).toEqual([
      '"a\\"b"',
      '5n',
      'Symbol(s)',
      'an array of 1',
      'an object of type Object',
      'null',
    ])
    expect(show('x'.repeat(58))).toBe(`"${'x'.repeat(58)}"`)
  })
})
