/** What a process with one cache is started with, as JSON. */
export interface RemoteProcessSettings {
  readonly host: string
  readonly port: number
  readonly namespace: string
  /** Which of `everybody`. */
  readonly index: number
  /** Keys that are read in turn, and how many of them memory can hold. */
  readonly keys: number
  readonly inMemory: number
  readonly valueBytes: number
}

/** So many calls by so many readers, each of which awaits its value before it asks for the next; or bulk reads. */
export type RemoteOrder =
  | { readonly calls: number; readonly readers: number }
  | { readonly calls: number; readonly keysAtOnce: number }

export interface RemoteAnswer {
  /** Mean of a call. */
  readonly nanoseconds: number
  /** Calls of the loader meanwhile: keys that were not found in Redis. */
  readonly loads: number
}

export interface RemoteReady {
  readonly name: string
  readonly packages: readonly string[]
  readonly configuration: string
}
