import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CELL, fitted, onBoard, ZOOM, zoomedAt } from '../../page/src/board/geometry.js'

const board = { width: 24, height: 16, background: '#2c6650' }

describe('the view of the board', () => {
  it('keeps the point under the pointer where it is while zooming', () => {
    const numbers = fc.double({ min: -500, max: 500, noNaN: true })
    const zooms = fc.double({ min: ZOOM.min, max: ZOOM.max, noNaN: true })
    const factors = fc.double({ min: 0.2, max: 5, noNaN: true })
    fc.assert(
      fc.property(numbers, numbers, zooms, factors, numbers, numbers, (x, y, zoom, factor, px, py) => {
        const before = { x, y, zoom }
        const after = zoomedAt(before, factor, { x: px, y: py })
        expect((px - after.x) / after.zoom).toBeCloseTo((px - x) / zoom, 6)
        expect((py - after.y) / after.zoom).toBeCloseTo((py - y) / zoom, 6)
        expect(after.zoom).toBeGreaterThanOrEqual(ZOOM.min)
        expect(after.zoom).toBeLessThanOrEqual(ZOOM.max)
      }),
    )
  })

  it('shows the whole board in a large window, centred', () => {
    const { x, y, zoom } = fitted(board, 1_200, 900)
    expect(board.width * CELL * zoom).toBeLessThanOrEqual(1_200)
    expect(x).toBeCloseTo((1_200 - board.width * CELL * zoom) / 2)
    expect(y).toBeCloseTo((900 - board.height * CELL * zoom) / 2)
  })

  it('keeps tokens on the board, whole', () => {
    expect(onBoard({ x: -3, y: 15.5 }, { size: 2 }, board)).toEqual({ x: 0, y: 14 })
    expect(onBoard({ x: 5.25, y: 3 }, { size: 2 }, board)).toEqual({ x: 5.25, y: 3 })
  })
})
