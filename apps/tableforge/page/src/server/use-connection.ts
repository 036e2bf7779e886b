import { useEffect, useState } from 'react'
import type { TableSocket } from './socket.js'

/** `connecting`: never connected yet; `lost`: was connected, is trying again. */
export type Connection = 'connecting' | 'live' | 'lost'

export function useConnection(socket: TableSocket): Connection {
  const [connection, setConnection] = useState<Connection>(socket.connected ? 'live' : 'connecting')
  useEffect(() => {
    const connected = () => setConnection('live')
    const lost = () => setConnection('lost')
    const failed = () => setConnection((before) => (before === 'live' ? 'lost' : before))
    socket.on('connect', connected)
    socket.on('disconnect', lost)
    socket.on('connect_error', failed)
    if (socket.connected) connected()
    return () => {
      socket.off('connect', connected)
      socket.off('disconnect', lost)
      socket.off('connect_error', failed)
    }
  }, [socket])
  return connection
}
