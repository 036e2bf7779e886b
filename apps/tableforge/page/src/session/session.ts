import { createContext, useContext } from 'react'
import type { User } from '../../../src/protocol.js'
import type { TableSocket } from '../server/socket.js'
import type { Connection } from '../server/use-connection.js'

export interface Session {
  readonly me: User
  readonly socket: TableSocket
  readonly connection: Connection
  readonly signOut: () => Promise<void>
  /** After one changed one's own name or colour. */
  readonly rename: (user: User) => void
}

export const SessionContext = createContext<Session | undefined>(undefined)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (session === undefined) throw new Error('useSession is for components inside SignedIn')
  return session
}
