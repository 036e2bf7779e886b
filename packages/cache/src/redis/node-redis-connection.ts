import type { NodeRedisClient } from './clients.js'
import {
  type Argument,
  type Command,
  type ConnectionState,
  notConnected,
  type RedisConnection,
  type Reply,
  type Subscriber,
  type SubscriberEvents,
} from './connection.js'

/**
 * Bulk strings (`RESP_TYPES.BLOB_STRING`) are wanted as bytes, or the client would decode values as UTF-8. Given with
 * each command: what node-redis 5 makes of `withTypeMapping` forgets it in `sendCommand`.
 */
const AS_BYTES = { typeMapping: { 36: Buffer } }

/** A {@link RedisConnection} on a node-redis client that was handed in. */
export class NodeRedisConnection implements RedisConnection {
  readonly cluster = false
  readonly #client: NodeRedisClient
  readonly #detach: () => void
  #listener: ((state: ConnectionState, error?: unknown) => void) | undefined
  #state: ConnectionState
  #lastError: unknown

  constructor(client: NodeRedisClient) {
    this.#client = client
    this.#state = client.isReady ? 'up' : 'connecting'
    const look = () => this.#become(client.isReady ? 'up' : 'down')
    this.#detach = listen(client, {
      ready: look,
      reconnecting: look,
      end: look,
      error: (error) => {
        this.#lastError = error
        look()
      },
    })
  }

  state(): ConnectionState {
    return this.#state
  }

  onState(listener: (state: ConnectionState, error?: unknown) => void): void {
    this.#listener = listener
  }

  async connect(): Promise<void> {
    const client = this.#client
    if (client.isReady) return
    if (!client.isOpen) throw new Error('the client that was handed in is not open; await its connect() first')
    await new Promise<void>((resolve, reject) => {
      const stop = listen(client, {
        ready: () => {
          stop()
          resolve()
        },
        error: (error) => {
          stop()
          reject(error)
        },
        end: () => {
          stop()
          reject(new Error('the connection was closed'))
        },
      })
    })
  }

  async command(name: string, args: readonly Argument[]): Promise<Reply> {
    this.#check()
    return (await this.#client.sendCommand([name, ...args.map(argument)], AS_BYTES)) as Reply
  }

  value(key: string): Promise<Reply> {
    return this.command('get', [key])
  }

  async values(keys: readonly string[]): Promise<readonly Reply[]> {
    return (await this.command('mget', keys)) as readonly Reply[]
  }

  together(commands: readonly Command[]): Promise<readonly Reply[]> {
    return Promise.all(commands.map(([name, args]) => this.command(name, args)))
  }

  masters() {
    return [(name: string, args: readonly Argument[]) => this.command(name, args)]
  }

  async openSubscriber(channels: readonly string[], events: SubscriberEvents): Promise<Subscriber> {
    const { socket } = (this.#client.options ?? {}) as { socket?: object }
    const client = this.#client.duplicate({ socket: { ...socket, reconnectStrategy: false } })
    let lastError: unknown
    let live = false
    const end = () => {
      if (live) events.end(lastError)
      live = false
    }
    listen(client, {
      error: (error) => {
        lastError = error
        if (!client.isReady) end()
      },
      end,
    })
    const close = () => {
      live = false
      if (client.isOpen) client.destroy()
    }
    try {
      await client.connect()
      await client.subscribe([...channels], (message, channel) => events.message(channel, message))
      live = true
    } catch (error) {
      close()
      throw error
    }
    return {
      ping: async () => {
        await client.ping()
      },
      close,
    }
  }

  async close(): Promise<void> {
    this.#detach()
  }

  #check(): void {
    if (!this.#client.isReady) throw notConnected(this.#lastError)
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.#listener?.(state, state === 'up' ? undefined : this.#lastError)
  }
}

function argument(value: Argument): string | Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return String(value)
}

function listen(client: NodeRedisClient, listeners: Record<string, (...args: unknown[]) => void>): () => void {
  for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
  return () => {
    for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
  }
}
