import { io, type Socket } from 'socket.io-client'
import { type Call, createClient } from '../client.js'
import {
  type Ack,
  type Card,
  type ClientEventName,
  type ClientEventResults,
  type ClientToServer,
  type Player,
  type Role,
  type RoomState,
  SESSION_COOKIE,
  type ServerToClient,
  type User,
} from '../protocol.js'
import { applyPatch } from '../room-state.js'

/** What a player has before them while at a table; kept up to date by what the server sends, as the web page does. */
export interface View {
  readonly roomId: string
  role: Role
  state: RoomState
  players: Player[]
  hand: Card[]
}

/**
 * One simulated person at their computer: a cookie, the HTTP interface, one socket, and the table in front of them.
 * Knows nothing of the server but its address.
 */
export class Seat {
  readonly call: Call
  readonly #url: string
  readonly #signal: AbortSignal
  #cookie = ''
  #socket: Socket<ServerToClient, ClientToServer> | undefined
  #refetching = false
  user: User | undefined
  view: View | undefined

  constructor(url: string, signal: AbortSignal) {
    this.#url = url
    this.#signal = signal
    this.call = createClient({ baseUrl: url, fetch: (address, init) => this.#fetch(address, init) })
  }

  async signIn(name: string): Promise<void> {
    this.user = (await this.call('session.signIn', { name })).user
  }

  async signOut(): Promise<void> {
    this.disconnect()
    await this.call('session.signOut', {})
    this.user = undefined
  }

  /** Opens the table of a room: the socket first, then everything that the page shows. */
  async sitDown(roomId: string): Promise<View> {
    await this.#connect()
    const { role } = await this.send('room:enter', { roomId })
    const [state, { players }, { hand }] = await Promise.all([
      this.call('room.state', { roomId }),
      this.call('players.list', { roomId }),
      this.call('hand.get', { roomId }),
    ])
    this.view = { roomId, role, state, players, hand }
    return this.view
  }

  async standUp(): Promise<void> {
    const { view } = this
    this.view = undefined
    if (view !== undefined && this.#socket?.connected) await this.send('room:exit', { roomId: view.roomId })
  }

  /** Rejects with the server's words when it refuses. */
  async send<N extends ClientEventName>(
    name: N,
    payload: Parameters<ClientToServer[N]>[0],
  ): Promise<ClientEventResults[N]> {
    const socket = this.#socket
    if (socket === undefined) throw new Error('not connected')
    // Socket.IO cannot type an event whose name is generic; payload and answer are typed by this method.
    const emit = socket.timeout(5_000).emitWithAck.bind(socket.timeout(5_000)) as unknown as (
      name: string,
      payload: unknown,
    ) => Promise<Ack<ClientEventResults[N]>>
    const answer = await emit(name, payload)
    if (answer.ok) return answer.value
    throw new Error(answer.error.message)
  }

  disconnect(): void {
    this.#socket?.disconnect()
    this.#socket = undefined
    this.view = undefined
  }

  async #fetch(address: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.#cookie !== '') headers.set('cookie', this.#cookie)
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(10_000)])
    const response = await fetch(address, { ...init, headers, signal })
    for (const line of response.headers.getSetCookie()) {
      if (line.startsWith(`${SESSION_COOKIE}=`)) this.#cookie = line.split(';')[0]!
    }
    return response
  }

  async #connect(): Promise<void> {
    if (this.#socket?.connected) return
    this.#socket?.disconnect()
    const socket: Socket<ServerToClient, ClientToServer> = io(this.#url, {
      transports: ['websocket'],
      extraHeaders: { cookie: this.#cookie },
      reconnection: false,
      forceNew: true,
    })
    this.#socket = socket
    this.#follow(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', reject)
    })
  }

  #follow(socket: Socket<ServerToClient, ClientToServer>): void {
    socket.on('room:patch', (patch) => {
      const { view } = this
      if (view === undefined || patch.roomId !== view.roomId || patch.version <= view.state.version) return
      if (patch.version === view.state.version + 1) view.state = applyPatch(view.state, patch)
      else void this.#refetch(view)
    })
    socket.on('room:players', ({ roomId, players }) => {
      if (this.view?.roomId === roomId) this.view.players = players
    })
    socket.on('hand:changed', ({ roomId, hand }) => {
      if (this.view?.roomId === roomId) this.view.hand = hand
    })
    socket.on('role:changed', ({ roomId, role }) => {
      if (this.view?.roomId !== roomId) return
      if (role === null) this.view = undefined
      else this.view.role = role
    })
    socket.on('room:deleted', ({ roomId }) => {
      if (this.view?.roomId === roomId) this.view = undefined
    })
  }

  /** A patch was missed. */
  async #refetch(view: View): Promise<void> {
    if (this.#refetching) return
    this.#refetching = true
    try {
      const state = await this.call('room.state', { roomId: view.roomId })
      if (state.version > view.state.version) view.state = state
    } catch {
      // The next patch finds the same gap and asks again.
    } finally {
      this.#refetching = false
    }
  }
}
