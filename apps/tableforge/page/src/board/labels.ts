import type { Token } from '../../../src/protocol.js'
import { CELL, type Point } from './geometry.js'

/** The size of a written name, in CSS pixels on the screen at any zoom, as `styles/board.css` draws it. */
const LABEL = { height: 15, gap: 1, most: 90, padding: 11, character: 7.5 } as const
/** How far a name overlaps the lower edge of its token, in pixels of the plane. */
const OVERLAP = 5

type Named = Pick<Token, 'id' | 'name' | 'size' | 'x' | 'y'>

/**
 * Where the name of each token is written, by its id: right below it, or further down where another name already is.
 * The middle of the upper edge, in pixels of the plane.
 */
export function labelPlaces(tokens: readonly Named[], zoom: number): ReadonlyMap<string, Point> {
  const step = (LABEL.height + LABEL.gap) / zoom
  const placed: { id: string; x: number; y: number; half: number }[] = []
  for (const token of tokens.toSorted((a, b) => bottom(a) - bottom(b))) {
    const x = (token.x + token.size / 2) * CELL
    const half = widthOf(token.name) / zoom / 2
    const beside = placed.filter((other) => Math.abs(other.x - x) < other.half + half)
    let y = bottom(token) * CELL - OVERLAP
    // Sorted, so that one walk down past those beside it finds the first free place.
    for (const other of beside.sort((a, b) => a.y - b.y)) if (Math.abs(other.y - y) < step) y = other.y + step
    placed.push({ id: token.id, x, y, half })
  }
  return new Map(placed.map(({ id, x, y }) => [id, { x, y }]))
}

const bottom = ({ y, size }: Named): number => y + size

/** Estimated: a little more than bold letters take on average. */
const widthOf = (name: string): number => Math.min(LABEL.most, LABEL.padding + [...name].length * LABEL.character)
