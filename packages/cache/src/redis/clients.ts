import type { WatchedConnection } from './silent-sockets.js'

/**
 * What is used of an ioredis (5, 6) or iovalkey client, single, found through Sentinel, or Cluster. Narrow, so that the
 * library neither ships nor requires their types.
 */
export interface IoredisClient extends WatchedConnection {
  readonly status: string
  readonly options: object
  callBuffer(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>
  sendCommand(command: object): unknown
  pipeline(): IoredisPipeline
  connect(): Promise<unknown>
  disconnect(): void
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
  /** On a Cluster only. */
  nodes?(role: 'master' | 'all'): IoredisNode[]
  /** On a Cluster only: the addresses of the nodes that serve each slot, as far as it knows. */
  readonly slots?: readonly (readonly string[] | undefined)[]
}

/** The class of the commands of an {@link IoredisClient}. */
export type IoredisCommand = new (
  name: string,
  args: readonly string[],
  options: { replyEncoding: null },
) => { args: readonly string[] }

export interface IoredisPipeline {
  callBuffer(command: string, ...args: (string | Buffer | number)[]): unknown
  exec(): Promise<[error: Error | null, result: unknown][] | null>
}

/** One server's connection: what a single client is, and what a Cluster consists of. */
export interface IoredisNode extends IoredisClient {
  duplicate(override?: object): IoredisNode
  subscribe(...channels: string[]): Promise<unknown>
  ping(): Promise<unknown>
}

/** What is used of a node-redis (5, 6) client. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly options?: object | undefined
  sendCommand(args: (string | Buffer)[], options: { typeMapping: Record<number, unknown> }): Promise<unknown>
  duplicate(override?: object): NodeRedisClient
  connect(): Promise<unknown>
  destroy(): void
  ping(): Promise<unknown>
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<unknown>
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
}
