/** What a command takes. Texts are sent as UTF-8, bytes as they are. */
export type Argument = string | number | Uint8Array

/** What a command answers: bulk strings as bytes, status lines as text, absent as null. */
export type Reply = Buffer | string | number | null | readonly Reply[]

export type Command = readonly [name: string, args: readonly Argument[]]

export type ConnectionState = 'connecting' | 'up' | 'down'

export interface SubscriberEvents {
  message(channel: string, payload: string): void
  /** The connection is gone; it is not opened again. */
  end(error: unknown): void
}

/** A connection that only listens. It is not opened again: to go on listening, open another. */
export interface Subscriber {
  /** Resolves when the server answers. */
  ping(): Promise<void>
  close(): void
}

/**
 * What the tier needs of a Redis client, whichever it is. Commands are sent at once, those of one turn of the event
 * loop together; while the connection is down they are refused, never queued. A single Redis, one found through
 * Sentinel, and a Cluster look alike: each command goes where its first key lives.
 */
export interface RedisConnection {
  readonly cluster: boolean
  state(): ConnectionState
  onState(listener: (state: ConnectionState, error?: unknown) => void): void
  /** Resolves when commands are answered; rejects with the client's own error. Goes on trying behind. */
  connect(): Promise<void>
  command(name: string, args: readonly Argument[]): Promise<Reply>
  /** The value of a key: one `GET`. */
  value(key: string): Promise<Reply>
  /**
   * The values of many keys: one `MGET`, or on a Cluster, where a command is of one slot, one for each slot, and one
   * write for each server.
   */
  values(keys: readonly string[]): Promise<readonly Reply[]>
  /** Sends commands in order to the one server where the first one's key lives. Rejects with the first error. */
  together(commands: readonly Command[]): Promise<readonly Reply[]>
  /** A sender of commands for each master, for what has no key. */
  masters(): readonly ((name: string, args: readonly Argument[]) => Promise<Reply>)[]
  openSubscriber(channels: readonly string[], events: SubscriberEvents): Promise<Subscriber>
  /** Closes what this library opened. */
  close(): Promise<void>
}

/** What a command is refused with while the connection is down; says why it is, as far as the client said it. */
export function notConnected(lastError: unknown): Error {
  return new Error(lastError instanceof Error ? `not connected (${lastError.message})` : 'not connected')
}
