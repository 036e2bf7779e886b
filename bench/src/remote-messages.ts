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

/** Reads for some time by so many readers, each of which awaits what it has asked for before it asks for the next. */
export interface RemoteOrder {
  readonly readers: number
  /** Keys of one call: 1 for plain reads, more for bulk reads. */
  readonly keysAtOnce: number
  readonly forMs: number
}

export interface RemoteAnswer {
  /** From one call to the next, over all readers. */
  readonly nanoseconds: number
  /** Calls of the loader meanwhile: keys that were not found in Redis. */
  readonly loads: number
}

export interface RemoteReady {
  readonly name: string
  readonly packages: readonly string[]
  readonly configuration: string
}
