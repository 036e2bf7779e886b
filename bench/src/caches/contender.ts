/** Where a node finds what it needs, and how it loads. */
export interface NodeSettings {
  /** Of Redis, or of the proxy before it. */
  readonly host: string
  readonly port: number
  /** Prefix for everything in Redis. */
  readonly namespace: string
  readonly load: (key: string) => Promise<string>
}

/** One instance of a cache, as one process of an application would have it: its own memory, the shared Redis. */
export interface CacheNode {
  /** Reads through the cache. */
  read(key: string): Promise<string>
  /** Deletes one key everywhere. */
  invalidate(key: string): Promise<unknown>
  close(): Promise<unknown>
}

/** A cache that takes part in a comparison, set up as its documentation advises. */
export interface Contender {
  readonly name: string
  /** npm packages that it is made of; the first is the cache itself. */
  readonly packages: readonly string[]
  /** Exactly how it was configured, in words. */
  readonly configuration: string
  /** Whether other nodes are told of an invalidation at all. */
  readonly hasBus: boolean
  /** Whether it keeps a memory tier in front of Redis. */
  readonly hasMemory: boolean
  open(settings: NodeSettings): Promise<CacheNode>
}

/** Life of entries in every tier of every contender: longer than any measurement, so that no expiry hides anything. */
export const TTL_MS = 600_000
export const MAX_ENTRIES = 10_000
