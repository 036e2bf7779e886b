import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ring } from './ring.js'

test('a ring holds the last items that were pushed, oldest first, like an array that is cut', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.integer()),
      fc.integer({ min: -2, max: 12 }),
      (capacity, items, count) => {
        const ring = new Ring<number>(capacity)
        for (const item of items) ring.push(item)
        const kept = items.slice(-capacity)
        expect(ring.toArray()).toEqual(kept)
        expect(ring.newest).toBe(kept.at(-1))
        expect(ring.last(count)).toEqual(count <= 0 ? [] : kept.slice(-count))
        expect([-1, 0, capacity].map((index) => ring.at(index))).toEqual([undefined, kept[0], undefined])
      },
    ),
  )
})
