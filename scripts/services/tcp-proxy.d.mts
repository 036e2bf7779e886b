/** What can be done to the connections of one client, or of only those that it has subscribed on. */
export type Connections = 'all' | 'subscribers'

/** A TCP proxy of our own in front of one server: the network between a client and Redis, to be broken at will. */
export interface TcpProxy extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly url: string
  /** Ends connections at once; new ones are accepted. Returns how many were ended. */
  cut(which?: Connections): number
  /** Ends all connections and refuses new ones until `heal()`. */
  refuse(): void
  /** Lets nothing through in either direction, and loses nothing, until `heal()`: what a dead route looks like. */
  stall(which?: Connections): void
  /** Delivers every answer so many milliseconds late, in order, until `heal()`. */
  slow(ms: number): void
  /** Goes back to forwarding everything, beginning with what was held up. */
  heal(): void
  stop(): Promise<void>
}

/** Starts a proxy on a free loopback port. */
export function startProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy>
