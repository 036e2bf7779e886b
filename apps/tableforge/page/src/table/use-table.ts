import { type Dispatch, useEffect, useReducer, useRef, useState } from 'react'
import type { Role } from '../../../src/protocol.js'
import { call, complaintOf } from '../server/call.js'
import { send, type TableSocket } from '../server/socket.js'
import { useSession } from '../session/session.js'
import { isBehind } from './room-versions.js'
import { hearTable } from './table-events.js'
import { emptyTable, reduceTable, type TableEvent, type TableState } from './table-state.js'

/** How long to wait before asking for the state again when the answer did not fill the gap, in milliseconds. */
const ASK_AGAIN_AFTER = 400

export interface Table {
  readonly state: TableState
  readonly dispatch: Dispatch<TableEvent>
  /** Whether what is shown is current: entered, caught up and connected. */
  readonly current: boolean
  readonly complaint: string | undefined
}

/** One table, entered when the component appears and again after every reconnection, kept current by patches. */
export function useTable(roomId: string, initialRole: Role): Table {
  const { socket, connection } = useSession()
  const [state, dispatch] = useReducer(reduceTable, initialRole, emptyTable)
  const [entered, setEntered] = useState(false)
  const [complaint, setComplaint] = useState<string>()

  useEffect(() => hearTable(socket, roomId, dispatch), [socket, roomId])

  useEffect(() => {
    if (connection !== 'live') return
    let gone = false
    const arrived = () => {
      if (gone) return
      setEntered(true)
      setComplaint(undefined)
    }
    const refused = (error: unknown) => {
      if (!gone) setComplaint(complaintOf(error))
    }
    enter(socket, roomId, dispatch).then(arrived, refused)
    return () => {
      gone = true
      setEntered(false)
      if (socket.connected) socket.emit('room:exit', { roomId })
    }
  }, [socket, roomId, connection])

  const behind = state.held !== undefined && isBehind(state.held)
  useFilledGap(roomId, entered && behind, state.held?.room.version, dispatch)
  useRoleView(roomId, state.role, dispatch)

  return { state, dispatch, current: entered && connection === 'live' && !behind, complaint }
}

async function enter(socket: TableSocket, roomId: string, dispatch: Dispatch<TableEvent>): Promise<void> {
  // Entered first, so that what changes while the rest is loading is heard.
  const { role, online } = await send(socket, 'room:enter', { roomId })
  dispatch({ type: 'entered', role, online })
  const [room, { players }, { hand }, page] = await Promise.all([
    call('room.state', { roomId }),
    call('players.list', { roomId }),
    call('hand.get', { roomId }),
    call('chat.page', { roomId }),
  ])
  dispatch({ type: 'state', room })
  dispatch({ type: 'players', players })
  dispatch({ type: 'hand', hand })
  dispatch({ type: 'chat.newest', page })
}

/** Asks for the state while patches are missing. */
function useFilledGap(roomId: string, behind: boolean, version: number | undefined, dispatch: Dispatch<TableEvent>) {
  useEffect(() => {
    if (!behind) return
    let gone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      const room = await call('room.state', { roomId }).catch(() => undefined)
      if (gone) return
      if (room !== undefined && room.version > (version ?? 0)) dispatch({ type: 'state', room })
      else timer = setTimeout(() => void ask(), ASK_AGAIN_AFTER)
    }
    void ask()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [roomId, behind, version, dispatch])
}

/** A new role sees more or less of the table: what was seen under the old one is asked for again. */
function useRoleView(roomId: string, role: Role | null, dispatch: Dispatch<TableEvent>): void {
  const seen = useRef(role)
  useEffect(() => {
    if (seen.current === role) return
    seen.current = role
    if (role === null) return
    let gone = false
    void Promise.all([call('room.state', { roomId }), call('hand.get', { roomId })]).then(
      ([room, { hand }]) => {
        if (gone) return
        dispatch({ type: 'state', room })
        dispatch({ type: 'hand', hand })
      },
      // The role may have changed once more; its own event brings the view.
      () => undefined,
    )
    return () => {
      gone = true
    }
  }, [roomId, role, dispatch])
}
