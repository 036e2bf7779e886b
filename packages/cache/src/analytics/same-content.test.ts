import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../entry.js'
import { defaultCodec } from '../serialization/default-codec.js'
import { sameContent } from './same-content.js'

const codec = defaultCodec({ compressAbove: 256 })
const entry = { createdAt: 0, ttl: 1, grace: 0, tags: [], epoch: 'e', asOf: 0, expired: false }
const throughTheCodec = (value: unknown) => (codec.decode(codec.encode({ ...entry, value })) as Entry).value

const value = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
})

class Hero {
  constructor(
    readonly name: string,
    readonly nick?: string | undefined,
  ) {}
}

describe('sameContent', () => {
  it('takes a value for the same after it has been through the remote tier', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(sameContent(one, throughTheCodec(one))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('tells apart whatever is printed differently', () => {
    const plain = fc.jsonValue()
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        const [left, right] = [sorted(a), sorted(b)]
        expect(sameContent(a, b)).toBe(JSON.stringify(left) === JSON.stringify(right))
      }),
      { numRuns: 500 },
    )
  })

  it.each<[string, unknown, unknown]>([
    ['an instance and what the codec makes of it', new Hero('Ana'), { name: 'Ana' }],
    ['a property that is undefined and none', { a: 1, b: undefined }, { a: 1 }],
    ['dates', new Date(5), new Date(5)],
    ['dates that are none', new Date(Number.NaN), new Date(Number.NaN)],
    ['bytes, whatever their class', Buffer.from('ab'), new Uint8Array([97, 98])],
    [
      'maps in another order',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ['sets of objects', new Set([{ a: 1 }]), new Set([{ a: 1 }])],
    ['NaN', Number.NaN, Number.NaN],
    ['zero and minus zero', 0, -0],
  ])('is true of %s', (_, a, b) => {
    expect([sameContent(a, b), sameContent(b, a)]).toEqual([true, true])
  })

  it.each<[string, unknown, unknown]>([
    ['an array and its like', [1], { 0: 1 }],
    ['null and an empty object', null, {}],
    ['a date and its number', new Date(5), 5],
    ['a date and an empty object', new Date(5), {}],
    ['views of other elements over the same bytes', new Uint8Array([1, 0]), new Int16Array([1])],
    ['maps with another value', new Map([['a', 1]]), new Map([['a', 2]])],
    [
      'a map whose value is undefined and one without the key',
      new Map([['a', undefined]]),
      new Map([['b', undefined]]),
    ],
    ['sets with another member', new Set([1, 2]), new Set([1, 3])],
    [
      'maps with object keys in another order',
      new Map([
        [{ a: 1 }, 1],
        [{ a: 2 }, 2],
      ]),
      new Map([
        [{ a: 2 }, 2],
        [{ a: 1 }, 1],
      ]),
    ],
    ['errors with another message', new Error('a'), new Error('b')],
    ['a number and its bigint', 1, 1n],
    ['buffers of other bytes', new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
    ['lists that begin alike', [1, 2], [1]],
  ])('is false of %s', (_, a, b) => {
    expect([sameContent(a, b), sameContent(b, a)]).toEqual([false, false])
  })

  it('ends on cycles', () => {
    const ring = (name: string) => {
      const one: { name: string; next?: unknown } = { name }
      one.next = { name: 'middle', next: one }
      return one
    }
    expect(sameContent(ring('a'), ring('a'))).toBe(true)
    expect(sameContent(ring('a'), ring('b'))).toBe(false)
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}
