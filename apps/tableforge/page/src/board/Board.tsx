import { type CSSProperties, type Dispatch, useCallback, useRef, useState } from 'react'
import type { Player, Role, RoomState } from '../../../src/protocol.js'
import { useSession } from '../session/session.js'
import type { TableEvent } from '../table/table-state.js'
import { useAction } from '../ui/use-action.js'
import { AddToken } from './AddToken.js'
import { BoardTools } from './BoardTools.js'
import { CELL, type Point } from './geometry.js'
import { mayMove } from './may-move.js'
import { TokenBar } from './TokenBar.js'
import { TokenNames } from './TokenNames.js'
import { TokenPiece } from './TokenPiece.js'
import { useCamera } from './use-camera.js'
import { useMoves } from './use-moves.js'

interface Props {
  room: RoomState
  role: Role | null
  players: readonly Player[]
  /** Whether moves can reach the server now. */
  current: boolean
  dispatch: Dispatch<TableEvent>
}

/** Custom properties for the style sheet; React's type of `style` leaves them out. */
const variables = (values: Record<`--${string}`, string | number>): CSSProperties => values as CSSProperties

/** The felt with its tokens, seen through a window that pans and zooms. */
export function Board({ room, role, players, current, dispatch }: Props) {
  const { me } = useSession()
  const view = useRef<HTMLElement>(null)
  const { board } = room
  const { camera, handlers, ...zoom } = useCamera(view, board)
  const moves = useMoves(room.roomId, dispatch)
  const [selectedId, setSelectedId] = useState<string>()
  const [adding, setAdding] = useState<Point>()
  const action = useAction()
  const select = useCallback((tokenId: string) => setSelectedId(tokenId), [])

  const selected = room.tokens.find((token) => token.id === selectedId)
  const nameOf = (userId: string | null) => players.find((player) => player.id === userId)?.name
  const complaint = moves.complaint ?? action.complaint

  const middle = (): Point => {
    const element = view.current
    const half = { x: (element?.clientWidth ?? 0) / 2, y: (element?.clientHeight ?? 0) / 2 }
    const scale = CELL * camera.zoom
    return { x: Math.floor((half.x - camera.x) / scale), y: Math.floor((half.y - camera.y) / scale) }
  }
  return (
    <div className="board-frame">
      <section
        ref={view}
        className="board"
        aria-label="Board"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys pan the board while it has the focus
        tabIndex={0}
        {...handlers}
        onPointerDown={(event) => {
          setSelectedId(undefined)
          handlers.onPointerDown(event)
        }}
      >
        <div
          className="plane"
          style={{
            width: board.width * CELL,
            height: board.height * CELL,
            transform: `translate(${camera.x}px, ${camera.y}px) scale(${camera.zoom})`,
            ...variables({ '--zoom': camera.zoom, '--board': board.background }),
          }}
        >
          {room.tokens.map((token) => (
            <TokenPiece
              key={token.id}
              token={token}
              at={moves.local.get(token.id) ?? token}
              board={board}
              zoom={camera.zoom}
              movable={current && mayMove(token, me.id, role)}
              mine={moves.local.has(token.id)}
              selected={token.id === selectedId}
              ownerName={nameOf(token.ownerId)}
              onSelect={select}
              onDrag={moves.drag}
              onRelease={moves.release}
            />
          ))}
          <TokenNames tokens={room.tokens} local={moves.local} zoom={camera.zoom} />
        </div>
      </section>
      <p id="how-to-move" hidden>
        Drag it, or move it with the arrow keys.
      </p>
      <BoardTools zoom={zoom} onAdd={current && role !== 'spectator' ? () => setAdding(middle()) : undefined} />
      {selected !== undefined && (
        <TokenBar
          roomId={room.roomId}
          token={selected}
          role={role}
          movable={current && mayMove(selected, me.id, role)}
          action={action}
          ownerName={nameOf(selected.ownerId)}
        />
      )}
      {complaint !== undefined && (
        <p className="board-complaint" role="alert">
          {complaint}
        </p>
      )}
      {adding !== undefined && (
        <AddToken room={room} role={role} players={players} at={adding} onClose={() => setAdding(undefined)} />
      )}
    </div>
  )
}
