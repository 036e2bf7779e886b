import { memo } from 'react'
import type { Token } from '../../../src/protocol.js'
import { initialsOf, inkOn } from '../ui/ink.js'
import { CELL, type Point } from './geometry.js'
import { type TokenDragOptions, useTokenDrag } from './use-token-drag.js'

interface Props extends TokenDragOptions {
  /** Being moved from this page: it follows the pointer without delay. */
  mine: boolean
  selected: boolean
  ownerName: string | undefined
}

/** A token on the board. Others' moves glide, because a report is the end of a CSS transition. */
export const TokenPiece = memo(function TokenPiece(props: Props) {
  const { token, at, movable, mine, selected, ownerName, onSelect } = props
  const handlers = useTokenDrag(props)
  const names = ['token', mine && 'mine', selected && 'selected', token.hidden && 'secret', token.flipped && 'flipped']
  return (
    <button
      type="button"
      className={names.filter(Boolean).join(' ')}
      style={{
        width: token.size * CELL,
        height: token.size * CELL,
        transform: `translate(${at.x * CELL}px, ${at.y * CELL}px)`,
      }}
      data-token={token.id}
      data-x={at.x}
      data-y={at.y}
      aria-describedby={movable ? 'how-to-move' : undefined}
      aria-pressed={selected}
      onFocus={() => onSelect(token.id)}
      {...handlers}
    >
      <span
        className="token-disc"
        aria-hidden="true"
        style={{ backgroundColor: token.color, color: inkOn(token.color) }}
      >
        {token.imageUrl === null ? (
          <span style={{ fontSize: token.size * CELL * 0.3 }}>{initialsOf(token.name)}</span>
        ) : (
          <img src={token.imageUrl} alt="" draggable={false} />
        )}
      </span>
      <span className="hidden-visually">{spoken(token, at, ownerName)}</span>
    </button>
  )
})

/** What the picture shows, and the name that stands below it. */
function spoken(token: Token, at: Point, ownerName: string | undefined): string {
  const parts = [token.name]
  if (ownerName !== undefined) parts.push(`of ${ownerName}`)
  parts.push(`column ${Math.round(at.x) + 1}, row ${Math.round(at.y) + 1}`)
  if (token.flipped) parts.push('face down')
  if (token.hidden) parts.push('hidden from players')
  return parts.join(', ')
}
