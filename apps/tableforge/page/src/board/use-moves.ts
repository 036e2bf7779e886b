import { type Dispatch, useCallback, useEffect, useMemo, useState } from 'react'
import { complaintOf } from '../server/call.js'
import { send } from '../server/socket.js'
import { useSession } from '../session/session.js'
import type { TableEvent } from '../table/table-state.js'
import type { Point } from './geometry.js'
import { MoveSender } from './move-sender.js'

export interface Moves {
  /** Where tokens that one is moving are shown until the server has answered; the others are where their state says. */
  readonly local: ReadonlyMap<string, Point>
  readonly complaint: string | undefined
  readonly drag: (tokenId: string, to: Point) => void
  readonly release: (tokenId: string, to: Point) => void
}

/** One's own moves, shown at once and reconciled with what the server stored. */
export function useMoves(roomId: string, dispatch: Dispatch<TableEvent>): Moves {
  const { socket } = useSession()
  const [local, setLocal] = useState<ReadonlyMap<string, Point>>(new Map())
  const [complaint, setComplaint] = useState<string>()

  const sender = useMemo(
    () =>
      new MoveSender(
        (tokenId, to) => send(socket, 'token:move', { roomId, tokenId, ...to }),
        (tokenId, outcome) => {
          if ('token' in outcome) dispatch({ type: 'token', token: outcome.token })
          else setComplaint(complaintOf(outcome.error))
          setLocal((before) => new Map([...before].filter(([id]) => id !== tokenId)))
        },
      ),
    [socket, roomId, dispatch],
  )
  useEffect(() => () => sender.stop(), [sender])

  const show = useCallback((tokenId: string, to: Point) => {
    setComplaint(undefined)
    setLocal((before) => new Map(before).set(tokenId, to))
  }, [])
  const drag = useCallback(
    (tokenId: string, to: Point) => {
      show(tokenId, to)
      sender.drag(tokenId, to)
    },
    [show, sender],
  )
  const release = useCallback(
    (tokenId: string, to: Point) => {
      show(tokenId, to)
      sender.release(tokenId, to)
    },
    [show, sender],
  )
  return { local, complaint, drag, release }
}
