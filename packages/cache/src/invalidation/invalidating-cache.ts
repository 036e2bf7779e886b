import type { CacheEventListener } from '../events.js'
import type { InvalidationMode } from '../ports.js'

/** What an invalidation or a set came to: its place in the log, and whether other nodes will hear of it by now. */
export interface Receipt {
  readonly seq: number | undefined
  readonly propagated: boolean
}

/** What may be invalidated in one step of the log. */
export interface InvalidationRequest {
  readonly keys?: readonly string[]
  readonly tags?: readonly string[]
  readonly pattern?: string
  readonly regex?: RegExp
  readonly mode?: InvalidationMode
}

/** The part of the public cache that this layer stands on; every `Cache` is one. */
export interface InvalidatingCache {
  readonly node: string
  invalidate(request: InvalidationRequest): Promise<Receipt>
  clear(): Promise<Receipt>
  inspect(key: string): Promise<{
    readonly memory: { readonly tags: readonly string[] } | undefined
    readonly remote: { readonly tags: readonly string[] } | undefined
  }>
  stats(): { readonly log: { readonly applied: number } }
  on<T extends 'applied' | 'log-lost'>(type: T, listener: CacheEventListener<T>): () => void
}
