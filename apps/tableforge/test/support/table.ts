import { type Logger, pino } from 'pino'
import { io, type Socket } from 'socket.io-client'
import { type Call, createClient } from '../../src/client.js'
import { readConfiguration } from '../../src/configuration.js'
import { createRoom } from '../../src/domain/rooms.js'
import {
  type Ack,
  type ClientEventName,
  type ClientEventResults,
  type ClientToServer,
  SESSION_COOKIE,
  type ServerToClient,
  type User,
} from '../../src/protocol.js'
import { openTable, type Table } from '../../src/table.js'

const SECRET = 'a secret that is only for the tests of this app'

/** Errors that the app logs fail the test that caused them. */
export function strictLogger(): Logger {
  return pino({ level: 'error' }, { write: (line: string) => Promise.reject(new Error(`the app logged: ${line}`)) })
}

export async function startTable(env: Record<string, string> = {}): Promise<Table> {
  const configuration = await readConfiguration({
    PORT: '0',
    BOTS: '0',
    SESSION_SECRET: SECRET,
    CACHE_COMPRESS_ABOVE: 'off',
    // A healthy Redis on a starved machine is not taken for a silent one.
    CACHE_REMOTE_TIMEOUT: '30s',
    ...env,
  })
  return openTable(configuration, strictLogger())
}

type Events = Socket<ServerToClient, ClientToServer>

/** Somebody at a browser: a cookie, the HTTP interface, a socket that remembers all it was sent. */
export class Person {
  readonly url: string
  readonly call: Call
  cookie = ''
  user!: User
  /** Everything received over HTTP and the socket, as text. */
  readonly received: string[] = []
  readonly events: { name: string; payload: unknown }[] = []
  socket: Events | undefined

  constructor(url: string) {
    this.url = url
    this.call = createClient({ baseUrl: url, fetch: (address, init) => this.fetch(address, init) })
  }

  async fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.cookie !== '') headers.set('cookie', this.cookie)
    const response = await fetch(address.startsWith('http') ? address : `${this.url}${address}`, { ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      if (line.startsWith(`${SESSION_COOKIE}=`)) this.cookie = line.split(';')[0]!
    }
    this.received.push(await response.clone().text())
    return response
  }

  async connect(): Promise<Events> {
    const socket: Events = io(this.url, {
      transports: ['websocket'],
      extraHeaders: { cookie: this.cookie },
      reconnection: false,
      forceNew: true,
    })
    this.socket = socket
    socket.onAny((name: string, payload: unknown) => {
      this.events.push({ name, payload })
      this.received.push(JSON.stringify(payload) ?? '')
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('connect_error', reject)
    })
    return socket
  }

  async send<N extends ClientEventName>(
    name: N,
    payload: Parameters<ClientToServer[N]>[0],
  ): Promise<Ack<ClientEventResults[N]>> {
    const socket = this.socket!.timeout(30_000) as unknown as {
      emitWithAck(name: string, payload: unknown): Promise<Ack<ClientEventResults[N]>>
    }
    const answer = await socket.emitWithAck(name, payload)
    this.received.push(JSON.stringify(answer))
    return answer
  }

  /** Enters a room over the socket, connecting first. */
  async enter(roomId: string) {
    await this.connect()
    const answer = await this.send('room:enter', { roomId })
    if (!answer.ok) throw new Error(answer.error.message)
    return answer.value
  }

  eventsNamed<N extends keyof ServerToClient>(name: N): Parameters<ServerToClient[N]>[0][] {
    return this.events
      .filter((event) => event.name === name)
      .map(({ payload }) => payload as Parameters<ServerToClient[N]>[0])
  }

  leave(): void {
    this.socket?.disconnect()
  }
}

export async function person(url: string, name: string): Promise<Person> {
  const one = new Person(url)
  one.user = (await one.call('session.signIn', { name })).user
  return one
}

/** A room with a game master and players, all members; made past the limit on making rooms. */
export async function roomWith({ domain }: Table, gm: Person, players: Person[] = []): Promise<string> {
  const actor = { user: gm.user, sessionId: 'none', sessionExpiresAt: 0 }
  const wanted = { name: `Room ${Math.random()}`, systemId: 'embers', visibility: 'public' as const }
  const { id: roomId } = await createRoom(domain, actor, wanted)
  for (const player of players) await player.call('room.join', { roomId })
  return roomId
}

/** Awaits a condition; fails with its last error, or with `what`, when it does not come true in time. */
export async function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const result = await condition()
    if (result) return result
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The refusal's code of a call that must fail. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'nothing was refused',
    (error: { code?: string }) => error.code ?? String(error),
  )
}
