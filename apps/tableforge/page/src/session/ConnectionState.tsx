import type { Connection } from '../server/use-connection.js'
import { useSession } from './session.js'

const words: Record<Connection, string> = { connecting: 'Connecting…', live: 'Live', lost: 'Reconnecting…' }

/** Whether what one sees is what is. */
export function ConnectionState() {
  const { connection } = useSession()
  return (
    <p className={`connection ${connection}`} role="status">
      <span className="lamp" aria-hidden="true" />
      <span>{words[connection]}</span>
    </p>
  )
}
