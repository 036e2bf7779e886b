import type { IoredisClient, IoredisCommand, IoredisNode } from './clients.js'
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
import { hashSlot } from './hash-slot.js'
import { closeSilentSockets } from './silent-sockets.js'

/** A subscriber lives once and may wait for its only connection; {@link Subscription} opens the next one. */
const SUBSCRIBER = {
  lazyConnect: true,
  enableOfflineQueue: true,
  enableReadyCheck: false,
  maxRetriesPerRequest: null,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
}

const AS_BYTES = { replyEncoding: null }

/** A {@link RedisConnection} on an ioredis or iovalkey client. */
export class IoredisConnection implements RedisConnection {
  readonly cluster: boolean
  readonly #client: IoredisClient
  readonly #owned: boolean
  readonly #Command: IoredisCommand | undefined
  readonly #random: () => number
  readonly #detach: () => void
  readonly #stopLooking: () => void
  #listener: ((state: ConnectionState, error?: unknown) => void) | undefined
  #state: ConnectionState
  #lastError: unknown

  /** `owned`: opened here. `Command` is the class of the client's commands, where that is known. */
  constructor(client: IoredisClient, owned: boolean, random: () => number, Command: IoredisCommand | undefined) {
    this.#client = client
    this.#owned = owned
    this.#Command = Command
    this.#random = random
    this.cluster = typeof client.nodes === 'function'
    this.#state = client.status === 'ready' ? 'up' : 'connecting'
    this.#connectNodes()
    this.#stopLooking = owned ? closeSilentSockets(() => client.nodes?.('all') ?? [client]) : () => undefined
    this.#detach = listen(client, {
      ready: () => {
        this.#connectNodes()
        this.#become('up')
      },
      close: () => this.#become('down'),
      end: () => this.#become('down'),
      error: (error) => {
        this.#lastError = error
      },
      '+node': () => setImmediate(() => this.#connectNodes()),
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
    if (client.status === 'ready') return
    await new Promise<void>((resolve, reject) => {
      let lastError: unknown
      const settle = (settled: () => void) => {
        stop()
        settled()
      }
      const fail = () => settle(() => reject(lastError ?? this.#lastError ?? new Error('the connection was closed')))
      const stop = listen(client, {
        // An error before ready counts although the client goes on, such as a database that does not exist.
        ready: () => (lastError === undefined ? settle(resolve) : fail()),
        close: fail,
        end: fail,
        error: (error) => {
          lastError = error
          // A client that looks for its master through Sentinel says only this, and goes on looking.
          if (client.status === 'connecting') setImmediate(fail)
        },
      })
      if (client.status === 'wait' || client.status === 'end') client.connect().catch(fail)
    })
  }

  command(name: string, args: readonly Argument[]): Promise<Reply> {
    if (this.#client.status !== 'ready') return Promise.reject(notConnected(this.#lastError))
    return this.#client.callBuffer(name, ...args.map(argument)) as Promise<Reply>
  }

  value(key: string): Promise<Reply> {
    return this.#read('get', [key])
  }

  values(keys: readonly string[]): Promise<readonly Reply[]> {
    return this.cluster ? this.#valuesOfCluster(keys) : (this.#read('mget', keys) as Promise<readonly Reply[]>)
  }

  /**
   * A command whose arguments are all keys, as an object whose list of arguments is put in place afterwards: everything
   * else copies the keys several times over and flattens a list that is flat, which for many keys takes longer than to
   * write them.
   */
  #read(name: string, keys: readonly string[]): Promise<Reply> {
    if (this.#Command === undefined || this.#client.status !== 'ready') return this.command(name, keys)
    const command = new this.#Command(name, [], AS_BYTES)
    command.args = keys
    return this.#client.sendCommand(command) as Promise<Reply>
  }

  async #valuesOfCluster(keys: readonly string[]): Promise<readonly Reply[]> {
    this.#check()
    const found = new Map<string, Reply>()
    const nodes = [...groupedBy(keys, (key) => this.#client.slots?.[hashSlot(key)]?.join() ?? '').values()]
    await Promise.all(nodes.map((ofNode) => this.#valuesOfNode(ofNode, found)))
    return keys.map((key) => found.get(key) ?? null)
  }

  /** One pipeline. What it cannot read, because slots are on the move, is read key by key, which follows them. */
  async #valuesOfNode(keys: readonly string[], found: Map<string, Reply>): Promise<void> {
    const slots = [...groupedBy(keys, hashSlot).values()]
    const pipeline = this.#client.pipeline()
    for (const ofSlot of slots) pipeline.callBuffer('mget', ...ofSlot)
    const answers = await pipeline.exec().catch(() => null)
    const left = slots.filter((ofSlot, index) => {
      const [error, values] = answers?.[index] ?? [true, undefined]
      if (error !== null) return true
      for (const [at, key] of ofSlot.entries()) found.set(key, (values as readonly Reply[])[at] ?? null)
      return false
    })
    await Promise.all(left.flat().map(async (key) => found.set(key, await this.command('get', [key]))))
  }

  async together(commands: readonly Command[]): Promise<readonly Reply[]> {
    this.#check()
    const pipeline = this.#client.pipeline()
    for (const [name, args] of commands) pipeline.callBuffer(name, ...args.map(argument))
    const answers = (await pipeline.exec()) ?? []
    return answers.map(([error, reply]) => {
      if (error !== null) throw error
      return reply as Reply
    })
  }

  masters() {
    this.#check()
    const nodes = this.#client.nodes?.('master') ?? [this.#client]
    return nodes.map((node) => async (name: string, args: readonly Argument[]) => {
      return (await node.callBuffer(name, ...args.map(argument))) as Reply
    })
  }

  async openSubscriber(channels: readonly string[], events: SubscriberEvents): Promise<Subscriber> {
    const nodes = this.#client.nodes?.('master') ?? [this.#client as IoredisNode]
    const node = nodes[Math.floor(this.#random() * nodes.length)]
    if (node === undefined) throw new Error('no master of the Cluster is known')
    const client = node.duplicate(SUBSCRIBER)
    let lastError: unknown
    let live = false
    listen(client, {
      error: (error) => {
        lastError = error
      },
      end: () => {
        if (live) events.end(lastError)
        live = false
      },
      messageBuffer: (channel, payload) => events.message(String(channel), String(payload)),
    })
    const close = () => {
      live = false
      client.disconnect()
    }
    try {
      await client.connect()
      await client.subscribe(...channels)
      live = true
    } catch (error) {
      close()
      throw lastError ?? error
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
    this.#stopLooking()
    if (!this.#owned) return
    // Errors of a connection that is being taken down concern nobody any more, but would be printed.
    const ended = new Promise<void>((resolve) => {
      listen(this.#client, { end: () => resolve(), error: () => undefined })
    })
    // One that waits for its next attempt only stops waiting, and says nothing.
    const open = this.#client.status === 'ready'
    this.#client.disconnect()
    if (open) await ended
  }

  #check(): void {
    if (this.#client.status !== 'ready') throw notConnected(this.#lastError)
  }

  /**
   * Nodes of a Cluster would be connected by the first command for them, and one that was not connected cannot be seen
   * to go away: the Cluster would look up when all its nodes are gone. Not before the Cluster is ready, whose own check
   * of its nodes would fail.
   */
  #connectNodes(): void {
    if (this.#client.status !== 'ready') return
    for (const node of this.#client.nodes?.('master') ?? []) {
      // Failure ends the node, which the Cluster notices.
      if (node.status === 'wait') node.connect().catch(() => undefined)
    }
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.#listener?.(state, state === 'up' ? undefined : this.#lastError)
    if (state === 'up') this.#lastError = undefined
  }
}

function groupedBy<By>(keys: readonly string[], by: (key: string) => By): Map<By, string[]> {
  const groups = new Map<By, string[]>()
  for (const key of keys) {
    const name = by(key)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [key])
    else group.push(key)
  }
  return groups
}

function argument(value: Argument): string | number | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

function listen(client: IoredisClient, listeners: Record<string, (...args: unknown[]) => void>): () => void {
  for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
  return () => {
    for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
  }
}
