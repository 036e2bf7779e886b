import type { Board, Token } from '../../../src/protocol.js'

/** The side of a cell at zoom 1, in CSS pixels. */
export const CELL = 56

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where the board lies in its window: `screen = cells * CELL * zoom + offset`. */
export interface Camera extends Point {
  readonly zoom: number
}

export const ZOOM = { min: 0.25, max: 2.5 } as const

const between = (min: number, value: number, max: number) => Math.max(min, Math.min(value, max))

/** The nearest place where the whole token lies on the board. */
export const onBoard = (at: Point, token: Pick<Token, 'size'>, board: Board): Point => ({
  x: between(0, at.x, Math.max(0, board.width - token.size)),
  y: between(0, at.y, Math.max(0, board.height - token.size)),
})

export const snapped = (at: Point): Point => ({ x: Math.round(at.x), y: Math.round(at.y) })

/** Zooms by `factor` and keeps the point of the board under `at` (in the window) where it is. */
export function zoomedAt(camera: Camera, factor: number, at: Point): Camera {
  const zoom = between(ZOOM.min, camera.zoom * factor, ZOOM.max)
  const ratio = zoom / camera.zoom
  return { zoom, x: at.x - (at.x - camera.x) * ratio, y: at.y - (at.y - camera.y) * ratio }
}

/** Below this zoom a token is hard to touch: its side is then 25 CSS pixels. */
const SMALLEST_FIT = 0.45

/** The whole board, or, where that would make cells too small to touch, its middle. */
export function fitted(board: Board, width: number, height: number): Camera {
  const margin = 16
  const whole = Math.min((width - margin) / (board.width * CELL), (height - margin) / (board.height * CELL))
  const zoom = between(SMALLEST_FIT, whole, 1.4)
  return {
    zoom,
    x: (width - board.width * CELL * zoom) / 2,
    y: (height - board.height * CELL * zoom) / 2,
  }
}

/** The camera moved so that some of the board always stays in the window. */
export function keptInView(camera: Camera, board: Board, width: number, height: number): Camera {
  const keep = CELL
  return {
    zoom: camera.zoom,
    x: between(keep - board.width * CELL * camera.zoom, camera.x, width - keep),
    y: between(keep - board.height * CELL * camera.zoom, camera.y, height - keep),
  }
}
