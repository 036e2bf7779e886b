import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import type { Board, Token } from '../../../src/protocol.js'
import { CELL, onBoard, type Point, snapped } from './geometry.js'

/** A pointer that moves less than this, in CSS pixels, clicks instead of dragging. */
const SLACK = 4

const arrows: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

interface Drag {
  readonly pointerId: number
  readonly from: Point
  readonly start: Point
  moved: boolean
}

export interface TokenDragOptions {
  token: Token
  /** Where the token is shown now. */
  at: Point
  board: Board
  zoom: number
  movable: boolean
  onSelect: (tokenId: string) => void
  onDrag: (tokenId: string, to: Point) => void
  onRelease: (tokenId: string, to: Point) => void
}

/**
 * Moves a token by pointer (it follows freely and snaps to the grid when let go; not with Alt held) or by arrow keys, a
 * cell at a time.
 */
export function useTokenDrag({ token, at, board, zoom, movable, onSelect, onDrag, onRelease }: TokenDragOptions) {
  const drag = useRef<Drag | undefined>(undefined)
  const place = (event: PointerEvent, { from, start }: Drag): Point => {
    const scale = CELL * zoom
    const to = { x: from.x + (event.clientX - start.x) / scale, y: from.y + (event.clientY - start.y) / scale }
    return onBoard(to, token, board)
  }
  const end = (event: PointerEvent) => {
    const current = drag.current
    if (current?.pointerId !== event.pointerId) return
    drag.current = undefined
    if (!current.moved) return
    const to = place(event, current)
    onRelease(token.id, onBoard(event.altKey ? to : snapped(to), token, board))
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      event.stopPropagation()
      onSelect(token.id)
      if (!movable) return
      event.currentTarget.setPointerCapture(event.pointerId)
      drag.current = {
        pointerId: event.pointerId,
        from: at,
        start: { x: event.clientX, y: event.clientY },
        moved: false,
      }
    },
    onPointerMove: (event: PointerEvent) => {
      const current = drag.current
      if (current?.pointerId !== event.pointerId) return
      const distance = Math.hypot(event.clientX - current.start.x, event.clientY - current.start.y)
      if (!current.moved && distance < SLACK) return
      current.moved = true
      onDrag(token.id, place(event, current))
    },
    onPointerUp: end,
    onPointerCancel: end,
    onKeyDown: (event: KeyboardEvent) => {
      const step = arrows[event.key]
      if (step === undefined || !movable) return
      event.preventDefault()
      const to = onBoard(snapped({ x: at.x + step.x, y: at.y + step.y }), token, board)
      onRelease(token.id, to)
    },
  }
}
