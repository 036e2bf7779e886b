import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CELL, type Point } from '../../page/src/board/geometry.js'
import { labelPlaces } from '../../page/src/board/labels.js'

const token = (id: string, x: number, y: number, name = 'Wanderer') => ({ id, name, x, y, size: 1 })

/** In the order of the tokens. */
const placesOf = (tokens: Parameters<typeof labelPlaces>[0], zoom: number): Point[] => {
  const places = labelPlaces(tokens, zoom)
  return tokens.map(({ id }) => places.get(id)!)
}

it('writes a name right below its token', () => {
  expect(placesOf([token('a', 2, 3)], 1)).toEqual([{ x: 2.5 * CELL, y: 4 * CELL - 5 }])
})

it('writes the names of tokens in one cell below each other', () => {
  const labels = placesOf([token('a', 0, 0), token('b', 0, 0), token('c', 0, 0)], 0.5)
  expect(labels.map(({ y }) => y - labels[0]!.y)).toEqual([0, 32, 64])
})

it('lets names alone that have room beside each other', () => {
  const labels = placesOf([token('a', 0, 0), token('b', 2, 0)], 1)
  expect(new Set(labels.map(({ y }) => y)).size).toBe(1)
})

it('never lets names cover each other, wherever tokens lie and however far one zooms', () => {
  const place = fc.integer({ min: 0, max: 12 })
  const tokens = fc.array(fc.record({ x: place, y: place, size: fc.integer({ min: 1, max: 3 }) }), { maxLength: 30 })
  fc.assert(
    fc.property(tokens, fc.constantFrom(0.25, 0.45, 1, 2.5), (places, zoom) => {
      const labels = placesOf(
        places.map((at, index) => ({ id: String(index), name: 'Long-winded', ...at })),
        zoom,
      )
      expect(labels).toHaveLength(places.length)
      for (const [index, one] of labels.entries()) {
        for (const other of labels.slice(index + 1)) {
          const apart = { x: Math.abs(one.x - other.x) * zoom, y: Math.abs(one.y - other.y) * zoom }
          expect(apart.x >= 90 || apart.y >= 15, JSON.stringify([one, other])).toBe(true)
        }
      }
    }),
  )
})
