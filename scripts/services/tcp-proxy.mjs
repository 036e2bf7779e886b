import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const HOST = '127.0.0.1'
/** How a client of Redis asks for messages, whatever its capitals. */
const SUBSCRIBES = /\r\np?subscribe\r\n/i

/**
 * @param {{ readonly host: string, readonly port: number }} target
 * @returns {Promise<import('./tcp-proxy.mjs').TcpProxy>}
 */
export async function startProxy(target) {
  /** @typedef {{ chunk: Buffer, dueAt: number }} Late an answer that is held back */
  /**
   * @typedef {{ client: import('node:net').Socket, server: import('node:net').Socket, subscribes: boolean, late: Late[]
   *   }} Connection
   */
  /** @type {Set<Connection>} */
  const connections = new Set()
  let refusing = false
  let slowMs = 0
  /** @type {import('./tcp-proxy.mjs').Connections | undefined} */
  let stalled

  /** @param {Connection} connection @param {import('./tcp-proxy.mjs').Connections} which */
  const concerns = (connection, which) => which === 'all' || connection.subscribes
  /** @param {Connection} connection */
  const hold = ({ client, server }) => {
    client.pause()
    server.pause()
  }
  /** @param {Connection} connection */
  const end = ({ client, server }) => {
    client.destroy()
    server.destroy()
  }

  /** Answers keep their order, and are at least so late. @param {Connection} connection @param {Buffer} chunk */
  const answer = (connection, chunk) => {
    const { client, late } = connection
    if (slowMs === 0 && late.length === 0) {
      client.write(chunk)
      return
    }
    late.push({ chunk, dueAt: performance.now() + slowMs })
    if (late.length === 1) setTimeout(() => deliver(connection), slowMs)
  }
  /** @param {Connection} connection */
  const deliver = (connection) => {
    const { client, late } = connection
    const now = performance.now()
    while (late[0] !== undefined && (slowMs === 0 || late[0].dueAt <= now + 1)) {
      const { chunk } = /** @type {Late} */ (late.shift())
      if (!client.destroyed) client.write(chunk)
    }
    if (late[0] !== undefined) setTimeout(() => deliver(connection), Math.max(1, late[0].dueAt - now))
  }

  const listener = createServer((client) => {
    if (refusing) return client.destroy()
    const server = connect(target.port, target.host)
    /** @type {Connection} */
    const connection = { client, server, subscribes: false, late: [] }
    connections.add(connection)
    for (const [from, to] of /** @type {const} */ ([
      [client, server],
      [server, client],
    ])) {
      from.setNoDelay(true)
      from.on('data', (chunk) => {
        if (from === client && !connection.subscribes && SUBSCRIBES.test(chunk.toString('latin1'))) {
          connection.subscribes = true
          // The request itself still passes: only what it brings is held up.
          if (stalled === 'subscribers') queueMicrotask(() => hold(connection))
        }
        if (from === client) to.write(chunk)
        else answer(connection, chunk)
      })
      from.on('error', () => end(connection))
      from.on('end', () => to.end())
      from.on('close', () => {
        connections.delete(connection)
        end(connection)
      })
    }
    if (stalled === 'all') hold(connection)
  })
  listener.listen(0, HOST)
  await once(listener, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address())

  const heal = () => {
    refusing = false
    stalled = undefined
    slowMs = 0
    for (const connection of connections) deliver(connection)
    for (const { client, server } of connections) {
      client.resume()
      server.resume()
    }
  }
  /** @param {import('./tcp-proxy.mjs').Connections} [which] */
  const cut = (which = 'all') => {
    const chosen = [...connections].filter((connection) => concerns(connection, which))
    for (const connection of chosen) end(connection)
    return chosen.length
  }
  /** @type {Promise<void> | undefined} */
  let stopped
  const stop = () => {
    stopped ??= new Promise((resolve) => {
      listener.close(() => resolve())
      cut()
    })
    return stopped
  }
  return {
    host: HOST,
    port,
    url: `redis://${HOST}:${port}`,
    cut,
    refuse: () => {
      refusing = true
      cut()
    },
    stall: (which = 'all') => {
      stalled = which
      for (const connection of connections) if (concerns(connection, which)) hold(connection)
    },
    slow: (ms) => {
      slowMs = ms
    },
    heal,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
