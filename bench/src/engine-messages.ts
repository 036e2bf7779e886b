import type { MemoryPolicy } from '@tableforge/cache/testing'
import type { EngineWork } from './engine-work.js'

/** What a process with one engine is started with, as JSON. */
export interface EngineSettings {
  readonly engine: MemoryPolicy | 'lru-cache'
  readonly entries: number
  readonly work: EngineWork
}

/** Said when the engine is full and warm. Each order after that is one round, answered by what it took. */
export interface EngineReady {
  readonly name: string
  readonly packages: readonly string[]
  readonly configuration: string
}
