import { io, type Socket } from 'socket.io-client'
import type { Ack, ClientEventName, ClientEventResults, ClientToServer, ServerToClient } from '../../../src/protocol.js'
import { RequestError } from './call.js'

export type TableSocket = Socket<ServerToClient, ClientToServer>

/** How long an acknowledgement may take before the message counts as lost, in milliseconds. */
const ACKNOWLEDGE_WITHIN = 8_000

/** One socket for the whole page; it carries the session cookie and reconnects by itself. */
export function openSocket(): TableSocket {
  return io({ transports: ['websocket', 'polling'], reconnectionDelay: 400, reconnectionDelayMax: 4_000 })
}

/** Sends an event and waits for its acknowledgement; rejects with {@link RequestError} when the server refuses it. */
export async function send<N extends ClientEventName>(
  socket: TableSocket,
  name: N,
  payload: Parameters<ClientToServer[N]>[0],
): Promise<ClientEventResults[N]> {
  // Socket.IO's types cannot relate a generic event name to its payload; the signature above does.
  const untyped = socket as unknown as Socket
  const answer: Ack<ClientEventResults[N]> = await untyped.timeout(ACKNOWLEDGE_WITHIN).emitWithAck(name, payload)
  if (answer.ok) return answer.value
  throw new RequestError(400, answer.error)
}
