import type { Dispatch } from 'react'
import type { ServerToClient } from '../../../src/protocol.js'
import type { TableSocket } from '../server/socket.js'
import type { TableEvent } from './table-state.js'

type Listeners = Partial<ServerToClient>

/** Hears what the server says about one room; returns how to stop. */
export function hearTable(socket: TableSocket, roomId: string, dispatch: Dispatch<TableEvent>): () => void {
  const here = <E extends { roomId: string }>(toEvent: (event: E) => TableEvent) => {
    return (event: E) => {
      if (event.roomId === roomId) dispatch(toEvent(event))
    }
  }
  const listeners = {
    'room:patch': here((patch) => ({ type: 'patch', patch })),
    'room:secret': here((secret) => ({ type: 'secret', secret })),
    'room:players': here(({ players }) => ({ type: 'players', players })),
    'room:presence': here(({ userId, online }) => ({ type: 'presence', userId, online })),
    'room:deleted': here(() => ({ type: 'deleted' })),
    'chat:message': here((message) => ({ type: 'chat.message', message })),
    'chat:whisper': here((whisper) => ({ type: 'chat.whisper', whisper })),
    'hand:changed': here(({ hand }) => ({ type: 'hand', hand })),
    'role:changed': here(({ role }) => ({ type: 'role', role })),
  } satisfies Listeners
  const names = Object.keys(listeners) as (keyof typeof listeners)[]
  for (const name of names) socket.on(name, listeners[name] as never)
  return () => {
    for (const name of names) socket.off(name, listeners[name] as never)
  }
}
