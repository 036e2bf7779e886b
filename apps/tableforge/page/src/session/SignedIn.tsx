import { useEffect, useMemo, useState } from 'react'
import type { Place } from '../../../src/places.js'
import type { SessionInfo } from '../../../src/protocol.js'
import { Lobby } from '../lobby/Lobby.js'
import { call } from '../server/call.js'
import { openSocket, type TableSocket } from '../server/socket.js'
import { useConnection } from '../server/use-connection.js'
import { TablePage } from '../table/TablePage.js'
import { SessionContext } from './session.js'

interface Props {
  place: Place
  session: SessionInfo
  onSession: (session: SessionInfo) => void
  /** The session is over; `notice` says why when the person did not ask for it. */
  onEnded: (notice?: string) => void
}

/** Everything that needs a session: its socket, its renewal, and the place that the address names. */
export function SignedIn(props: Props) {
  const [socket, setSocket] = useState<TableSocket>()
  useEffect(() => {
    const opened = openSocket()
    setSocket(opened)
    return () => {
      opened.disconnect()
    }
  }, [])
  return socket === undefined ? null : <Connected {...props} socket={socket} />
}

function Connected({ place, session, onSession, onEnded, socket }: Props & { socket: TableSocket }) {
  const connection = useConnection(socket)
  useRenewal(session, onSession, onEnded)
  useEnd(socket, onEnded)
  const value = useMemo(
    () => ({
      me: session.user,
      socket,
      connection,
      signOut: async () => {
        await call('session.signOut', {})
        onEnded()
      },
      rename: (user: SessionInfo['user']) => onSession({ ...session, user }),
    }),
    [session, socket, connection, onSession, onEnded],
  )
  return (
    <SessionContext value={value}>
      {place.name === 'table' ? <TablePage key={place.slug} slug={place.slug} /> : <Lobby />}
    </SessionContext>
  )
}

/** Renews the session some minutes before it expires. */
function useRenewal(session: SessionInfo, onSession: Props['onSession'], onEnded: Props['onEnded']): void {
  useEffect(() => {
    const due = session.sessionExpiresAt - Date.now()
    const renew = () => {
      call('session.refresh', {})
        .then(onSession)
        .catch(() => onEnded('Your session could not be renewed.'))
    }
    const timer = setTimeout(renew, Math.max(0, due * 0.9))
    return () => clearTimeout(timer)
  }, [session.sessionExpiresAt, onSession, onEnded])
}

/** A socket that the server closes says that this session ended, elsewhere or by renewal; the server knows which. */
function useEnd(socket: TableSocket, onEnded: Props['onEnded']): void {
  useEffect(() => {
    const ended = () => {
      void call('session.get', {}).then(
        ({ session }) => (session === null ? onEnded('You were signed out.') : socket.disconnect().connect()),
        () => onEnded('You were signed out.'),
      )
    }
    const refused = () => {
      // `active` means that Socket.IO tries again by itself: the network failed. Otherwise the server said no.
      if (!socket.active) ended()
    }
    socket.on('session:ended', ended)
    socket.on('connect_error', refused)
    return () => {
      socket.off('session:ended', ended)
      socket.off('connect_error', refused)
    }
  }, [socket, onEnded])
}
